"""One picture's colours as networks guess them, before they become vivid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorizer.vision.colour import Chroma, lightness
from colorizer.vision.hinting import Hint
from colorizer.vision.predictor import Grey, Padded, Plane
from colorizer.vision.vividness import Vividness

CHROMA_SHARE = 4
"""The chroma plane is this many times smaller than the working picture."""
REACH = 0.06
"""About a hint, as a share of the longer side: there the network that heard it is
believed alone."""
HEARD = 4.0
"""Units of ab by which a hint changed a place that it was meant for, too."""
KEPT, SHADES = 0.1, 12.0
"""How far a hint's own colour is kept to: a share of the longer side, and L*."""
_BOX, _BILINEAR = Image.Resampling.BOX, Image.Resampling.BILINEAR


@dataclass(frozen=True)
class Guess:
    """What is guessed of one picture."""

    small: Grey  # (h, w), the prepared picture
    ab: Plane  # (h/4, w/4, 2), CIE Lab

    @classmethod
    def part(cls, one: Padded, plane: Plane) -> Guess:
        """Return the part of an ab plane (2, H/4, W/4) that is picture."""
        height, width = one.small.shape
        size = (
            max(1, round(width / CHROMA_SHARE)),
            max(1, round(height / CHROMA_SHARE)),
        )
        box = (0, 0, width / CHROMA_SHARE, height / CHROMA_SHARE)
        return cls(one.small, resized(np.moveaxis(plane, 0, -1), size, box))

    def mean(self, others: Sequence[Guess]) -> Guess:
        """Return the mean of this and others, at this one's size."""
        height, width = self.ab.shape[:2]
        size = (width, height)
        planes = [self.ab, *(resized(other.ab, size) for other in others)]
        return replace(self, ab=np.mean(planes, 0, dtype=np.float32))

    def heeding(
        self, hints: Sequence[Hint], given: tuple[int, ...], vividness: Vividness
    ) -> Guess:
        """Return the colours with those of the hints where they are, exactly.

        What a network makes of a hint is often only near it, above all where the
        colour is rare. What is missing at the point is added there, and to what is
        near and as light.

        Args:
            hints: Points of the picture, as the network was told them.
            given: Height and width of the picture whose coordinates they have.
            vividness: What the colours will undergo.
        """
        light = self.lightness
        added = np.zeros_like(self.ab)
        sum_of_shares = np.zeros((*light.shape, 1), np.float32)
        for hint in hints:
            row, column = _cell(hint, given, light.shape)
            missing = hint.ab(vividness) - self.ab[row, column]
            near = _squared(hint, given, light.shape) / KEPT**2
            alike = ((light - light[row, column]) / SHADES) ** 2
            share = np.exp(-(near + alike) / 2)[..., None].astype(np.float32)
            added += share * missing
            sum_of_shares += share
        ab = self.ab + added / np.maximum(sum_of_shares, 1)
        return replace(self, ab=ab.astype(np.float32))

    def steered(
        self, told: Guess, agreed: Guess, hints: Sequence[Hint], given: tuple[int, ...]
    ) -> Guess:
        """Return what was agreed, changed where a network was told otherwise.

        Where hints changed nothing, the colours stay those that nobody steered, so that
        a picture does not turn because one of its points was named.

        Args:
            told: The same network's guess, with hints.
            agreed: What is shown without hints.
            hints: Points of the picture.
            given: Height and width of the picture whose coordinates they have.
        """
        changed = np.linalg.norm(told.ab - self.ab, axis=-1, keepdims=True)
        calm = np.exp(-changed / HEARD) * _apart(hints, given, self.ab.shape)
        ab = told.ab + calm * (agreed.ab - self.ab)
        return replace(self, ab=ab.astype(np.float32))

    def chroma(self, vividness: Vividness) -> Chroma:
        """Return the colours, made vivid, as chroma; that depends on lightness, too."""
        ab = np.moveaxis(vividness.applied(np.moveaxis(self.ab, -1, 0)), 0, -1)
        return Chroma.from_lab(self.lightness, ab)

    @property
    def lightness(self) -> NDArray[np.float32]:
        """L* at the size of the colours, (h/4, w/4)."""
        height, width = self.ab.shape[:2]
        grey = Image.fromarray(self.small).resize((width, height), _BOX)
        return lightness(np.asarray(grey))


def resized(
    ab: Plane,
    size: tuple[int, int],
    box: tuple[float, float, float, float] | None = None,
) -> Plane:
    """Return (height, width, 2) of the size (width, height), from (h, w, 2)."""
    planes = [Image.fromarray(np.ascontiguousarray(ab[..., i])) for i in (0, 1)]
    return np.stack([np.asarray(p.resize(size, _BILINEAR, box)) for p in planes], -1)


def _apart(
    hints: Sequence[Hint], given: tuple[int, ...], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return how far each place is from every hint, (h, w, 1): 0 at one, 1 far off."""
    apart = np.ones(shape[:2])
    for hint in hints:
        near = _squared(hint, given, shape) / REACH**2
        apart *= 1 - np.exp(-near / 2)
    return apart[..., None].astype(np.float32)


def _cell(
    hint: Hint, given: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[int, int]:
    """Return row and column of the place in which a hint lies."""
    return (
        min(int(hint.y * shape[0] / given[0]), shape[0] - 1),
        min(int(hint.x * shape[1] / given[1]), shape[1] - 1),
    )


def _squared(
    hint: Hint, given: tuple[int, ...], shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Return each place's squared distance from a hint's, (h, w).

    In shares of the picture's longer side.
    """
    row, column = _cell(hint, given, shape)
    down = (np.arange(shape[0]) - row) * given[0] / shape[0] / max(given)
    right = (np.arange(shape[1]) - column) * given[1] / shape[1] / max(given)
    return np.add.outer(down**2, right**2)
