"""Colour hints of a curator: points of a picture and the colours they should have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from colorizer.vision.vividness import Vividness

CHANNELS = 3
"""a / 110, b / 110 and the mask; all 0 where nothing is known."""
AB_SCALE = 110.0
WEIGHTS = "hint_"
"""How the names of the weights begin that a network needs for hints alone."""
PATCH = 5 / 256
"""Side of what a point covers, as a share of the picture's longer side."""


@dataclass(frozen=True)
class Hint:
    """A point and its colour.

    Args:
        x: From the left edge, in pixels of the picture that is given to be coloured.
        y: From its upper edge.
        colour: sRGB, 0-255 each; its lightness has no part in it.
    """

    x: float
    y: float
    colour: tuple[int, int, int]

    def inside(self, height: int, width: int) -> bool:
        """Say whether the point is in a picture and the colour is one."""
        return (
            0 <= self.x < width
            and 0 <= self.y < height
            and len(self.colour) == CHANNELS
            and all(0 <= value <= 255 for value in self.colour)
        )

    def ab(self, vividness: Vividness) -> NDArray[np.float32]:
        """Return the colour (2,), CIE Lab a*b*, that becomes this one when vivid."""
        lab = rgb2lab(np.array([[self.colour]], np.float64) / 255)[0, 0]
        return vividness.undone(lab[1:]).astype(np.float32)


def hint_planes(
    hints: Sequence[Hint],
    given: tuple[int, ...],
    small: tuple[int, ...],
    padded: tuple[int, ...],
    vividness: Vividness = Vividness(),  # noqa: B008  # immutable
) -> NDArray[np.float32]:
    """Return a network's hint input, (3, H, W): a / 110, b / 110 and the mask.

    Args:
        hints: Of a picture; later ones cover earlier ones.
        given: Height and width of the picture whose coordinates they have.
        small: Those of it at the working size.
        padded: Those of the planes.
        vividness: What the network's colours will undergo; the hints that they follow
            are given to it as they are before.
    """
    planes = np.zeros((CHANNELS, *padded), np.float32)
    side = max(1, round(PATCH * max(small)))
    for hint in hints:
        top = _start(hint.y, given[0], small[0], side)
        left = _start(hint.x, given[1], small[1], side)
        patch = (slice(top, top + side), slice(left, left + side))
        inside = (slice(0, small[0]), slice(0, small[1]))
        planes[:2, *inside][:, *patch] = hint.ab(vividness)[:, None, None] / AB_SCALE
        planes[2, *inside][patch] = 1.0
    return planes


def _start(place: float, given: int, small: int, side: int) -> int:
    """Return where a patch about a place begins at the working size."""
    return max(0, int((place + 0.5) * small / given) - side // 2)
