"""Pictures that are known to show a term, or known not to.

There are few: one picture of nearly every ImageNet class (``varied``, named by its
WordNet number), and the Caltech-101 objects whose name is a term's. A picture is
taken to show its own class and none of the other terms, which is not always so: a
church has a bell tower. Precision measured on them is therefore rather too low.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from training.errors import EmptySplit
from training.pack import Entry, Pack
from training.vocabulary.terms import ArchiveTerm

SOURCES = ("varied", "objects")
OBJECTS = {
    "accordion": "accordion",
    "barrel": "barrel",
    "camera": "camera",
    "cannon": "cannon",
    "electric_guitar": "guitar",
    "elephant": "elephant",
    "euphonium": "brass instrument",
    "grand_piano": "piano",
    "ketch": "sailing ship",
    "revolver": "revolver",
    "rooster": "poultry",
    "saxophone": "saxophone",
    "schooner": "sailing ship",
    "umbrella": "umbrella",
}
"""Caltech-101 names of terms."""
Truth = NDArray[np.int8]


def evidence(pack: Pack) -> list[Entry]:
    """Return the pictures, near-duplicates apart.

    Raises:
        EmptySplit: The pack has none.
    """
    found = [
        e
        for e in pack.entries
        if e.split != "out"
        and (e.source == "varied" or (e.source == "objects" and _shown(e) in OBJECTS))
    ]
    if not found:
        raise EmptySplit(
            f"{pack.folder} has no picture of {' or '.join(SOURCES)}: prepare it with "
            "one of these sets."
        )
    return found


def truth_of(entries: Sequence[Entry], terms: Sequence[ArchiveTerm]) -> Truth:
    """Return (N, T): 1 shown, 0 taken not to be shown."""
    place = {term.label: column for column, term in enumerate(terms)}
    by_wnid = {
        each.wnid: column for column, term in enumerate(terms) for each in term.classes
    }
    truth = np.zeros((len(entries), len(terms)), np.int8)
    for row, entry in enumerate(entries):
        shown = _shown(entry)
        if entry.source == "varied":
            column = by_wnid.get(shown)
        else:
            column = place.get(OBJECTS[shown])
        if column is not None:
            truth[row, column] = 1
    return truth


def _shown(entry: Entry) -> str:
    """Return what the file name says: a WordNet number, or a Caltech-101 name."""
    stem = PurePosixPath(entry.file).stem
    return stem.split("_" if entry.source == "varied" else "__", 1)[0]
