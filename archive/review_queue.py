"""The review queue: which photographs wait for a decision, one after the other.

The queue runs by primary key, and each step seeks the next key in an index: its cost
does not grow with the place in the queue, as it would by counting rows off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from archive.models import Collection, Derivative, MasterFile, Photograph, Suggestion


class Show(models.TextChoices):
    """Which decisions the queue asks for."""

    ALL = "all", _("Tags and colour")
    TAGS = "tags", _("Tags")
    COLOUR = "colour", _("Colour")


@dataclass(frozen=True)
class Queue:
    """The photographs with an undecided suggestion or colorization.

    Attributes:
        show: which decisions count.
        collection: only photographs in it or below it; None for the whole archive.
    """

    show: Show = Show.ALL
    collection: Collection | None = None

    @classmethod
    def named_in(cls, words: Mapping[str, Any]) -> Queue:
        """Return the queue that an address or a form names; unknown words are all."""
        show = words.get("show", "")
        collection = words.get("collection", "")
        return cls(
            Show(show) if show in Show.values else Show.ALL,
            Collection.objects.filter(pk=collection).first()
            if str(collection).isdecimal() and len(str(collection)) < 19
            else None,
        )

    @property
    def words(self) -> dict[str, str | int]:
        """What names this queue in an address; empty for the whole of it."""
        named: dict[str, str | int] = {}
        if self.show is not Show.ALL:
            named["show"] = self.show.value
        if self.collection:
            named["collection"] = self.collection.pk
        return named

    @property
    def asks_for_tags(self) -> bool:
        """Whether suggestions count."""
        return self.show is not Show.COLOUR

    @property
    def asks_for_colour(self) -> bool:
        """Whether colorizations count."""
        return self.show is not Show.TAGS

    def following(self, pk: int, count: int = 1) -> list[int]:
        """Return the next photographs that wait after the key, nearest first."""
        found = [
            keys.filter(photograph_id__gt=pk).order_by("photograph_id")
            for keys in self._waiting()
        ]
        return sorted({key for keys in found for key in keys[:count]})[:count]

    def preceding(self, pk: int) -> int | None:
        """Return the nearest photograph that waits before the key."""
        found = [
            keys.filter(photograph_id__lt=pk).order_by("-photograph_id")
            for keys in self._waiting()
        ]
        return max((key for keys in found for key in keys[:1]), default=None)

    def still_asks(self, pk: int) -> bool:
        """Whether the photograph has anything that waits."""
        return any(keys.filter(photograph_id=pk).exists() for keys in self._waiting())

    def counts(self) -> dict[str, int]:
        """Return how many suggestions and colorizations wait."""
        tags, colour = Suggestion.objects.awaiting(), _waiting_colorizations()
        if self.collection:
            path = self.collection.path
            tags = tags.filter(photograph__collection__path__startswith=path)
            colour = colour.filter(
                master__photograph__collection__path__startswith=path
            )
        return {
            "tags": tags.count() if self.asks_for_tags else 0,
            "colour": colour.count() if self.asks_for_colour else 0,
        }

    def _waiting(self) -> list[models.QuerySet[Any, int]]:
        """Return the keys of photographs that wait, for each kind of decision."""
        found: list[models.QuerySet[Any, int]] = []
        if self.asks_for_tags:
            found.append(self._inside(Suggestion.objects.awaiting()))
        if self.asks_for_colour:
            undecided = _waiting_colorizations().filter(master=OuterRef("pk"))
            found.append(self._inside(MasterFile.objects.filter(Exists(undecided))))
        return found

    def _inside(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any, int]:
        if self.collection:
            rows = rows.filter(
                photograph__in=Photograph.objects.within(self.collection)
            )
        return rows.order_by().values_list("photograph_id", flat=True).distinct()


def _waiting_colorizations() -> models.QuerySet[Any]:
    return Derivative.objects.colorizations().awaiting()
