"""Steering: what people said about the colours of a photograph, state by state."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.errors import Immutable
from archive.models.files import MasterFile

STRONGEST = 150
"""Per cent of the model's own chroma."""


class Steering(models.Model):
    """One state of the colour hints and the strength of a master, kept for ever.

    Every change appends a whole new state under the next number, so nothing is ever
    overwritten: of two who change the same state, the second finds its number taken.
    Undoing appends too; `before` and `after` say where it leads.

    A hint is a JSON object: `id` (never used again for this master), `x` and `y`
    (shares of the width and height of the upright picture, from its upper left
    corner), `colour` (sRGB, `#rrggbb`), `why`, `by` (user name) and `at` (ISO 8601).
    Where hints meet, later ones cover earlier ones.
    """

    master = models.ForeignKey(
        MasterFile, on_delete=models.PROTECT, related_name="steerings"
    )
    number = models.PositiveIntegerField(_("number"))
    hints = models.JSONField(_("colour hints"), default=list, blank=True)
    strength = models.PositiveSmallIntegerField(
        _("strength in per cent"),
        default=100,
        help_text=_("Of the chroma that the model predicts."),
    )
    action = models.CharField(
        _("action"), max_length=40, help_text=_("What made this state of the last.")
    )
    before = models.PositiveIntegerField(
        _("undone to"), null=True, blank=True, help_text=_("Where undoing leads.")
    )
    after = models.PositiveIntegerField(
        _("restored to"), null=True, blank=True, help_text=_("Where restoring leads.")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="steerings"
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        """A number is used once a master."""

        verbose_name = _("steering")
        verbose_name_plural = _("steerings")
        ordering = ["master", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["master", "number"], name="one_steering_a_number"
            ),
            models.CheckConstraint(
                condition=models.Q(strength__lte=STRONGEST),
                name="steering_strength_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        """Return how many hints there are, and the strength."""
        return f"{len(self.hints)} colour hints, strength {self.strength} %"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append the state.

        Raises:
            Immutable: it is kept already.
        """
        if not self._state.adding:
            raise Immutable("A state of the steering is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse.

        Raises:
            Immutable: always.
        """
        raise Immutable("A state of the steering is never deleted.")

    @property
    def people(self) -> list[str]:
        """User names of those whose hints stand, each once, in their order."""
        return list(dict.fromkeys(hint["by"] for hint in self.hints))
