"""The collections above many photographs or collections, read in one query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.db.models import Count

from archive.models import Collection, Photograph
from archive.vocabularies import Policy


class Lineage:
    """What stands above the units of a page, for lists that must not ask for each."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Read every collection at or above the given tree paths."""
        step = Collection.steplen
        wanted = {
            path[:end] for path in paths for end in range(step, len(path) + 1, step)
        }
        found = Collection.objects.filter(path__in=wanted).only(
            "path", "depth", "reference_code", "title", *Policy.values
        )
        self._by_path = {collection.path: collection for collection in found}

    @classmethod
    def of(cls, units: Iterable[Collection | Photograph]) -> Self:
        """Read what stands above the units; photographs with their collection."""
        return cls(_path(unit) for unit in units)

    def parent(self, collection: Collection) -> Collection | None:
        """Return the collection directly above."""
        return self._by_path.get(collection.path[: -Collection.steplen])

    def holding(self, unit: Collection | Photograph) -> dict[Policy, str]:
        """Return every restriction that holds, and the nearest carrier's code.

        The unit's own flag counts first, as in `archive.policy.holding`.
        """
        path = _path(unit)
        nearest_first = [
            self._by_path[path[:end]]
            for end in range(len(path), 0, -Collection.steplen)
            if path[:end] in self._by_path
        ]
        held = {}
        for policy in Policy:
            for carrier in (unit, *nearest_first):
                if getattr(carrier, policy.value):
                    held[policy] = carrier.reference_code
                    break
        return held


def photographs_by_path(below: str = "") -> dict[str, int]:
    """Return how many photographs lie directly in each collection, by tree path.

    Collections without any are left out. `below` is the path of one collection, to
    count in it and under it only.
    """
    counted = (
        Photograph.objects.order_by()
        .filter(collection__path__startswith=below)
        .values_list("collection__path")
        .annotate(photographs=Count("pk"))
    )
    return dict(counted)


def _path(unit: Collection | Photograph) -> str:
    path: str = (unit if isinstance(unit, Collection) else unit.collection).path
    return path
