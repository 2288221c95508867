"""Batches as a function of the step, so that a resumed run sees the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.chance import Chance
from training.pack import Entry, Pack
from training.processes import Place

Picture = NDArray[np.uint8]
Cut = Callable[[Picture, int, np.random.Generator], Picture]
"""Makes a picture (H, W, 3) a square (size, size, 3), by chance."""
AHEAD = 2
DRAWING, CUTTING = 0, 2
"""Uses of chance; runs have their own from 1 and 3 on."""


class Batches:
    """Draws batches of squares cut from packed pictures.

    A step's whole batch is ``parts`` · processes · ``batch`` pictures; a process
    takes one part of its share at a time.

    Args:
        pack: Where the pictures are.
        entries: The pictures to draw from.
        weights: How often each is drawn, relative to the others.
        batch: Pictures a process takes at once.
        cut: How a picture becomes a square.
        seed: With the step, all that chance depends on.
        parts: Into how many a process splits its share of a step.
        place: Of this process among the others.
    """

    def __init__(
        self,
        pack: Pack,
        entries: Sequence[Entry],
        weights: NDArray[np.float64],
        batch: int,
        cut: Cut,
        seed: int,
        parts: int = 1,
        place: Place | None = None,
    ) -> None:
        self.pack, self.entries, self.batch = pack, entries, batch
        self.cut, self.seed, self.parts = cut, seed, parts
        self.weights = weights
        self.place = place or Place()
        self.part = 0
        """The part that :meth:`rng` speaks of."""
        self.chances = np.cumsum(weights / weights.sum())

    def alone(self) -> Batches:
        """Return the same for one process that takes whole steps at once."""
        whole = self.batch * self.parts * self.place.count
        given = (self.pack, self.entries, self.weights, whole, self.cut, self.seed)
        return Batches(*given)

    def places(self, part: int) -> range:
        """Return the places of a part in the step's whole batch."""
        first = (part * self.place.count + self.place.number) * self.batch
        return range(first, first + self.batch)

    def squares(
        self, step: int, size: int, part: int = 0
    ) -> tuple[Tensor, NDArray[np.intp]]:
        """Return the pictures (B, 3, size, size), uint8, and which they are."""
        places = self.places(part)
        whole = self.batch * self.parts * self.place.count
        luck = np.random.default_rng([self.seed, step, DRAWING]).random(whole)
        drawn = np.searchsorted(self.chances, luck[places.start : places.stop])
        drawn = np.minimum(drawn, len(self.entries) - 1)
        each = Chance.of(self.seed, step, CUTTING, places).generators
        squares = [
            self.cut(self.pack.picture(self.entries[i]), size, rng)
            for i, rng in zip(drawn, each, strict=True)
        ]
        rgb = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2)
        return rgb.contiguous(), drawn

    def at(
        self, step: int, size: int, part: int = 0
    ) -> tuple[Tensor, NDArray[np.intp]]:
        """Return :meth:`squares` as floats, 0-255."""
        rgb, drawn = self.squares(step, size, part)
        return rgb.float(), drawn

    def rng(self, step: int, use: int) -> Chance:
        """Return the chance of one step and use, for the present part's pictures."""
        return Chance.of(self.seed, step, use, self.places(self.part))

    def ahead(
        self, steps: Sequence[tuple[int, int]], device: torch.device
    ) -> Iterator[tuple[Tensor, NDArray[np.intp]]]:
        """Yield :meth:`at` for every part of each (step, size), read a little ahead.

        Towards a GPU, pictures travel as bytes from pinned memory.
        """
        pinned = device.type == "cuda"

        def read(step: int, size: int, part: int) -> tuple[Tensor, NDArray[np.intp]]:
            rgb, drawn = self.squares(step, size, part)
            return (rgb.pin_memory() if pinned else rgb), drawn

        def arrived(
            found: tuple[Tensor, NDArray[np.intp]],
        ) -> tuple[Tensor, NDArray[np.intp]]:
            return found[0].to(device, non_blocking=pinned).float(), found[1]

        with ThreadPoolExecutor(1) as pool:
            waiting = []
            try:
                for step, size in steps:
                    for part in range(self.parts):
                        waiting.append(pool.submit(read, step, size, part))
                        if len(waiting) > AHEAD:
                            yield arrived(waiting.pop(0).result())
                while waiting:
                    yield arrived(waiting.pop(0).result())
            finally:
                for one in waiting:
                    one.cancel()
