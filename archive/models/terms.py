"""Terms, the curator's assignments of them, and the machine's suggestions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from archive.models.photographs import Photograph
from archive.querysets import SuggestionQuerySet, TermQuerySet
from archive.vocabularies import ReviewState

SUGGESTION_STATES = [
    state
    for state in ReviewState
    if state not in {ReviewState.NOT_NEEDED, ReviewState.DRAFT}
]


class UriField(models.URLField):  # type: ignore[type-arg]
    """A URL that is taken for https where it is typed without a scheme."""

    def formfield(self, **kwargs: Any) -> Any:
        """Return the form's field."""
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def deconstruct(self) -> Any:
        """Be Django's own field to the migrations: the database sees no difference."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


class Term(models.Model):
    """A concept of a controlled vocabulary, with its preferred label."""

    label = models.CharField(_("label"), max_length=200)
    vocabulary = models.CharField(_("vocabulary"), max_length=100, default="local")
    uri = UriField(_("URI"), max_length=300, blank=True)
    scope_note = models.TextField(_("scope note"), blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        """A label is used once in a vocabulary, whatever its case."""

        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(
                Lower("label"), "vocabulary", name="one_label_a_vocabulary"
            ),
        ]

    def __str__(self) -> str:
        """Return the preferred label."""
        return self.label


class TermSynonym(models.Model):
    """Another word for a term, found by search but never shown as the label."""

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="synonyms")
    label = models.CharField(_("synonym"), max_length=200)

    class Meta:
        """A synonym is listed once a term."""

        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint("term", Lower("label"), name="one_synonym_a_term"),
        ]

    def __str__(self) -> str:
        """Return the synonym."""
        return self.label


class Suggestion(models.Model):
    """A machine's proposal that a term fits a photograph, and what became of it.

    One row a photograph and term for ever: a later run or a newer model refreshes
    the score of a suggestion that still waits, and never revives a rejected one.
    Every label's score stays in the machine draft.
    """

    photograph = models.ForeignKey(
        Photograph, on_delete=models.PROTECT, related_name="suggestions"
    )
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="suggestions")
    score = models.FloatField(_("score"), help_text=_("Calibrated probability, 0–1."))
    threshold = models.FloatField(
        _("threshold"),
        default=0.5,
        help_text=_("The score from which the model suggests the term."),
    )
    model_name = models.CharField(_("model"), max_length=100)
    model_version = models.CharField(_("model version"), max_length=40)
    model_sha256 = models.CharField(_("weights SHA-256"), max_length=64)
    result_id = models.UUIDField(_("machine draft"), null=True, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[(state.value, state.label) for state in SUGGESTION_STATES],
        default=ReviewState.AWAITING,
    )
    suggested_at = models.DateTimeField(_("suggested"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decision_reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        """A term is suggested once a photograph."""

        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["photograph", "-score"]
        constraints = [
            models.UniqueConstraint(
                fields=["photograph", "term"], name="one_suggestion_a_term"
            ),
            models.CheckConstraint(
                condition=models.Q(score__gte=0, score__lte=1),
                name="score_is_a_probability",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "photograph", "-score"], name="suggestion_to_review"
            ),
            models.Index(fields=["term", "state"], name="suggestion_by_term"),
        ]

    def __str__(self) -> str:
        """Return the term and the score."""
        return f"{self.term} {self.score:.2f}"


class Assignment(models.Model):
    """A term that a person put on a photograph: part of the record."""

    photograph = models.ForeignKey(
        Photograph, on_delete=models.PROTECT, related_name="assignments"
    )
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="assignments")
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    assigned_at = models.DateTimeField(_("assigned"), auto_now_add=True)
    suggestion = models.OneToOneField(
        Suggestion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignment",
        help_text=_("The machine's suggestion that the person accepted."),
    )

    class Meta:
        """A term is assigned once a photograph."""

        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["term__label"]
        # Which photographs bear a term is answered from the index alone.
        indexes = [
            models.Index(fields=["term", "photograph"], name="assignment_by_term")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["photograph", "term"], name="one_assignment_a_term"
            ),
        ]

    def __str__(self) -> str:
        """Return the term."""
        return str(self.term)
