"""Facets: by what the photographs of a contact sheet can be narrowed, with counts.

Each facet counts what it would leave of the sheet as it is filtered by everything
else. One is counted when somebody opens it, in one to five queries that group, so that
the sheet itself never waits for a count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from archive import sentences
from archive.models import Assignment, Collection, MasterFile, Photograph, Term
from archive.querysets import PhotographQuerySet
from archive.sheet_filter import COLOURS, RESTRICTIONS, STATES, SheetFilter
from archive.vocabularies import MEDIA_TYPES, Policy

SHOWN = 30
_WITHOUT_CONTRARY = {"described", "tagged", "colorized", "unpublished"}

if TYPE_CHECKING:
    from archive.extensions import Words


@dataclass(frozen=True)
class Value:
    """One value of a facet: what it sets in the address, and how many it leaves."""

    label: str
    count: int
    changes: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A contact sheet, to be counted.

    Attributes:
        filters: by which it is narrowed.
        collection: whose sheet it is; None for the whole archive.
    """

    filters: SheetFilter
    collection: Collection | None

    def photographs(self, *without: str) -> PhotographQuerySet:
        """Return its photographs as all but these fields narrow them, in no order."""
        held: PhotographQuerySet = Photograph.objects.order_by()
        if self.collection is not None:
            held = held.within(self.collection)
        return self.filters.apply(held, without=without, ordered=False)

    def of(self, rows: QuerySet[Any], *without: str) -> QuerySet[Any]:
        """Return those rows of another table that belong to its photographs."""
        if self.collection is None and not self.filters.narrows(without=without):
            return rows
        return rows.filter(photograph__in=self.photographs(*without).values("pk"))


@dataclass(frozen=True)
class Facet:
    """Something to narrow by.

    Attributes:
        name: in addresses.
        label: its heading.
        fields: of the filter, which it sets.
        values: counts them for a sheet.
        written: whether it can also be typed.
    """

    name: str
    label: Words
    fields: tuple[str, ...]
    values: Callable[[Sheet], Iterator[Value]]
    written: bool = False


def _collections(sheet: Sheet) -> Iterator[Value]:
    """The collections directly below the one that is looked at, or at the top."""
    chosen = sheet.filters.cleaned_data.get("collection")
    above: Collection | None = chosen or sheet.collection
    held = sheet.photographs("collection")
    counted = dict(held.values_list("collection").annotate(Count("pk")))
    places = Collection.objects.all()
    if above is not None:
        places = places.within(above)
    depth = above.depth + 1 if above else 1
    sums: Counter[str] = Counter()
    offered = []
    for place in places.only("path", "depth", "reference_code", "title"):
        if place.depth >= depth:
            sums[place.path[: depth * Collection.steplen]] += counted.get(place.pk, 0)
        if place.depth == depth:
            offered.append(place)
    for place in offered:
        if sums[place.path]:
            yield Value(str(place), sums[place.path], {"collection": str(place.pk)})


def _decades(sheet: Sheet) -> Iterator[Value]:
    """The decades into which a photograph may fall, so one may count for several."""
    held = sheet.photographs("since", "until")
    spans = held.values_list("date_earliest", "date_latest").annotate(Count("pk"))
    counted: Counter[int] = Counter()
    found = [
        ((first or last).year // 10, (last or first).year // 10, count)
        for first, last, count in spans
        if first or last
    ]
    for first, last, count in found:
        for decade in range(first, last + 1)[:100]:
            counted[decade] += count
    for decade, count in sorted(counted.items()):
        begin = f"{decade}0".zfill(4)
        end = f"{decade}9".zfill(4)
        yield Value(f"{begin}–{end}", count, {"since": begin, "until": end})


def _written(name: str) -> Callable[[Sheet], Iterator[Value]]:
    def values(sheet: Sheet) -> Iterator[Value]:
        held = sheet.photographs(name)
        counted = held.values_list(name).annotate(count=Count("pk"))
        for text, count in counted.order_by("-count", name)[:SHOWN]:
            yield Value(text or gettext("Not filled in"), count, {name: f'"{text}"'})

    return values


def _terms(sheet: Sheet) -> Iterator[Value]:
    borne = sheet.of(Assignment.objects.order_by())
    counted = borne.values_list("term").annotate(count=Count("pk"))
    most = dict(counted.order_by("-count")[:SHOWN])
    terms = Term.objects.only("label", "vocabulary").in_bulk(most)
    by_count = sorted((-count, terms[key].label, key) for key, count in most.items())
    for count, label, key in by_count:
        yield Value(sentences.word(terms[key]), -count, {"term": label})


def _states(sheet: Sheet) -> Iterator[Value]:
    for name, label in STATES:
        if name not in _WITHOUT_CONTRARY:
            count = _count(sheet, "state", name)
            yield Value(str(label), count, {"state": name})


def _colours(sheet: Sheet) -> Iterator[Value]:
    for name, label in COLOURS:
        yield Value(str(label), _count(sheet, "colour", name), {"colour": name})


def _count(sheet: Sheet, field: str, value: str) -> int:
    chosen = SheetFilter({field: value})
    return chosen.apply(sheet.photographs(field), ordered=False).count()


def _restrictions(sheet: Sheet) -> Iterator[Value]:
    """One query groups by the flags; what is inherited is told from the tree."""
    held = sheet.photographs("restriction")
    grouped = held.values_list("collection", *Policy.values).annotate(Count("pk"))
    inherited: dict[int, set[str]] = {}
    flagged: list[tuple[str, set[str]]] = []
    places = Collection.objects.values_list("pk", "path", *Policy.values)
    for key, path, *flags in places:
        own = set(compress(Policy.values, flags))
        above = (carried for place, carried in flagged if path.startswith(place))
        inherited[key] = own.union(*above)
        if own:
            flagged.append((path, own))
    counted: Counter[str] = Counter()
    for collection, *flags, count in grouped:
        holding = inherited[collection].union(compress(Policy.values, flags))
        for name in holding or ["none"]:
            counted[name] += count
    for name, label in RESTRICTIONS:
        yield Value(str(label), counted[name], {"restriction": name})


def _kinds(sheet: Sheet) -> Iterator[Value]:
    fronts = sheet.of(MasterFile.objects.rectos().order_by(), "kind")
    counted = dict(fronts.values_list("media_type").annotate(Count("pk")))
    for media_type, label in MEDIA_TYPES.items():
        if counted.get(media_type):
            yield Value(label, counted[media_type], {"kind": media_type})


FACETS = {
    facet.name: facet
    for facet in (
        Facet("collection", _("Collection"), ("collection",), _collections),
        Facet("date", _("Date"), ("since", "until"), _decades, written=True),
        Facet("place", _("Place"), ("place",), _written("place"), written=True),
        Facet("creator", _("Creator"), ("creator",), _written("creator"), written=True),
        Facet("term", _("Term"), ("term",), _terms, written=True),
        Facet("state", _("State"), ("state",), _states),
        Facet("restriction", _("Restriction"), ("restriction",), _restrictions),
        Facet("kind", _("File kind"), ("kind",), _kinds),
        Facet("colour", _("Colour"), ("colour",), _colours),
    )
}
