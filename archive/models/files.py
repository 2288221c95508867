"""Files: the immutable masters, and what was derived from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from archive.errors import Immutable
from archive.models.photographs import Photograph
from archive.querysets import DerivativeQuerySet, MasterFileQuerySet
from archive.vocabularies import Grade, Purpose, ReviewState, Side


def sharded(sha256: str, extension: str) -> str:
    """Return the place of a file in a content-addressed store: `ab/cd/abcd….tif`."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}{extension}"


class MasterFile(models.Model):
    """A scan as it was received: never changed, moved or deleted.

    Sizes are in pixels as displayed, that is after the EXIF orientation. The row
    cannot be updated: `save()` refuses, and so does a trigger in the database.
    """

    photograph = models.ForeignKey(
        Photograph, on_delete=models.PROTECT, related_name="masters"
    )
    side = models.CharField(
        _("side"), max_length=5, choices=Side.choices, default=Side.RECTO
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    bit_depth = models.PositiveSmallIntegerField(_("bits a channel"))
    mode = models.CharField(_("colour mode"), max_length=16)
    media_type = models.CharField(_("media type"), max_length=60)
    extension = models.CharField(_("extension"), max_length=8)
    pages = models.PositiveIntegerField(_("pages"), default=1)
    orientation = models.PositiveSmallIntegerField(_("EXIF orientation"), default=1)
    icc_profile = models.CharField(_("ICC profile"), max_length=200, blank=True)
    original_name = models.CharField(_("original file name"), max_length=500)
    perceptual_hash = models.CharField(
        _("perceptual hash"), max_length=16, blank=True, db_index=True
    )
    embedded = models.JSONField(
        _("embedded metadata"),
        default=dict,
        blank=True,
        help_text=_("EXIF, IPTC and XMP as read at ingest."),
    )
    ingested_at = models.DateTimeField(_("ingested"), auto_now_add=True)

    objects = MasterFileQuerySet.as_manager()

    class Meta:
        """One master a side."""

        verbose_name = _("master file")
        verbose_name_plural = _("master files")
        ordering = ["photograph", "side"]
        constraints = [
            models.UniqueConstraint(
                fields=["photograph", "side"], name="one_master_a_side"
            ),
            models.CheckConstraint(
                condition=models.Q(width__gt=0, height__gt=0, size_bytes__gt=0),
                name="master_is_not_empty",
            ),
        ]
        indexes = [
            models.Index(
                fields=["side", "media_type", "photograph"], name="master_by_kind"
            ),
        ]

    def __str__(self) -> str:
        """Return the original name and the side."""
        return f"{self.original_name} ({self.get_side_display()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new master.

        Raises:
            Immutable: the master is stored already.
        """
        if not self._state.adding:
            raise Immutable("A master file is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse.

        Raises:
            Immutable: always.
        """
        raise Immutable("A master file is never deleted.")

    @property
    def path(self) -> Path:
        """Where the bytes lie in the store of masters."""
        return Path(settings.MASTERS_DIR) / sharded(self.sha256, self.extension)

    @property
    def megapixels(self) -> float:
        """Millions of pixels."""
        return self.width * self.height / 1e6


class Derivative(models.Model):
    """A file made from a master by a known recipe; can always be made again."""

    master = models.ForeignKey(
        MasterFile, on_delete=models.PROTECT, related_name="derivatives"
    )
    source = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="compositions",
        help_text=_("The derivative it was composed from, beside the master."),
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    recipe = models.JSONField(
        _("recipe"), help_text=_("What makes the same file again: model, parameters.")
    )
    recipe_digest = models.CharField(
        _("recipe digest"), max_length=64, help_text=_("SHA-256 of the recipe.")
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    media_type = models.CharField(_("media type"), max_length=60)
    extension = models.CharField(_("extension"), max_length=8)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    made_by = models.CharField(
        _("made by"), max_length=200, help_text=_("Software or model, with version.")
    )
    machine_interpretation = models.BooleanField(
        _("a machine's interpretation"),
        default=False,
        help_text=_("Shows something that the original does not, such as colour."),
    )
    result_id = models.UUIDField(
        _("machine draft"), null=True, blank=True, help_text=_("Result document.")
    )
    review_state = models.CharField(
        _("review"),
        max_length=10,
        choices=ReviewState.choices,
        default=ReviewState.NOT_NEEDED,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decision_reason = models.CharField(_("reason"), max_length=500, blank=True)
    steering = models.ForeignKey(
        "archive.Steering",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="derivatives",
        help_text=_("The hints that people gave for it, and why."),
    )
    version = models.PositiveSmallIntegerField(
        _("steered version"),
        null=True,
        blank=True,
        help_text=_("Counts what was steered and proposed; empty for a model alone."),
    )
    grade = models.CharField(
        _("grade"), max_length=12, choices=Grade.choices, default=Grade.ILLUSTRATIVE
    )
    grade_source = models.CharField(
        _("source of the colours"), max_length=500, blank=True
    )

    objects = DerivativeQuerySet.as_manager()

    class Meta:
        """The same recipe on the same master is one derivative."""

        verbose_name = _("derivative")
        verbose_name_plural = _("derivatives")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["master", "purpose", "recipe_digest"],
                name="one_derivative_a_recipe",
            ),
            models.UniqueConstraint(
                fields=["master"],
                condition=models.Q(
                    purpose=Purpose.COLORIZATION, review_state=ReviewState.ACCEPTED
                ),
                name="one_accepted_colorization",
            ),
            models.UniqueConstraint(
                fields=["master", "version"], name="one_steered_version_a_number"
            ),
            models.CheckConstraint(
                condition=~models.Q(grade=Grade.DOCUMENTED)
                | ~models.Q(grade_source=""),
                name="documented_names_its_source",
            ),
        ]
        indexes = [
            models.Index(
                fields=["purpose", "review_state", "id"], name="derivative_to_review"
            ),
        ]

    def __str__(self) -> str:
        """Return the purpose and the maker."""
        return f"{self.get_purpose_display()} by {self.made_by}"

    @property
    def name(self) -> str:
        """The model, and the number of the version where it was steered."""
        if not self.version:
            return self.made_by
        named = {"model": self.made_by, "version": self.version}
        return _("%(model)s, steered %(version)s") % named

    @property
    def hints(self) -> list[dict[str, Any]]:
        """The colour hints that it followed, as its recipe has them."""
        return list(self.recipe.get("hints", []))

    @property
    def steered(self) -> bool:
        """Whether it differs from what the model makes when nobody steers it."""
        return bool(self.hints) or self.recipe.get("strength", 1.0) != 1.0

    @property
    def steered_words(self) -> str:
        """How it was steered, as part of a sentence; nothing where it was not."""
        if not self.steered:
            return ""
        count, strength = len(self.hints), round(100 * self.recipe.get("strength", 1.0))
        words = str(_("steered by a person"))
        if count:
            words = ngettext(
                "steered by a person with %(count)d colour hint",
                "steered by a person with %(count)d colour hints",
                count,
            ) % {"count": count}
        if strength == 100:
            return words
        how = {"why": words, "strength": strength}
        return _("%(why)s, strength %(strength)s %%") % how

    @property
    def path(self) -> Path:
        """Where the bytes lie in the store of derivatives."""
        return Path(settings.DERIVATIVES_DIR) / sharded(self.sha256, self.extension)
