"""Where things stand on the paper: lengths in PDF points, 72 to the inch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

MM = 72 / 25.4
PAPERS = {"a4": (210 * MM, 297 * MM), "letter": (612.0, 792.0)}
COLUMNS = (2, 3, 4, 5, 6)
MARGIN, GAP = 14 * MM, 5 * MM
HEAD, FOOT = 16 * MM, 8 * MM
#: The picture's box is as high as this part of its width.
SHAPE = 0.86
DOTS_AN_INCH = 200


@dataclass(frozen=True)
class Layout:
    """How a contact sheet is asked for.

    Attributes:
        paper: `a4` or `letter`.
        columns: pictures beside each other.
        colours: accepted colours in the place of originals, labelled.
    """

    paper: str = "a4"
    columns: int = 4
    colours: bool = False

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what was asked; what means nothing is the usual."""
        columns = kept.get("columns")
        return cls(
            paper=kept["paper"] if kept.get("paper") in PAPERS else "a4",
            columns=columns if columns in COLUMNS else 4,
            colours=bool(kept.get("colours")),
        )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper."""
        return PAPERS[self.paper]

    @property
    def type_size(self) -> float:
        """Of the captions."""
        return 8.5 if self.columns <= 2 else 7.5 if self.columns <= 4 else 6.5

    @property
    def leading(self) -> float:
        """From line to line."""
        return self.type_size * 1.3

    @property
    def cell_width(self) -> float:
        """Of a picture's box and its caption."""
        free = self.size[0] - 2 * MARGIN - GAP * (self.columns - 1)
        return free / self.columns

    @property
    def picture_height(self) -> float:
        """Of a picture's box."""
        return self.cell_width * SHAPE

    @property
    def caption_lines(self) -> int:
        """How many lines a caption has at most."""
        return 7 if self.colours else 5

    @property
    def cell_height(self) -> float:
        """Of the box, its caption and the space below."""
        return self.picture_height + self.leading * (self.caption_lines + 0.6) + GAP / 2

    @property
    def rows(self) -> int:
        """How many fit below each other; never none."""
        free = self.size[1] - 2 * MARGIN - HEAD - FOOT
        return max(1, int(free // self.cell_height))

    @property
    def a_page(self) -> int:
        """Photographs on a page."""
        return self.rows * self.columns

    def pages(self, count: int) -> int:
        """Return how many pages so many photographs take."""
        return -(-count // self.a_page)

    def place(self, number: int) -> tuple[float, float]:
        """Return left and top of a cell, counted from 0 on each page."""
        row, column = divmod(number, self.columns)
        left = MARGIN + column * (self.cell_width + GAP)
        return left, self.size[1] - MARGIN - HEAD - row * self.cell_height

    @property
    def pixels(self) -> int:
        """The longest side that print can use."""
        return round(max(self.cell_width, self.picture_height) / 72 * DOTS_AN_INCH)
