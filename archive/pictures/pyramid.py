"""Cutting a scan into the tiles of a zooming viewer, strip by strip.

Each level is half as large as the one before, by the mean of two by two pixels, down
to the one that is a single tile. Beside the decoded scan only some strips of a tile's
height are held at a time, whatever the scan's size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from archive.pictures.decoding import (
    TWELVE_BIT_WHITE,
    Picture,
    brightest_white,
    on_paper,
)
from archive.pictures.profiles import to_srgb

#: The side of a tile in pixels; those at the right and lower edge may be smaller.
SIDE: Final = 512


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A piece of a level of the pyramid.

    Attributes:
        factor: how many pixels of the scan's side one pixel stands for: 1, 2, 4 …
        column: counted from the left, from 0.
        row: counted from the top, from 0.
        image: 8-bit sRGB, L or RGB, at most `SIDE` on a side.
    """

    factor: int
    column: int
    row: int
    image: Image.Image


def factors(width: int, height: int) -> list[int]:
    """The factors of the levels of a picture, the full size first.

    The last one fits in a tile, but for a strip so long that its width halved that
    often would leave less than one row of the strips that are worked on.
    """
    found = [1]
    while max(width, height) > SIDE * found[-1] and found[-1] < SIDE:
        found.append(found[-1] * 2)
    return found


def cut(picture: Picture) -> Iterator[Tile]:
    """Cut a decoded scan into tiles, in the tone of `rendition`."""
    height, width = picture.pixels.shape[:2]
    shift = 0
    if picture.pixels.dtype == np.uint16:
        shift = 8 if brightest_white(picture.pixels) > TWELVE_BIT_WHITE else 4
    levels = [_Level(width, height, factor) for factor in factors(width, height)]
    for top in range(0, height, SIDE):
        strip = _toned(picture, slice(top, min(top + SIDE, height)), shift)
        for level in levels:
            yield from level.take(strip)
            if level is not levels[-1]:
                strip = strip.reduce(2)


def _toned(picture: Picture, rows: slice, shift: int) -> Image.Image:
    """Some rows at full size as a screen shows them, L or RGB."""
    pixels = picture.pixels[rows]
    if pixels.dtype == np.uint16:
        pixels = np.right_shift(pixels, shift).astype(np.uint8)
        image = Image.fromarray(pixels)
        if pixels.ndim == 3:
            image = to_srgb(image, picture.facts.icc_profile)
    else:
        image = Image.fromarray(pixels)
    return on_paper(image, None if picture.alpha is None else picture.alpha[rows])


class _Level:
    """One level, of which one row of tiles is being filled from above."""

    def __init__(self, width: int, height: int, factor: int) -> None:
        self.factor = factor
        self.width = -(-width // factor)
        self.height = -(-height // factor)
        self.top = 0  # of the row of tiles that is being filled
        self.filled = 0
        self.rows: Image.Image | None = None

    def take(self, strip: Image.Image) -> Iterator[Tile]:
        """Add the next rows of this level; yield the tiles that are complete."""
        room = min(SIDE, self.height - self.top)
        if self.rows is None:
            self.rows = Image.new(strip.mode, (self.width, room))
        self.rows.paste(strip, (0, self.filled))
        self.filled += strip.height
        if self.filled < room:
            return
        for column, left in enumerate(range(0, self.width, SIDE)):
            box = (left, 0, min(left + SIDE, self.width), room)
            yield Tile(self.factor, column, self.top // SIDE, self.rows.crop(box))
        self.top, self.filled, self.rows = self.top + room, 0, None
