"""Chance, one generator a picture.

What befalls a picture depends on the seed, the step and its place in the whole batch,
and on nothing that befalls its neighbours: so a batch may be shared out among
processes, or be gone through in parts, and every picture stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Chance:
    """Draws one value a picture."""

    def __init__(self, generators: Iterable[np.random.Generator]) -> None:
        self.generators = list(generators)

    @classmethod
    def of(cls, seed: int, step: int, use: int, places: Iterable[int]) -> Chance:
        """Return the chance of the pictures at these places of a step's batch."""
        return cls(np.random.default_rng([seed, step, use, p]) for p in places)

    def __len__(self) -> int:
        """Return for how many pictures it draws."""
        return len(self.generators)

    def only(self, places: Sequence[int] | NDArray[np.intp]) -> Chance:
        """Return the chance of some of the pictures."""
        return Chance(self.generators[int(p)] for p in places)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Floats:
        """Return (N,) in [low, high)."""
        return np.array([g.uniform(low, high) for g in self.generators])

    def random(self) -> Floats:
        """Return (N,) in [0, 1)."""
        return np.array([g.random() for g in self.generators])

    def noise(self, *shape: int) -> NDArray[np.float32]:
        """Return (N, *shape), normal with mean 0 and deviation 1."""
        return np.stack(
            [g.standard_normal(shape, dtype=np.float32) for g in self.generators]
        )
