"""The full-resolution merge: a small chroma plane on a large grey scan, luma exact.

Why luma is exact. Let R and B be any integers and G the integer nearest to the value
that makes 19595 R + 38470 G + 7471 B equal to 65536 Y. That sum is then off by at
most 38470 / 2, which is less than the 32768 that luma rounds away: the luma of
(R, G, B) is Y. So only gamut can spoil it. Each pixel's chroma is scaled, before
rounding, so that all three channels lie between black and white; rounding R and B
moves the ideal G by at most (19595 + 7471) / 38470 / 2 = 0.36 beyond black or white,
and holding it there adds no more than that: 0.36 × 38470 is still less than 32768.
The same holds for 16 bits. No repair is needed afterwards.

The scan is worked on in blocks, so that memory hardly exceeds the result.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from colorizer.vision.colour import (
    BLUE,
    BLUE_FROM_CB,
    GREEN,
    RED,
    RED_FROM_CR,
    Chroma,
    Plane,
    Samples,
    white_of,
)

_BLOCK: Final = 1 << 16  # pixels a block: its buffers stay in the processor's cache
_WIDEST: Final = 1 << 13  # columns a block

_TINY = np.float32(1e-6)
_ONE = np.float32(1)
_HALF = np.float32(0.5)


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a picture a grey scan is.

    Attributes:
        left: columns of the picture before it.
        top: rows of the picture above it.
        width: columns of the whole picture.
        height: rows of the whole picture.
    """

    left: int
    top: int
    width: int
    height: int


