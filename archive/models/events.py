"""Events: what happened, in PREMIS terms; written once, never changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.errors import Immutable
from archive.models.batches import Batch
from archive.models.collections import Collection
from archive.models.files import Derivative, MasterFile
from archive.models.photographs import Photograph
from archive.models.terms import Term
from archive.querysets import EventQuerySet
from archive.vocabularies import EventOutcome, EventType


class Event(models.Model):
    """One thing that happened: when, who, to what, from what to what.

    `changes` maps a field to `[from, to]`. An event can be neither updated nor
    deleted: the class refuses, and a trigger in the database refuses updates.
    """

    type = models.CharField(_("type"), max_length=3, choices=EventType.choices)
    outcome = models.CharField(
        _("outcome"),
        max_length=3,
        choices=EventOutcome.choices,
        default=EventOutcome.SUCCESS,
    )
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The person who did it or asked for it."),
    )
    software = models.CharField(
        _("software"), max_length=200, blank=True, help_text=_("Model or program.")
    )
    subject = models.CharField(
        _("subject"), max_length=200, help_text=_("Reference code at that time.")
    )
    action = models.CharField(
        _("action"), max_length=40, help_text=_("The verb: described, accepted, …")
    )
    # A collection may be deleted while it is empty; what happened to it stays.
    collection = models.ForeignKey(
        Collection,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="events",
    )
    photograph = models.ForeignKey(
        Photograph,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
    )
    master = models.ForeignKey(
        MasterFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
    )
    derivative = models.ForeignKey(
        Derivative,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
    )
    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        help_text=_("The batch of changes that it was a part of."),
    )
    changes = models.JSONField(_("changes"), default=dict, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        """Newest first."""

        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        """Return what happened to what."""
        return f"{self.subject}: {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append the event.

        Raises:
            Immutable: the event is recorded already.
        """
        if not self._state.adding:
            raise Immutable("An event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse.

        Raises:
            Immutable: always.
        """
        raise Immutable("An event is never deleted.")
