"""What is known of pictures' labels, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.pack import Entry
from training.sources import LABELS

Truth = NDArray[np.int8]


def truth_of(entries: Sequence[Entry], labels: Sequence[str] = LABELS) -> Truth:
    """Return (N, L): 1 present, 0 known to be absent, -1 unknown."""
    truth = np.full((len(entries), len(labels)), -1, np.int8)
    place = {label: i for i, label in enumerate(labels)}
    for row, entry in enumerate(entries):
        for label in entry.known:
            truth[row, place[label]] = 0
        for label in entry.present:
            truth[row, place[label]] = 1
    return truth