def merge(
    grey: Samples,
    chroma: Chroma,
    *,
    strength: float = 1.0,
    white: int | None = None,
    window: Window | None = None,
) -> Samples:
    """Add colours to a grey scan without changing its luma.

    Args:
        grey: (H, W), uint8 or uint16, sRGB-coded. Not changed.
        chroma: The colours of the whole picture at any size; upsampled bilinearly,
            pixel centres aligned as in a resize of the picture.
        strength: Factor on the chroma; 0 gives grey.
        white: The value of white; `white_of(grey)` where it is not given.
        window: Where the grey lies in the picture that the chroma belongs to; by
            default it is the whole of it. A part gets the colours that it gets as
            part of the whole.

    Returns:
        (H, W, 3) RGB of the same type, with `luma(result) == grey` everywhere. Black
        and white stay neutral: there is no room for colour in them.

    Raises:
        ValueError: For another shape or type, a window outside its picture, or a
            strength that is negative or not finite.
    """
    if grey.ndim != 2 or grey.dtype not in (np.uint8, np.uint16):
        raise ValueError("The grey picture must be (H, W) of uint8 or uint16.")
    if not (np.isfinite(strength) and strength >= 0):
        raise ValueError("The strength must be zero or more.")
    top_value = white_of(grey) if white is None else white
    height, width = grey.shape
    within = window or Window(0, 0, width, height)
    if not (
        0 <= within.left <= within.width - width
        and 0 <= within.top <= within.height - height
    ):
        raise ValueError("The window must lie in its picture.")
    merged = np.empty((height, width, 3), grey.dtype)
    offsets = _offsets(chroma, strength * top_value / 255)
    for left in range(0, width, _WIDEST):
        columns = slice(left, min(left + _WIDEST, width))
        span = columns.stop - columns.start
        wide = _upsample_columns(offsets, _shifted(columns, within.left), within.width)
        block = _Block(max(1, min(_BLOCK // span, height)), span, top_value)
        for top in range(0, height, block.rows):
            rows = slice(top, min(top + block.rows, height))
            block.merge(
                grey[rows, columns],
                wide,
                _shifted(rows, within.top),
                within.height,
                merged[rows, columns],
            )
    return merged


def _shifted(indices: slice, by: int) -> slice:
    return slice(indices.start + by, indices.stop + by)


def _offsets(chroma: Chroma, scale: float) -> Plane:
    """(h, 3, w) of R - Y, G - Y and B - Y, whose luma is zero."""
    red = chroma.cr * np.float32(RED_FROM_CR * scale)
    blue = chroma.cb * np.float32(BLUE_FROM_CB * scale)
    green = (red * np.float32(RED) + blue * np.float32(BLUE)) / np.float32(-GREEN)
    return np.stack([red, green, blue], axis=1)


def _positions(
    indices: slice, length: int, small: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Plane]:
    """Where pixels of a side of `length` fall between those of a side of `small`.

    Returns:
        The sample before, the sample after, and the weight of the one after.
    """
    centres = (np.arange(indices.start, indices.stop) + 0.5) * (small / length) - 0.5
    centres = np.clip(centres, 0, small - 1)
    before = centres.astype(np.intp)
    after = np.minimum(before + 1, small - 1)
    return before, after, (centres - before).astype(np.float32)


def _upsample_columns(offsets: Plane, columns: slice, width: int) -> Plane:
    """(h, 3, span): the given columns at full width, still few rows."""
    before, after, weight = _positions(columns, width, offsets.shape[2])
    wide = offsets[:, :, after]
    near = offsets[:, :, before]
    wide -= near
    wide *= weight
    wide += near
    return wide


class _Block:
    """The buffers for one block of pixels, used again for each."""

    def __init__(self, rows: int, span: int, white: int) -> None:
        self.rows = rows
        self.span = span
        self.white = np.float32(white)
        self._offsets = np.empty((rows, 3, span), np.float32)
        self._planes = np.empty((4, rows, span), np.float32)

    def merge(
        self, grey: Samples, wide: Plane, rows: slice, height: int, out: Samples
    ) -> None:
        """Fill `out` (rows, span, 3) from grey (rows, span), wide (h, 3, span)."""
        count = rows.stop - rows.start
        red, green, blue = self._upsample_rows(wide, rows, height)
        luma, scale, room, extent = self._planes[:, :count]
        luma[...] = grey

        # The largest part, at most all, of the chroma that stays below white …
        np.maximum(red, green, out=extent)
        np.maximum(extent, blue, out=extent)
        np.maximum(extent, _TINY, out=extent)
        np.subtract(self.white, luma, out=room)
        np.divide(room, extent, out=scale)
        # … and above black. Offsets of zero luma have a part of either sign.
        np.minimum(red, green, out=extent)
        np.minimum(extent, blue, out=extent)
        np.negative(extent, out=extent)
        np.maximum(extent, _TINY, out=extent)
        np.divide(luma, extent, out=room)
        np.minimum(scale, room, out=scale)
        np.minimum(scale, _ONE, out=scale)

        # Truncation after adding one half rounds: nothing here is below zero.
        np.multiply(luma, np.float32(65536 / GREEN), out=green)
        green += _HALF
        luma += _HALF
        for channel, offset, weight in ((0, red, RED), (2, blue, BLUE)):
            offset *= scale
            offset += luma
            np.trunc(offset, out=offset)
            out[..., channel] = offset
            offset *= np.float32(weight / GREEN)
            green -= offset
        out[..., 1] = green

    def _upsample_rows(
        self, wide: Plane, rows: slice, height: int
    ) -> tuple[Plane, Plane, Plane]:
        before, after, weight = _positions(rows, height, wide.shape[0])
        offsets = self._offsets[: len(weight)]
        # Rows between the same two small rows are blended together. A product of
        # matrices would say it shorter, but starts threads for these few numbers.
        edges = [0, *(np.flatnonzero(np.diff(before)) + 1), len(weight)]
        for start, stop in pairwise(edges):
            near, far = wide[before[start]], wide[after[start]]
            part = offsets[start:stop]
            np.multiply(weight[start:stop, None, None], far - near, out=part)
            part += near
        red, green, blue = np.moveaxis(offsets, 1, 0)
        return red, green, blue
