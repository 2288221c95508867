"""The main colours of a small picture."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

_SIDE = 160  # pixels: enough to tell what there is most of


@lru_cache(maxsize=64)
def main_colours(path: Path, count: int = 10) -> tuple[str, ...]:
    """Return what a screen copy consists of, as `#rrggbb`, lightest first.

    Args:
        path: a JPEG of the archive's own; what it holds never changes.
        count: how many at most; fewer where the picture has fewer.
    """
    with Image.open(path) as picture:
        picture.draft("RGB", (_SIDE, _SIDE))
        small = picture.convert("RGB")
    small.thumbnail((_SIDE, _SIDE))
    found = small.quantize(count, Image.Quantize.MEDIANCUT, kmeans=3).convert("RGB")
    colours = np.unique(np.asarray(found).reshape(-1, 3), axis=0)
    luma = colours @ (299, 587, 114)
    return tuple(
        f"#{red:02x}{green:02x}{blue:02x}"
        for red, green, blue in colours[luma.argsort()[::-1]]
    )
