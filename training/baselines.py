"""What a colorizer must beat: no colour, usual colours, the colours of a likeness."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2lab

from colorizer.vision.colour import Chroma, lightness
from training.lab import lab_of
from training.pack import Entry, Pack

Grey = NDArray[np.uint8]
Method = Callable[..., list[Chroma]]
"""From grey pictures, and hints where it takes them, to their chroma."""
LEVELS = 25
"""Steps of L* in the look-up."""
SIDE = 64
"""Longer side at which the baselines give their chroma."""
THUMBNAIL = 16
"""Side of the grey thumbnails by which the nearest neighbour is found."""


def no_colour(greys: Sequence[Grey]) -> list[Chroma]:
    """The grey picture as it is."""
    nothing = np.zeros((1, 1), np.float32)
    return [Chroma(nothing, nothing) for _ in greys]


def baselines(pack: Pack) -> dict[str, Method]:
    """Return the methods that learn by counting, by their names in the table."""
    entries = pack.select("fit", colour=True)
    mean, table = _usual_colours(pack, entries)
    neighbours = Neighbours(pack, entries)

    def mean_colour(greys: Sequence[Grey]) -> list[Chroma]:
        return [
            Chroma.from_lab(light, np.broadcast_to(mean, (*light.shape, 2)))
            for light in map(small_lightness, greys)
        ]

    def lookup(greys: Sequence[Grey]) -> list[Chroma]:
        found = []
        for light in map(small_lightness, greys):
            rows = np.clip(light * LEVELS / 100, 0, LEVELS - 1).astype(np.int64)
            found.append(Chroma.from_lab(light, table[rows]))
        return found

    return {
        "mean colour": mean_colour,
        "colour by lightness": lookup,
        "nearest neighbour": neighbours.colours,
    }


class Neighbours:
    """The colours of the training picture that looks most alike in grey.

    Likeness is the correlation of 16 x 16 grey thumbnails.

    Args:
        pack: Where the pictures are.
        entries: The pictures whose colours may be taken.
    """

    def __init__(self, pack: Pack, entries: Sequence[Entry]) -> None:
        self.pack, self.entries = pack, entries
        self.thumbnails = np.stack(
            [
                thumbnail(np.asarray(Image.fromarray(pack.picture(e)).convert("L")))
                for e in entries
            ]
        )

    def nearest(self, grey: Grey) -> Entry:
        """Return the entry that is most like ``grey``, (H, W)."""
        return self.entries[int((self.thumbnails @ thumbnail(grey)).argmax())]

    def colours(self, greys: Sequence[Grey]) -> list[Chroma]:
        """Lay the nearest picture's a* and b* over each picture."""
        found = []
        for grey in greys:
            light = small_lightness(grey)
            near = Image.fromarray(self.pack.picture(self.nearest(grey)))
            size = (light.shape[1], light.shape[0])
            ab = rgb2lab(np.asarray(near.resize(size, Image.Resampling.BOX)))[..., 1:]
            found.append(Chroma.from_lab(light, ab.astype(np.float32)))
        return found


def thumbnail(grey: Grey) -> NDArray[np.float32]:
    """Return (256,) of a grey picture, with mean 0 and length 1."""
    image = Image.fromarray(grey).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    flat = np.asarray(image, np.float32).ravel()
    flat -= flat.mean()
    return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-6), np.float32)


def small_lightness(grey: Grey, side: int = SIDE) -> NDArray[np.float32]:
    """Return L* (h, w), 0-100, of a grey picture whose longer side is ``side``."""
    image = Image.fromarray(grey)
    image.thumbnail((side, side), Image.Resampling.BOX)
    return lightness(np.asarray(image))


def _usual_colours(
    pack: Pack, entries: Sequence[Entry]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    places = np.concatenate(
        [
            pack.picture(entries[i]).reshape(-1, 3)[::101]
            for i in rng.permutation(len(entries))[:3000]
        ]
    )
    flat = torch.from_numpy(places.T.copy()).float()[None, :, :, None] / 255
    values = lab_of(flat)[0, :, :, 0].numpy().T  # (N, 3)
    level = np.clip(values[:, 0] * LEVELS / 100, 0, LEVELS - 1).astype(np.int64)
    count = np.maximum(np.bincount(level, minlength=LEVELS), 1)
    table = np.stack(
        [np.bincount(level, values[:, i], minlength=LEVELS) / count for i in (1, 2)],
        -1,
    )
    return values[:, 1:].mean(0).astype(np.float32), table.astype(np.float32)
