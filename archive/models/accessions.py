"""Accessions: one run of ingest, and what became of each of its files."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from archive.models.collections import Collection
from archive.models.photographs import Photograph
from archive.vocabularies import AccessionState, ItemOutcome


class Accession(models.Model):
    """A batch of files examined first and then ingested into one collection."""

    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="accessions"
    )
    source = models.CharField(
        _("source"), max_length=1000, help_text=_("The folder that was read.")
    )
    uploaded = models.BooleanField(_("uploaded through the browser"), default=False)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=AccessionState.choices,
        default=AccessionState.EXAMINING,
    )
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="accessions",
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        """Newest first."""

        verbose_name = _("accession")
        verbose_name_plural = _("accessions")
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        """Return the source."""
        return self.source

    def get_absolute_url(self) -> str:
        """Return the address of the report."""
        return reverse("archive:accession", args=[self.pk])


class AccessionItem(models.Model):
    """One file of an accession: what it is, and what became of it."""

    accession = models.ForeignKey(
        Accession, on_delete=models.CASCADE, related_name="items"
    )
    path = models.CharField(
        _("path"), max_length=1000, help_text=_("Relative to the source.")
    )
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=ItemOutcome.choices)
    code = models.CharField(_("code"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    photograph = models.ForeignKey(
        Photograph,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="accession_items",
        help_text=_("The photograph made of it, or the one that has it already."),
    )

    class Meta:
        """A file is listed once an accession."""

        verbose_name = _("accession item")
        verbose_name_plural = _("accession items")
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["accession", "path"], name="one_item_a_path"
            ),
        ]
        indexes = [
            models.Index(fields=["accession", "outcome"], name="item_by_outcome"),
        ]

    def __str__(self) -> str:
        """Return the path and the outcome."""
        return f"{self.path}: {self.get_outcome_display()}"
