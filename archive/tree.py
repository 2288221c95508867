"""The tree of collections as a page shows it: each with how much lies below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils.formats import get_format

from archive.models import Collection, Photograph
from archive.vocabularies import Level, Policy

STEPS = ("described", "tagged", "colorized", "reviewed", "published")


@dataclass(frozen=True)
class Branch:
    """A collection, and what it and everything below it hold.

    Attributes:
        collection: the collection.
        counts: number of photographs, and of those described, tagged, colorized,
            reviewed (a machine has seen them and nothing waits) and published.
        parent: key of the collection directly above; None at the top.
        own: restrictions that the collection carries itself.
        inherited: restrictions that it has from above.
    """

    collection: Collection
    counts: Counter[str]
    parent: int | None = None
    own: list[Policy] = field(default_factory=list)
    inherited: list[Policy] = field(default_factory=list)

    @property
    def shares(self) -> list[tuple[str, int]]:
        """How many photographs have come to each step, in the order of the work."""
        return [(step, self.counts[step]) for step in STEPS]

    @property
    def key(self) -> str:
        """The collection's key, as addresses have it."""
        return str(self.collection.pk)

    @property
    def name(self) -> str:
        """The collection's reference code and title."""
        return str(self.collection)

    @property
    def level(self) -> str:
        """The collection's level of description, in words.

        Django's own `get_level_display` translates all levels to say one.
        """
        return str(Level(self.collection.level).label)

    @property
    def total(self) -> str:
        """How many photographs, as one reads it."""
        return _grouped(self.counts["photographs"], get_format("THOUSAND_SEPARATOR"))

    @property
    def numbers(self) -> list[tuple[int, str]]:
        """The shares as numbers and as one reads them."""
        separator = get_format("THOUSAND_SEPARATOR")
        return [(count, _grouped(count, separator)) for _step, count in self.shares]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing below."""
        return self.collection.is_leaf() and not self.counts["photographs"]


def _grouped(number: int, separator: str) -> str:
    return f"{number:,}".replace(",", separator)


def branches(collections: Iterable[Collection]) -> list[Branch]:
    """Return the collections in order, with counts: two more queries in all.

    Args:
        collections: with everything below them, parents before children.
    """
    listed = list(collections)
    paths = {collection.pk: collection.path for collection in listed}
    keys = {path: key for key, path in paths.items()}
    sums: dict[str, Counter[str]] = {path: Counter() for path in paths.values()}
    for row in _counts(paths):
        path = paths[row.pop("collection")]
        for end in range(Collection.steplen, len(path) + 1, Collection.steplen):
            if path[:end] in sums:
                sums[path[:end]].update(row)
    own = {collection.path: restrictions(collection) for collection in listed}
    return [
        Branch(
            collection=collection,
            counts=sums[collection.path],
            parent=keys.get(collection.path[: -Collection.steplen]),
            own=own[collection.path],
            inherited=_inherited(collection.path, own),
        )
        for collection in listed
    ]


def _counts(collections: Iterable[int]) -> Iterator[dict[str, int]]:
    """Count the photographs of each collection itself; each query reads an index."""
    held = Photograph.objects.order_by().filter(collection__in=list(collections))
    undescribed = dict(
        held.filter(title="").values_list("collection").annotate(Count("pk"))
    )
    published = dict(held.published().values_list("collection").annotate(Count("pk")))
    seen = Q(tagged_at__isnull=False) | Q(colorized_at__isnull=False)
    for row in held.values("collection").annotate(
        photographs=Count("pk"),
        tagged=Count("tagged_at"),
        colorized=Count("colorized_at"),
        reviewed=Count("pk", filter=seen & Q(waits=False)),
    ):
        key = row["collection"]
        yield {
            **row,
            "described": row["photographs"] - undescribed.get(key, 0),
            "published": published.get(key, 0),
        }


def restrictions(collection: Collection) -> list[Policy]:
    """Return the restrictions that a collection carries itself."""
    return [policy for policy in Policy if getattr(collection, policy.value)]


def _inherited(path: str, own: dict[str, list[Policy]]) -> list[Policy]:
    step = Collection.steplen
    above = [own.get(path[:end], []) for end in range(step, len(path), step)]
    return [policy for policy in Policy if any(policy in flags for flags in above)]
