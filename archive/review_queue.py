"""The review queue: which photographs wait for a decision, one after the other.

The queue runs by a key that decisions do not change (`archive.review_order`) and then
by primary key. Each step seeks the next key in an index: its cost does not grow with
the place in the queue, as it would by counting rows off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


class Order(models.TextChoices):
    """What comes first."""

    CAME = "came", _("As they came")
    UNSURE = "unsure", _("Least certain first")
    ALIKE = "alike", _("Alike together")


@dataclass(frozen=True)
class Queue:
    """The photographs with an undecided suggestion or colorization.

    Attributes:
        show: which decisions count.
        collection: only photographs in it or below it; None for the whole archive.
        order: what comes first.
        usual: the order that an address need not name, because the person chose it.
    """

    show: Show = Show.ALL
    collection: Collection | None = None
    order: Order = Order.CAME
    usual: Order = Order.CAME

    @classmethod
    def named_in(cls, words: Mapping[str, Any], usual: Order = Order.CAME) -> Queue:
        """Return the queue that an address or a form names; unknown words are all."""
        show = words.get("show", "")
        collection = words.get("collection", "")
        order = words.get("order", "")
        return cls(
            Show(show) if show in Show.values else Show.ALL,
            Collection.objects.filter(pk=collection).first()
            if str(collection).isdecimal() and len(str(collection)) < 19
            else None,
            Order(order) if order in Order.values else usual,
            usual,
        )

    @property
    def words(self) -> dict[str, str | int]:
        """What names this queue in an address; empty for the whole of it."""
        named: dict[str, str | int] = {}
        if self.show is not Show.ALL:
            named["show"] = self.show.value
        if self.collection:
            named["collection"] = self.collection.pk
        if {self.order, self.usual} != {Order.CAME}:
            named["order"] = self.order.value
        return named

    @property
    def key(self) -> str:
        """The field of photographs by which the queue runs, before the primary key."""
        if self.order is Order.CAME:
            return "pk"
        if self.order is Order.ALIKE:
            return "look"
        return {
            Show.ALL: "doubt",
            Show.TAGS: "tags_doubt",
            Show.COLOUR: "colour_doubt",
        }[self.show]

    @property
    def asks_for_tags(self) -> bool:
        """Whether suggestions count."""
        return self.show is not Show.COLOUR

    @property
    def asks_for_colour(self) -> bool:
        """Whether colorizations count."""
        return self.show is not Show.TAGS

    def following(self, pk: int, count: int = 1) -> list[int]:
        """Return the next photographs that wait after one, nearest first.

        Args:
            pk: of the photograph; 0 for the beginning.
            count: how many at most.
        """
        if self.order is not Order.CAME:
            return list(self._beyond(pk, forward=True)[:count])
        found = [
            keys.filter(photograph_id__gt=pk).order_by("photograph_id")
            for keys in self._waiting()
        ]
        return sorted({key for keys in found for key in keys[:count]})[:count]

    def preceding(self, pk: int, among: Iterable[int] = ()) -> int | None:
        """Return the nearest photograph before one that waits, or is among some."""
        nearest = self._preceding(pk)
        found = {*among} if nearest is None else {*among, nearest}
        if self.order is Order.CAME:
            return max((key for key in found if key < pk), default=None)
        here = (*self._place(pk), pk)
        places = Photograph.objects.filter(pk__in=found).values_list(self.key, "pk")
        before = [place for place in places if place < here]
        return max(before)[1] if before else None

    def _preceding(self, pk: int) -> int | None:
        if self.order is not Order.CAME:
            return self._beyond(pk, forward=False).first()
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

    def _beyond(self, pk: int, *, forward: bool) -> models.QuerySet[Any, int]:
        """Return the keys of what waits after or before one, nearest first."""
        waiting = Photograph.objects.awaiting_review()
        if self.collection:
            waiting = waiting.within(self.collection)
        if self.show is Show.TAGS:
            suggested = Suggestion.objects.awaiting().filter(photograph=OuterRef("pk"))
            waiting = waiting.filter(Exists(suggested))
        elif self.show is Show.COLOUR:
            undecided = _waiting_colorizations()
            coloured = undecided.filter(master__photograph=OuterRef("pk"))
            waiting = waiting.filter(Exists(coloured))
        field, way = self.key, "gt" if forward else "lt"
        for place in self._place(pk):
            waiting = waiting.filter(**{f"{field}__{way}e": place}).filter(
                models.Q(**{f"{field}__{way}": place})
                | models.Q(**{field: place, f"pk__{way}": pk})
            )
        order = [field, "pk"] if forward else [f"-{field}", "-pk"]
        return waiting.order_by(*order).values_list("pk", flat=True)

    def _place(self, pk: int) -> tuple[float, ...]:
        """Return the key of a photograph; empty where it has none but its number."""
        if self.order is Order.CAME:
            return ()
        found = Photograph.objects.filter(pk=pk).values_list(self.key)
        place: tuple[float, ...] = found.first() or ()
        return place

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
