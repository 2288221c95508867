"""Batches as a function of the step, so that a resumed run sees the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.augment import crop
from training.pack import Entry, Pack


class Batches:
    """Draws batches of crops of packed pictures.

    Args:
        pack: Where the pictures are.
        entries: The pictures to draw from.
        weights: How often each is drawn, relative to the others.
        batch: Pictures a batch.
        least_crop: See :func:`training.augment.crop`.
        seed: With the step, all that chance depends on.
    """

    def __init__(
        self,
        pack: Pack,
        entries: Sequence[Entry],
        weights: NDArray[np.float64],
        batch: int,
        least_crop: float,
        seed: int,
    ) -> None:
        self.pack, self.entries, self.batch = pack, entries, batch
        self.least_crop, self.seed = least_crop, seed
        self.chances = np.cumsum(weights / weights.sum())

    def at(self, step: int, size: int) -> tuple[Tensor, NDArray[np.intp]]:
        """Return the pictures (B, 3, size, size), 0-255, and which they are."""
        rng = self.rng(step, 0)
        drawn = np.searchsorted(self.chances, rng.random(self.batch))
        drawn = np.minimum(drawn, len(self.entries) - 1)
        crops = [
            crop(self.pack.picture(self.entries[i]), size, self.least_crop, rng)
            for i in drawn
        ]
        rgb = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)
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
            for step, size in steps:
                waiting.append(pool.submit(self.at, step, size))
                if len(waiting) > 2:
                    yield waiting.pop(0).result()
            for one in waiting:
                yield one.result()
