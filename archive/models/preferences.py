"""How a person likes to see the pages."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preferences(models.Model):
    """One person's choices, wherever they sign in; none is a fact of the archive."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="preferences",
    )
    choices = models.JSONField(
        _("choices"), default=dict, help_text=_("Size, view, and columns of sheets.")
    )

    class Meta:
        """Nobody needs a permission for their own."""

        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")
        default_permissions = ()

    def __str__(self) -> str:
        """Return whose they are."""
        return f"Preferences of {self.person}"
