"""Addresses of tiles by the IIIF Image API 3.0, level 0.

Level 0 is what a folder of tiles can answer: `info.json` names the tiles, and nothing
else is offered. Source: https://iiif.io/api/image/3.0/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from archive.pictures.pyramid import SIDE, factors

CONTEXT = "http://iiif.io/api/image/3/context.json"
LEVEL = "http://iiif.io/api/image/3/level0.json"
PROFILE = "level0"

_REGION = re.compile(r"(\d{1,7}),(\d{1,7}),(\d{1,7}),(\d{1,7})\Z")
_SIZE = re.compile(r"(\d{1,4}),(\d{1,4})\Z")


@dataclass(frozen=True)
class Place:
    """Where a tile lies in the pyramid of a picture.

    Attributes:
        factor: how many pixels of the picture's side one pixel stands for.
        column: counted from the left, from 0.
        row: counted from the top, from 0.
    """

    factor: int
    column: int
    row: int

    @property
    def corner(self) -> tuple[int, int]:
        """Column and row of its first pixel, counted in pixels of its level."""
        return self.column * SIDE, self.row * SIDE

    def level(self, width: int, height: int) -> tuple[int, int]:
        """Columns and rows of its level of a picture that is width × height."""
        return -(-width // self.factor), -(-height // self.factor)


def information(address: str, width: int, height: int) -> dict[str, Any]:
    """Return the `info.json` of a picture.

    Args:
        address: absolute, without a slash at its end.
        width: pixels, as displayed.
        height: pixels, as displayed.
    """
    steps = factors(width, height)
    smallest = Place(steps[-1], 0, 0).level(width, height)
    return {
        "@context": CONTEXT,
        "id": address,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": PROFILE,
        "width": width,
        "height": height,
        "sizes": [{"width": smallest[0], "height": smallest[1]}],
        "tiles": [{"width": SIDE, "height": SIDE, "scaleFactors": steps}],
    }


def place(region: str, size: str, width: int, height: int) -> Place | None:
    """Return which tile a region and a size name; None where it is none.

    Args:
        region: `x,y,w,h` in pixels of the picture, or `full`.
        size: `w,h` of the tile, or `max`.
        width: of the picture.
        height: of the picture.
    """
    asked = _box(region, size, width, height)
    if asked is None:
        return None
    left, top, wide, high, columns, rows = asked
    for factor in factors(width, height):
        step = SIDE * factor
        fits = (
            left % step == 0
            and top % step == 0
            and left < width
            and top < height
            and wide == min(step, width - left)
            and high == min(step, height - top)
            and columns == -(-wide // factor)
            and rows == -(-high // factor)
        )
        if fits:
            return Place(factor, left // step, top // step)
    return None


def _box(region: str, size: str, width: int, height: int) -> tuple[int, ...] | None:
    found = _REGION.match(f"0,0,{width},{height}" if region == "full" else region)
    if found is None:
        return None
    box = tuple(int(number) for number in found.groups())
    measure = _SIZE.match(f"{box[2]},{box[3]}" if size == "max" else size)
    return measure and (*box, int(measure[1]), int(measure[2]))
