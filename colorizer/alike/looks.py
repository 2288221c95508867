"""Looks: groups of photographs that are alike enough for one decision.

The first photograph of a look leads it, and every other is alike to the leader, not
only to its neighbour; so a look does not wander from one thing to another.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from archive.models import Photograph
from colorizer.alike import index
from colorizer.alike.index import Vectors

if TYPE_CHECKING:
    from usearch.index import Index

LIKE = 0.80
"""From this likeness on a photograph joins the look of another."""
ASKED = 24
PORTION = 500


def join(everything: Index, new: Mapping[int, Vectors]) -> None:
    """Give each new photograph a look: the nearest one that there is, or its own.

    Args:
        everything: the index, the new photographs among the others.
        new: photograph to vector, in the order in which they came.
    """
    near = {
        key: [
            other
            for other, likeness in index.nearest(everything, vector, ASKED)
            if likeness >= LIKE and other != key
        ]
        for key, vector in new.items()
    }
    looks = _looks({*new, *itertools.chain.from_iterable(near.values())})
    # One that others follow goes on leading them: they were compared with it.
    led = _led(new)
    changed = {}
    for key, others in near.items():
        if key in led:
            continue
        leaders = (other for other in others if looks.get(other) == other)
        looks[key] = changed[key] = next(leaders, key)
    keys = list(changed)
    for start in range(0, len(keys), PORTION):
        Photograph.objects.bulk_update(
            [Photograph(pk=key, look=changed[key]) for key in keys[start:][:PORTION]],
            ["look"],
        )


def _looks(keys: set[int]) -> dict[int, int]:
    """Return the look of each photograph that has one."""
    found: dict[int, int] = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), PORTION):
        rows = Photograph.objects.filter(pk__in=ordered[start : start + PORTION])
        found |= dict(rows.exclude(look=0).values_list("pk", "look"))
    return found


def _led(keys: Mapping[int, Vectors]) -> set[int]:
    """Return which photographs lead others beside themselves."""
    found: set[int] = set()
    ordered = sorted(keys)
    for start in range(0, len(ordered), PORTION):
        portion = ordered[start : start + PORTION]
        rows = Photograph.objects.filter(look__in=portion).values_list("pk", "look")
        found |= {look for pk, look in rows if pk != look}
    return found
