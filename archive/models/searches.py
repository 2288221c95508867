"""Saved searches: a question that a person asks the archive again and again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from archive.models.collections import Collection


class SavedSearch(models.Model):
    """A named query of a contact sheet. Its address can be given to a colleague."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_searches",
    )
    name = models.CharField(_("name"), max_length=100)
    query = models.CharField(
        _("query"),
        max_length=2000,
        help_text=_("As in the address, without the page."),
    )
    collection = models.ForeignKey(
        Collection,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Whose contact sheet it narrows; the whole archive without."),
    )
    saved_at = models.DateTimeField(_("saved"), auto_now=True)

    class Meta:
        """A person has one search of a name; nobody needs a permission for it."""

        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["name"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="one_search_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address that leads to its photographs."""
        return reverse("archive:saved_search", args=[self.pk])

    @property
    def address(self) -> str:
        """Where its photographs are shown."""
        if self.collection_id is not None:
            place = reverse("archive:collection", args=[self.collection_id])
        else:
            place = reverse("archive:search")
        return f"{place}?{self.query}" if self.query else place
