"""Subjects cut out of their surroundings and put before a plain backdrop.

Few of today's photographs were taken in a studio; many old ones were. A network that
hardly ever saw a plain ground guesses that it is sky.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.augment import crop
from training.pack import Entry, Pack
from training.sources import CLASSES, VOID

GROUND = CLASSES["voc"].index("background")
INDOORS = (
    "bottle",
    "cat",
    "chair",
    "diningtable",
    "dog",
    "person",
    "pottedplant",
    "sofa",
    "tvmonitor",
)
"""What may stand before a backdrop: behind an aeroplane a plain ground is sky."""
STUDIO = [GROUND, *(CLASSES["voc"].index(name) for name in INDOORS), VOID]
"""All that a mask may say of a picture whose subject is cut out."""
LEAST_GROUND, LEAST_SUBJECT = 0.1, 0.05
"""Shares of a picture without which nothing is replaced."""
FEATHER = 0.7
"""Pixels over which subject and backdrop blend."""


class CutOut(Pack):
    """A pack whose pictures tell how much of each pixel is subject."""

    def picture(self, entry: Entry) -> NDArray[np.uint8]:
        """Return (H, W, 4): sRGB, and 255 for the subject, 0 for what surrounds it.

        All is subject where no mask says otherwise, or where what it shows is not to
        be seen in a studio.
        """
        rgb = super().picture(entry)
        subject = np.full(rgb.shape[:2], 255, np.uint8)
        if entry.mask is not None and entry.source == "voc":
            classes = self.mask(entry)
            if np.isin(classes, STUDIO).all():
                whole = np.where(classes == GROUND, 0, 255).astype(np.uint8)
                fitted = Image.fromarray(whole).resize(
                    rgb.shape[1::-1], Image.Resampling.BOX
                )
                subject = np.asarray(fitted.filter(ImageFilter.GaussianBlur(FEATHER)))
        return np.dstack([rgb, subject])


def before_backdrop(
    picture: NDArray[np.uint8],
    size: int,
    rng: np.random.Generator,
    share: float,
    **cut: Any,
) -> NDArray[np.uint8]:
    """Return a random square, (size, size, 3), the subject perhaps before a backdrop.

    The backdrop has no colour: paper or cloth of one shade, lit from a side, a little
    rough.

    Args:
        picture: (H, W, 4) of :class:`CutOut`.
        size: Side of what is returned.
        rng: Where chance comes from.
        share: How likely surroundings are replaced.
        cut: What else :func:`~training.augment.crop` is told.
    """
    rgb, subject = picture[..., :3], picture[..., 3:] / np.float32(255)
    replaced = rng.random() < share
    if replaced and LEAST_SUBJECT < subject.mean() < 1 - LEAST_GROUND:
        backdrop = _backdrop(rng, *rgb.shape[:2])
        mixed = rgb * subject + backdrop[..., None] * (1 - subject)
        rgb = np.rint(mixed).clip(0, 255).astype(np.uint8)
    return crop(rgb, size, rng, **cut)


def _backdrop(rng: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
    shade = rng.uniform(120, 245) if rng.random() < 0.8 else rng.uniform(10, 120)
    down, across = rng.uniform(-40, 40, 2)
    rows = np.linspace(-0.5, 0.5, height)[:, None] * down
    columns = np.linspace(-0.5, 0.5, width) * across
    rough = rng.standard_normal((height, width)) * rng.uniform(0, 4)
    lit: NDArray[np.float32] = (shade + rows + columns + rough).astype(np.float32)
    return lit
