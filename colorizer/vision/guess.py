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

    def steered(
        self, told: Guess, agreed: Guess, hints: Sequence[Hint], given: tuple[int, ...]
    ) -> Guess:
        """Return the guess of a network that was told hints, kept calm elsewhere.

        Where hints changed nothing, the colours stay those on which several networks
        had agreed, so that a picture does not turn because one of its points was named.

        Args:
            told: The same network's, with hints.
            agreed: The mean of this one and others, without.
            hints: Points of the picture.
            given: Height and width of the picture whose coordinates they have.
        """
        changed = np.linalg.norm(told.ab - self.ab, axis=-1, keepdims=True)
        calm = np.exp(-changed / HEARD) * _apart(hints, given, self.ab.shape)
        return replace(self, ab=told.ab + calm * (agreed.ab - self.ab))

    def chroma(self, vividness: Vividness) -> Chroma:
        """Return the colours, made vivid, as chroma; that depends on lightness, too."""
        height, width = self.ab.shape[:2]
        grey = Image.fromarray(self.small).resize((width, height), _BOX)
        ab = np.moveaxis(vividness.applied(np.moveaxis(self.ab, -1, 0)), 0, -1)
        return Chroma.from_lab(lightness(np.asarray(grey)), ab)


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
    rows, columns = (
        (np.arange(many) + 0.5) * side / many
        for many, side in zip(shape[:2], given, strict=True)
    )
    reach = REACH * max(given)
    apart = np.ones(shape[:2])
    for hint in hints:
        squared = np.add.outer((rows - hint.y) ** 2, (columns - hint.x) ** 2)
        apart *= 1 - np.exp(-squared / (2 * reach**2))
    return apart[..., None].astype(np.float32)
