"""What the archive has settled about each word that a machine suggests."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.models.terms import Term


class MachineWord(models.Model):
    """A term that taggers suggest, and how the archive takes it.

    `revision` counts what people settled, and guards against two settling at once.
    """

    term = models.OneToOneField(
        Term, on_delete=models.PROTECT, primary_key=True, related_name="machine_word"
    )
    stands_for = models.ForeignKey(
        Term,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="machine_words",
        verbose_name=_("the archive's own term"),
        help_text=_("What is assigned when a suggestion of the word is accepted."),
    )
    blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("Suggestions of it wait for nobody.")
    )
    threshold = models.FloatField(
        _("threshold"),
        null=True,
        blank=True,
        help_text=_("Set by a person: the score from which the word is trusted."),
    )
    learnt_threshold = models.FloatField(
        _("learnt threshold"),
        null=True,
        blank=True,
        help_text=_("The score from which people nearly always accepted."),
    )
    learnt_accepted = models.PositiveIntegerField(_("accepted at or above"), default=0)
    learnt_rejected = models.PositiveIntegerField(_("rejected at or above"), default=0)
    learnt_at = models.DateTimeField(_("learnt"), null=True, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0)

    class Meta:
        """In the order of the words."""

        verbose_name = _("machine's word")
        verbose_name_plural = _("machine's words")
        ordering = ["term__label"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(threshold__isnull=True)
                | models.Q(threshold__gte=0, threshold__lte=1),
                name="threshold_is_a_probability",
            ),
            models.CheckConstraint(
                condition=~models.Q(stands_for=models.F("term")),
                name="word_stands_for_another_term",
            ),
        ]

    def __str__(self) -> str:
        """Return the word."""
        return str(self.term)

    @property
    def trusted_from(self) -> float | None:
        """The score from which the word is trusted: a person's, else the learnt one."""
        return self.learnt_threshold if self.threshold is None else self.threshold

    @property
    def means(self) -> Term:
        """The term that is assigned when a suggestion of it is accepted."""
        return self.stands_for or self.term


class ReviewBatch(models.Model):
    """Decisions that one person took together, so that they can be undone together.

    Each thing in it bears the same moment; one that moved on since no longer does.
    """

    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.CharField(_("decision"), max_length=10)
    words = models.CharField(_("what"), max_length=300)
    suggestions = models.JSONField(_("suggestions"), default=list)
    colorizations = models.JSONField(_("colorizations"), default=list)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        """Newest first."""

        verbose_name = _("decisions taken together")
        verbose_name_plural = _("decisions taken together")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        """Return what was decided."""
        return self.words

    @property
    def size(self) -> int:
        """How many things were decided on."""
        return len(self.suggestions) + len(self.colorizations)
