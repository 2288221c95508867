"""Which labelled pictures are learnt from, and how often each is drawn."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.pack import Entry


def labelled_share(entries: Sequence[Entry], share: float, seed: int) -> list[Entry]:
    """Return a share of the entries, in their order.

    Each entry belongs to the stratum of its rarest label; of every stratum the share,
    rounded up, is taken, so that no label is lost. For one seed a smaller share lies
    inside every larger one.

    Args:
        entries: Labelled, or of one stratum where they have no labels.
        share: 0-1.
        seed: Of the order in which a stratum is taken.
    """
    counts = Counter(label for entry in entries for label in entry.present)
    strata: dict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        rarest = min(
            entry.present, key=lambda label: (counts[label], label), default=""
        )
        strata[rarest].append(place)
    rng = np.random.default_rng(seed)
    taken: list[int] = []
    for label in sorted(strata):
        order = rng.permutation(strata[label])
        taken += order[: math.ceil(share * len(order) - 1e-9)].tolist()
    return [entries[place] for place in sorted(taken)]


def balanced_weights(
    entries: Sequence[Entry], sources: dict[str, float], exponent: float
) -> NDArray[np.float64]:
    """Return how often each entry is drawn: more often the rarer its rarest label."""
    counts = Counter(label for entry in entries for label in entry.present)
    return np.array(
        [
            sources[e.source]
            * max((counts[label] ** -exponent for label in e.present), default=0.0)
            for e in entries
        ]
    )
