"""Batches: many changes of photographs that were previewed, made and undone as one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from archive.models.photographs import Photograph
from archive.vocabularies import BatchAction, BatchKind, BatchOutcome, BatchState


class Batch(models.Model):
    """An edit, an import or an undoing: what was asked for, and how far it has come.

    The preview is its items; applying it does what they say and nothing else.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=BatchKind.choices)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=BatchState.choices,
        default=BatchState.PLANNING,
    )
    title = models.CharField(_("what"), max_length=500)
    asked = models.JSONField(
        _("what was asked"),
        default=dict,
        help_text=_("Selection and operations of an edit, file of an import."),
    )
    counts = models.JSONField(
        _("changes by field"), default=dict, help_text=_("As previewed.")
    )
    needs = models.JSONField(
        _("permissions"), default=list, help_text=_("What applying it needs.")
    )
    notes = models.JSONField(
        _("notes"), default=list, help_text=_("Sentences about the whole of it.")
    )
    total = models.PositiveIntegerField(_("photographs or rows"), default=0)
    reverts = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reverted_by",
        help_text=_("The batch that this one undoes."),
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches"
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        """Newest first."""

        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        """Return what it does."""
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of its preview, progress and report."""
        return reverse("archive:batch", args=[self.pk])


class BatchItem(models.Model):
    """One photograph of a batch: from what to what, and what became of it.

    `changes` maps a field to `[from, to]`: descriptive text, restrictions as true and
    false, `collection` by reference code, `terms` as the labels that go and that come.
    Once it is done it holds what was done, so that the reverse of it is the undoing.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    row = models.PositiveIntegerField(
        _("row"), help_text=_("Of the spreadsheet; else the place in the selection.")
    )
    photograph = models.ForeignKey(
        Photograph,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="batch_items",
    )
    code = models.CharField(_("reference code"), max_length=200, blank=True)
    action = models.CharField(
        _("action"),
        max_length=10,
        choices=BatchAction.choices,
        default=BatchAction.CHANGE,
    )
    outcome = models.CharField(
        _("outcome"),
        max_length=10,
        choices=BatchOutcome.choices,
        default=BatchOutcome.WAITING,
    )
    changes = models.JSONField(_("changes"), default=dict)
    reason = models.TextField(_("reason"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        """In the order of the selection or of the spreadsheet."""

        verbose_name = _("batch item")
        verbose_name_plural = _("batch items")
        ordering = ["row"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "row"], name="one_item_a_row"),
            models.UniqueConstraint(
                fields=["batch", "photograph"], name="one_item_a_photograph"
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "outcome", "row"], name="batch_item_by_outcome"
            ),
        ]

    def __str__(self) -> str:
        """Return the code and the outcome."""
        return f"{self.code}: {self.get_outcome_display()}"
