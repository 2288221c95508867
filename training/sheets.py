"""Pages for human inspection: everything side by side, and a failure gallery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from colorizer.vision.colour import luma
from colorizer.vision.inference import Colorizer
from colorizer.vision.merge import merge
from training.metrics import ColourScores, Rgb

GAP = 8
LINE = 14
"""Height of a line of text."""


@dataclass(frozen=True)
class Shown:
    """A picture in grey, colorized and true, and how far off it is."""

    name: str
    grey: Rgb
    colour: Rgb
    true: Rgb
    delta_e: float
    oversaturation: float
    """Colourfulness beyond the true picture's; below 0 where it is paler."""


def colorized(pictures: Sequence[tuple[str, Rgb]], colorizer: Colorizer) -> list[Shown]:
    """Colorize and score every picture."""
    shown = []
    for name, rgb in pictures:
        grey = luma(rgb).astype(np.uint8)
        colour = merge(grey, colorizer.predict([grey])[0]).astype(np.uint8)
        scores = ColourScores()
        scores.add(colour, rgb)
        excess = scores.colourfulness[0] - scores.true_colourfulness[0]
        shown.append(Shown(name, grey, colour, rgb, scores.delta_e[0], excess))
    return shown


def sheet(
    shown: Sequence[Shown], side: int = 240, columns: int = 3, *, true: bool = True
) -> Image.Image:
    """Return a sheet of grey, colorized and (unless not ``true``) true pictures."""
    kinds = 3 if true else 2
    rows = -(-len(shown) // columns)
    width = columns * (kinds * side + GAP)
    page = Image.new("RGB", (width, rows * (side + 4)), "white")
    for place, one in enumerate(shown):
        left = place % columns * (kinds * side + GAP)
        _row(page, one, (left, place // columns * (side + 4)), side, kinds)
    return page


def gallery(
    shown: Sequence[Shown], side: int = 180, each: int = 4, seed: int = 0
) -> Image.Image:
    """Return a page of failures, and a draw that nobody chose.

    The worst by ΔE00, the worst by colourfulness beyond the truth, and a random draw
    of fixed seed: grey, colorized and true, with name and figures.
    """
    drawn = np.random.default_rng(seed).permutation(len(shown))[:each]
    bands = {
        "Worst by mean dE00": sorted(shown, key=lambda s: -s.delta_e)[:each],
        "Most colour beyond the truth": sorted(shown, key=lambda s: -s.oversaturation)[
            :each
        ],
        f"Drawn at random (seed {seed})": [shown[i] for i in drawn],
    }
    columns = 2
    rows = {name: -(-len(band) // columns) for name, band in bands.items()}
    height = sum(2 * LINE + n * (side + LINE + 4) for n in rows.values())
    page = Image.new("RGB", (columns * (3 * side + GAP), height), "white")
    draw = ImageDraw.Draw(page)
    top = 0
    for name, band in bands.items():
        draw.text((2, top + LINE // 2), name, "black")
        top += 2 * LINE
        for place, one in enumerate(band):
            left = place % columns * (3 * side + GAP)
            above = top + place // columns * (side + LINE + 4)
            words = (
                f"{one.name}: dE00 {one.delta_e:.1f}, "
                f"colourfulness {one.oversaturation:+.0f}"
            )
            draw.text((left + 2, above), words, "black")
            _row(page, one, (left, above + LINE), side, 3)
        top += rows[name] * (side + LINE + 4)
    return page


def _row(
    page: Image.Image, one: Shown, corner: tuple[int, int], side: int, kinds: int
) -> None:
    for kind, picture in enumerate((one.grey, one.colour, one.true)[:kinds]):
        image = Image.fromarray(picture)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        page.paste(image, (corner[0] + kind * side, corner[1]))
