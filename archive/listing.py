"""The list that a photograph was opened from, and its neighbours there.

The address of a photograph carries the list: `within`, the collection of the contact
sheet if it was one's, and `list`, the query of the sheet. Neighbours are found from
the photograph's own place in the order, by index and never by counting through; so
they stay when the photograph itself no longer matches, after a decision on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, OrderBy, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from archive.models import Collection, Photograph
from archive.querysets import PhotographQuerySet
from archive.sheet import PAGE_SIZE
from archive.sheet_filter import ORDERS, SheetFilter, few

_LONGEST = 1500


@dataclass(frozen=True)
class Key:
    """One field of an order."""

    name: str
    descending: bool


class Listing:
    """A contact sheet's photographs in their order."""

    def __init__(self, query: QueryDict, collection: Collection | None) -> None:
        """Read the sheet's query.

        Args:
            query: as the sheet's address has it; the page does not count.
            collection: whose sheet it is; None for the whole archive.
        """
        self.query = query.copy()
        self.query.pop("page", None)
        self.collection = collection
        self.filters = SheetFilter(self.query)

    @classmethod
    def of_address(cls, query: QueryDict, found: Photograph) -> Listing:
        """Return the list that a photograph's address names; else its collection's."""
        written = query.get("list")
        if written is None or len(written) > _LONGEST:
            return cls(QueryDict(), found.collection)
        key = query.get("within", "")
        collection = None
        if key.isdecimal() and len(key) < 19:
            collection = Collection.objects.filter(pk=key).first()
        return cls(QueryDict(written), collection)

    def words(self) -> str:
        """Return what a photograph's address carries of this list, as a query."""
        within = {"within": str(self.collection.pk)} if self.collection else {}
        return urlencode({**within, "list": self.query.urlencode()})

    def address(self, position: int, found: Photograph) -> str:
        """Return the address of the sheet's page that shows the photograph."""
        place = (
            self.collection.get_absolute_url()
            if self.collection
            else reverse("archive:search")
        )
        query = self.query.copy()
        page = max(position - 1, 0) // PAGE_SIZE + 1
        if page > 1:
            query["page"] = str(page)
        written = query.urlencode()
        return f"{place}{'?' if written else ''}{written}#cell-{found.pk}"

    @cached_property
    def _photographs(self) -> PhotographQuerySet:
        photographs: PhotographQuerySet = Photograph.objects.all()
        if self.collection is not None and self.collection.numchild:
            photographs = photographs.within(self.collection)
        elif self.collection is not None:  # without the tree an index is enough
            photographs = photographs.filter(collection=self.collection)
        return self.filters.apply(photographs, ordered=False)

    @cached_property
    def _ranked(self) -> list[int] | None:
        """The keys in the order of how well they match; None where it is another."""
        self.filters.is_valid()
        asked = self.filters.cleaned_data
        words = asked.get("words", "")
        if not words or asked.get("order") or not few(self._photographs):
            return None
        ranked = self._photographs.best_first(words)
        return list(ranked.values_list("pk", flat=True))

    @cached_property
    def _keys(self) -> list[Key]:
        self.filters.is_valid()
        _label, fields = ORDERS[self.filters.cleaned_data.get("order") or ""]
        return [_key(field) for field in fields]

    def count(self) -> int:
        """Return how many photographs the list has."""
        if self._ranked is not None:
            return len(self._ranked)
        return self._photographs.count()

    def position(self, found: Photograph) -> int:
        """Return the photograph's place in the list, from 1.

        For one that no longer matches, the place that it would have.
        """
        if self._ranked is not None:
            place = self._ranked.index(found.pk) if found.pk in self._ranked else 0
            return place + 1
        before = Q(pk__in=[])
        for same, further in self._groups(found, backwards=True):
            before |= same & further
        return self._photographs.filter(before).count() + 1

    def neighbour(self, found: Photograph, *, backwards: bool) -> Photograph | None:
        """Return the next photograph of the list, or the one before."""
        if self._ranked is not None:
            return self._ranked_neighbour(found, -1 if backwards else 1)
        shelf = self._photographs.only("pk", "reference_code", "title")
        order = [_order(key, backwards=backwards) for key in self._keys]
        for same, further in self._groups(found, backwards=backwards):
            near: Photograph | None = (
                shelf.filter(same & further).order_by(*order).first()
            )
            if near is not None:
                return near
        return None

    def _ranked_neighbour(self, found: Photograph, step: int) -> Photograph | None:
        ranked = self._ranked or []
        if found.pk not in ranked:
            return None
        place = ranked.index(found.pk) + step
        if not 0 <= place < len(ranked):
            return None
        shelf = Photograph.objects.only("pk", "reference_code", "title")
        return shelf.filter(pk=ranked[place]).first()

    def _groups(self, found: Photograph, *, backwards: bool) -> Iterator[tuple[Q, Q]]:
        """Yield what follows in the order: first with the same leading values.

        Each is a pair, of what is the same and what goes further; each is a range of
        an index of the order's first field.
        """
        keys = self._keys
        for depth in range(len(keys) - 1, -1, -1):
            same = Q()
            for key in keys[:depth]:
                same &= _is(key.name, getattr(found, key.name))
            key = keys[depth]
            value = getattr(found, key.name)
            for further in _further(key, value, backwards=backwards):
                yield same, further


def _is(name: str, value: Any) -> Q:
    return Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})


def _further(key: Key, value: Any, *, backwards: bool) -> Iterator[Q]:
    """Yield what goes further in one field; undated photographs stand at the end."""
    without = Q(**{f"{key.name}__isnull": True})
    if value is None:
        if backwards:
            yield ~without
        return
    less = key.descending is not backwards
    yield Q(**{f"{key.name}__{'lt' if less else 'gt'}": value})
    if key.name == "date_earliest" and not backwards:
        yield without


def _key(field: str | OrderBy) -> Key:
    if isinstance(field, OrderBy):
        return Key(str(vars(field.expression)["name"]), field.descending)
    return Key(field.removeprefix("-"), field.startswith("-"))


def _order(key: Key, *, backwards: bool) -> OrderBy:
    field = F(key.name)
    return field.desc() if key.descending is not backwards else field.asc()
