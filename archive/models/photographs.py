"""Photographs, the items of the catalogue, and what is published of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from archive.models.collections import Collection
from archive.models.description import Described
from archive.querysets import PhotographQuerySet
from archive.vocabularies import Side


class Photograph(Described):
    """One photograph: the intellectual item that its master files show."""

    DESCRIPTIVE_FIELDS = (*Described.DESCRIPTIVE_FIELDS, "inscriptions")
    # Never stored from an instance, which may have been read a while ago.
    KEPT = ("waits", "doubt", "tags_doubt", "colour_doubt", "look")

    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="photographs"
    )
    inscriptions = models.TextField(
        _("inscriptions"),
        blank=True,
        help_text=_("What is written or stamped on the print, front and back."),
    )
    revision = models.PositiveIntegerField(
        _("revision"),
        default=1,
        editable=False,
        help_text=_("Counts descriptions saved; guards against lost updates."),
    )
    colorized_at = models.DateTimeField(
        _("colorized"), null=True, blank=True, editable=False, db_index=True
    )
    tagged_at = models.DateTimeField(
        _("tagged"), null=True, blank=True, editable=False, db_index=True
    )

    waits = models.BooleanField(
        _("waits for a decision"),
        default=False,
        editable=False,
        help_text=_("Kept by the database: see `archive.waiting`."),
    )

    # The keys of the review queue's orders: kept by `archive.review_order` and by
    # whoever knows what looks alike, and stable while decisions are made.
    doubt = models.FloatField(_("doubt"), default=1.0, editable=False)
    tags_doubt = models.FloatField(_("doubt about tags"), default=1.0, editable=False)
    colour_doubt = models.FloatField(
        _("doubt about colours"), default=1.0, editable=False
    )
    look = models.BigIntegerField(
        _("look"),
        default=0,
        editable=False,
        help_text=_("Shared by photographs that look alike; 0 where that is unknown."),
    )

    objects = PhotographQuerySet.as_manager()

    class Meta:
        """The order of a finding aid, and the rights that go beyond editing."""

        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        ordering = ["reference_code"]
        indexes = [
            models.Index(
                fields=["collection", "reference_code"], name="photograph_in_order"
            ),
            models.Index(
                fields=["date_earliest", "date_latest"], name="photograph_by_date"
            ),
            models.Index(fields=["creator"], name="photograph_by_creator"),
            models.Index(fields=["place"], name="photograph_by_place"),
            models.Index(fields=["-created_at", "-id"], name="photograph_newest"),
            models.Index(fields=["title", "collection"], name="photograph_by_title"),
            models.Index(
                fields=["collection", "do_not_colorize", "do_not_tag", "sensitive"],
                name="photograph_by_restriction",
            ),
            models.Index(
                fields=["collection", "waits", "tagged_at", "colorized_at"],
                name="photograph_by_waiting",
            ),
            models.Index(
                fields=["reference_code"],
                name="photograph_waiting",
                condition=models.Q(waits=True),
            ),
            *[
                models.Index(
                    fields=[key, "id"],
                    name=f"photograph_by_{key}",
                    condition=models.Q(waits=True),
                )
                for key in ("doubt", "tags_doubt", "colour_doubt", "look")
            ],
        ]
        permissions = [
            ("ingest_photograph", "Can bring photographs into the archive"),
            ("request_machine_vision", "Can request colorization and tagging"),
            ("review_photograph", "Can accept and reject machine suggestions"),
            ("restrict_photograph", "Can set restrictions on photographs"),
            ("publish_photograph", "Can publish and withdraw photographs"),
        ]

    def __str__(self) -> str:
        """Return the reference code and the title."""
        return f"{self.reference_code} {self.title}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the photograph, but never what is kept beside it."""
        if not self._state.adding and not args and kwargs.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields}
            kwargs["update_fields"] = names - {"id", *self.KEPT}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the address of the photograph's page."""
        return reverse("archive:photograph", args=[self.pk])

    @property
    def recto(self) -> models.Model | None:
        """The master of the front; uses prefetched masters where there are any."""
        return next((m for m in self.masters.all() if m.side == Side.RECTO), None)

    @property
    def verso(self) -> models.Model | None:
        """The master of the back, if one was scanned."""
        return next((m for m in self.masters.all() if m.side == Side.VERSO), None)


class Publication(models.Model):
    """What the archive has published of a photograph, apart from the working record.

    A frozen copy: later edits and new machine drafts change nothing here until a
    curator publishes again.
    """

    photograph = models.OneToOneField(
        Photograph, on_delete=models.PROTECT, related_name="publication"
    )
    record = models.JSONField(
        _("published record"), help_text=_("Dublin Core, as it was published.")
    )
    colorization = models.ForeignKey(
        "archive.Derivative",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="publications",
    )
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="publications"
    )

    class Meta:
        """Newest first."""

        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-published_at"]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="publication_newest"),
        ]

    def __str__(self) -> str:
        """Return the published reference code."""
        return str(self.record.get("identifier", self.pk))
