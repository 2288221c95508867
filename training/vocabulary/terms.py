"""Which ImageNet classes an archive would use, and as which of its terms."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("classes.csv")
CLASSES = 1000
"""Classes of the published classifier, in the order of their WordNet numbers."""


@dataclass(frozen=True)
class ImageNetClass:
    """One class of the classifier: its place, WordNet number and ImageNet name."""

    place: int
    wnid: str
    name: str


@dataclass(frozen=True)
class ArchiveTerm:
    """A term that is suggested, the term above it, and the classes that it joins."""

    label: str
    broader: str
    classes: tuple[ImageNetClass, ...]

    @property
    def places(self) -> list[int]:
        """The places of its classes in the classifier."""
        return [each.place for each in self.classes]


def archive_terms(table: Path = TABLE) -> list[ArchiveTerm]:
    """Return the terms in the order of the table, one line of which is a class."""
    joined: dict[tuple[str, str], list[ImageNetClass]] = {}
    with table.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            one = ImageNetClass(int(row["class"]), row["wnid"], row["name"])
            joined.setdefault((row["term"], row["broader"]), []).append(one)
    return [
        ArchiveTerm(label, broader, tuple(classes))
        for (label, broader), classes in joined.items()
    ]
