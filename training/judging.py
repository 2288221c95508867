"""Letting a person judge what a tagger suggests: sheets to look at, a table to fill in.

Where no labelled pictures are, precision can still be counted: of the suggestions
that the card's thresholds make, how many are right.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from colorizer.vision.inference import Tagger
from training.errors import DatasetMissing, UnknownLabel

Pictures = dict[str, NDArray[np.uint8]]
LONGEST = 768
COLUMNS, ROWS, SIDE, LINE = 6, 4, 230, 14
COLUMN_NAMES = ["file", "term", "score", "right"]


@dataclass(frozen=True)
class Suggestion:
    """What a tagger suggests of a picture; ``score`` is its probability."""

    file: str
    term: str
    score: float


@dataclass(frozen=True)
class Counted:
    """What a person counted; ``terms`` gives each term's right and wrong ones."""

    pictures: int
    pictures_with_suggestions: int
    suggestions: int
    right: int
    precision: float
    mean_score: float
    terms: dict[str, list[int]] = field(default_factory=dict)


def read_pictures(folder: Path) -> Pictures:
    """Return the luma (H, W) of every picture of a folder, by file name.

    Raises:
        DatasetMissing: There is none.
    """
    found: Pictures = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".tif"}:
            with Image.open(path) as opened:
                grey = opened.convert("L")
            grey.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
            found[path.name] = np.asarray(grey)
    if not found:
        raise DatasetMissing(f"There are no pictures in {folder}.")
    return found


def suggestions(tagger: Tagger, pictures: Pictures) -> list[Suggestion]:
    """Return what reaches its threshold, in the order of the pictures."""
    thresholds = tagger.card.thresholds
    predicted = tagger.predict(list(pictures.values()))
    return [
        Suggestion(file, term, score)
        for file, scores in zip(pictures, predicted, strict=True)
        for term, score in sorted(scores.items(), key=lambda item: -item[1])
        if score >= thresholds[term]
    ]


def write(folder: Path, pictures: Pictures, found: Sequence[Suggestion]) -> None:
    """Write ``sheet-1.png`` and so on, and ``suggestions.csv``.

    A picture without suggestions has one line in the table, without a term.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_file: dict[str, list[Suggestion]] = {file: [] for file in pictures}
    for each in found:
        by_file[each.file].append(each)
    with (folder / "suggestions.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMN_NAMES)
        for file, some in by_file.items():
            writer.writerows([file, one.term, f"{one.score:.4f}", ""] for one in some)
            if not some:
                writer.writerow([file, "", "", ""])
    shown = [file for file, some in by_file.items() if some]
    each_sheet = COLUMNS * ROWS
    for start in range(0, len(shown), each_sheet):
        part = shown[start : start + each_sheet]
        page = _sheet([(pictures[file], by_file[file]) for file in part])
        page.save(folder / f"sheet-{start // each_sheet + 1}.png")


def count(table: Path) -> Counted:
    """Count what a person has filled in: "yes" or "no" in the last column.

    Raises:
        DatasetMissing: There is no such table.
        UnknownLabel: A suggestion has neither.
    """
    if not table.is_file():
        raise DatasetMissing(f"There is no table {table}.")
    with table.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    judged = [row for row in rows if row["term"]]
    terms: dict[str, list[int]] = {}
    for row in judged:
        if row["right"] not in {"yes", "no"}:
            raise UnknownLabel(
                f"{row['file']}, {row['term']}: write yes or no in the column “right”."
            )
        terms.setdefault(row["term"], [0, 0])[row["right"] == "no"] += 1
    right = sum(yes for yes, _ in terms.values())
    return Counted(
        pictures=_files(rows),
        pictures_with_suggestions=_files(judged),
        suggestions=len(judged),
        right=right,
        precision=round(right / max(1, len(judged)), 4),
        mean_score=round(
            sum(float(row["score"]) for row in judged) / max(1, len(judged)), 4
        ),
        terms=dict(sorted(terms.items())),
    )


def _files(rows: Iterable[dict[str, str]]) -> int:
    return len({row["file"] for row in rows})


def _sheet(
    shown: Sequence[tuple[NDArray[np.uint8], Sequence[Suggestion]]],
) -> Image.Image:
    """Return pictures in rows, with the file's name and the suggestions below each."""
    high = SIDE + LINE * (1 + max(len(some) for _, some in shown))
    rows = -(-len(shown) // COLUMNS)
    page = Image.new("L", (COLUMNS * SIDE, rows * high), 255)
    pen = ImageDraw.Draw(page)
    for place, (grey, some) in enumerate(shown):
        left, top = place % COLUMNS * SIDE, place // COLUMNS * high
        small = Image.fromarray(grey)
        small.thumbnail((SIDE - 6, SIDE - 6), Image.Resampling.LANCZOS)
        page.paste(small, (left, top))
        words = [some[0].file[:36], *(f"{one.term} {one.score:.2f}" for one in some)]
        for line, text in enumerate(words):
            pen.text((left, top + SIDE + line * LINE), text, fill=0)
    return page
