"""Batches as a function of the step, so that a resumed run sees the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.pack import Entry, Pack

Picture = NDArray[np.uint8]
Cut = Callable[[Picture, int, np.random.Generator], Picture]
"""Makes a picture (H, W, 3) a square (size, size, 3), by chance."""
AHEAD = 2


class Batches:
    """Draws batches of squares cut from packed pictures.

    Args:
        pack: Where the pictures are.
        entries: The pictures to draw from.
        weights: How often each is drawn, relative to the others.
        batch: Pictures a batch.
        cut: How a picture becomes a square.
        seed: With the step, all that chance depends on.
    """

    def __init__(
        self,
        pack: Pack,
        entries: Sequence[Entry],
        weights: NDArray[np.float64],
        batch: int,
        cut: Cut,
        seed: int,
    ) -> None:
        self.pack, self.entries, self.batch = pack, entries, batch
        self.cut, self.seed = cut, seed
        self.chances = np.cumsum(weights / weights.sum())

    def at(self, step: int, size: int) -> tuple[Tensor, NDArray[np.intp]]:
        """Return the pictures (B, 3, size, size), 0-255, and which they are."""
        rng = self.rng(step, 0)
        drawn = np.searchsorted(self.chances, rng.random(self.batch))
        drawn = np.minimum(drawn, len(self.entries) - 1)
        squares = [
            self.cut(self.pack.picture(self.entries[i]), size, rng) for i in drawn
        ]
        rgb = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2)
        return rgb.float().contiguous(), drawn

    def rng(self, step: int, use: int) -> np.random.Generator:
        """Return the chance of one step and use."""
        return np.random.default_rng([self.seed, step, use])

    def ahead(
        self, steps: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[Tensor, NDArray[np.intp]]]:
        """Yield :meth:`at` for each (step, size), read a little ahead."""
        with ThreadPoolExecutor(1) as pool:
            waiting = []
            try:
                for step, size in steps:
                    waiting.append(pool.submit(self.at, step, size))
                    if len(waiting) > AHEAD:
                        yield waiting.pop(0).result()
                while waiting:
                    yield waiting.pop(0).result()
            finally:
                for one in waiting:
                    one.cancel()
