"""Printed contact sheets that somebody asked for."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

FOLDER = "contact-sheets"


class ContactSheet(models.Model):
    """A PDF of photographs with captions: what is asked for, and how far it is made.

    It is no thing of the catalogue: it can be made again, and goes after some days.
    """

    class State(models.TextChoices):
        """How far it has come."""

        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.MAKING
    )
    title = models.CharField(_("title"), max_length=500)
    asked = models.JSONField(_("what was asked"), default=dict)
    total = models.PositiveIntegerField(_("photographs"), default=0)
    done = models.PositiveIntegerField(_("photographs done"), default=0)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    file = models.CharField(_("file"), max_length=100, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="contact_sheets",
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)

    class Meta:
        """Newest first; nobody needs a permission for their own."""

        verbose_name = _("contact sheet")
        verbose_name_plural = _("contact sheets")
        ordering = ["-started_at", "-id"]
        default_permissions = ()

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of its progress and its file."""
        return reverse("archive:contact_sheet", args=[self.pk])

    @property
    def folder(self) -> Path:
        """Where its files lie while they are made and afterwards."""
        return Path(settings.INCOMING_DIR) / FOLDER / str(self.pk)

    @property
    def path(self) -> Path:
        """Where the file lies that is handed out."""
        return self.folder / self.file
