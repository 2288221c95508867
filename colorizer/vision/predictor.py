"""The way of pictures through a network: prepared, padded, in batches, in order.

Every network here looks at the whole picture at a small working size, aspect kept,
mirrored outwards to a multiple that it can halve, never cut into tiles and never
squashed. An engine (:mod:`colorizer.vision.engines`) runs it; nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import Card, CheckpointCorrupt
from colorizer.vision.engines import load_engine
from colorizer.vision.errors import OutOfMemory, PictureUnsuitable

BATCH = 16
"""Pictures that go through a network together at most."""

Grey = NDArray[np.uint8]
Plane = NDArray[np.float32]
T = TypeVar("T")


@dataclass(frozen=True)
class Padded:
    """One prepared picture, with its place in the order that was asked for."""

    place: int
    given: tuple[int, ...]
    """Height and width of the picture as it came."""
    small: Grey  # (h, w)
    padded: Grey  # (H, W), multiples of what the network asks for


class Predictor:
    """A network in an engine, and the way of a list of pictures through it."""

    task: str

    def __init__(
        self,
        checkpoint: str | None = None,
        device: str = "auto",
        *,
        engine: str | None = None,
        threads: int | None = None,
    ) -> None:
        """Load a checkpoint.

        Args:
            checkpoint: Its name; None for the task's default.
            device: "auto", "cpu", or a GPU: "cuda", "mps".
            engine: "auto", "torch" or "onnxruntime"; None for what
                ``AUTOCHROME_ENGINE`` says.
            threads: Of the CPU; None for what the engine likes.

        Raises:
            CheckpointNotFound: It is not there.
            CheckpointCorrupt: It is for another task, or its hash is wrong.
            DeviceUnavailable: The device is not there.
            EngineUnavailable: The engine is not there, or not for this checkpoint.
        """
        self.card: Card = (
            checkpoints.card(checkpoint)
            if checkpoint
            else checkpoints.default(self.task)
        )
        if self.card.task != self.task:
            raise CheckpointCorrupt(
                f"{self.card.name} is a {self.card.task}, not a {self.task}."
            )
        self.engine = load_engine(self.card, device, engine, threads)
        self.working_size = int(self.card.parameters["working_size"])

    @property
    def device(self) -> str:
        """What runs the network and where, for the record."""
        return self.engine.device

    def adjust(self, parameters: Mapping[str, Any]) -> None:
        """Predict with other parameters than the card's, as tuning does."""
        changed = {**self.card.parameters, **parameters}
        self.card = replace(self.card, parameters=changed)
        self.working_size = int(changed["working_size"])

    def prepare(self, grey: Grey) -> Grey:
        """Return the whole picture at the working size, aspect kept, antialiased.

        A prepared picture is returned as it is, so that a picture may be prepared
        where it is decoded and predicted elsewhere.

        Args:
            grey: (H, W) luma, any size.

        Raises:
            PictureUnsuitable: It is not uint8, not (H, W), or empty.
        """
        if grey.dtype != np.uint8 or grey.ndim != 2 or 0 in grey.shape:
            raise PictureUnsuitable(
                "A picture must be 8-bit grey, (height, width), and not empty; "
                f"this is {grey.dtype} {grey.shape}."
            )
        height, width = grey.shape
        scale = self.working_size / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        if size == (width, height):
            return grey
        whole = Image.fromarray(np.ascontiguousarray(grey))
        kernel = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC
        return np.asarray(whole.resize(size, kernel, reducing_gap=3.0))

    def through(
        self,
        greys: Sequence[Grey],
        forward: Callable[[list[Padded]], list[T]],
    ) -> list[T]:
        """Prepare, bucket by padded size, run in batches, give back in order."""
        buckets: dict[tuple[int, ...], list[Padded]] = {}
        for place, grey in enumerate(greys):
            one = padded(place, grey.shape, self.prepare(grey), self.engine.multiple)
            buckets.setdefault(one.padded.shape, []).append(one)
        results: dict[int, T] = {}
        for bucket in buckets.values():
            for start in range(0, len(bucket), BATCH):
                batch = bucket[start : start + BATCH]
                for one, result in zip(
                    batch, self._bounded(batch, forward), strict=True
                ):
                    results[one.place] = result
        return [results[place] for place in range(len(greys))]

    def _bounded(
        self, batch: list[Padded], forward: Callable[[list[Padded]], list[T]]
    ) -> list[T]:
        """Run a batch; out of memory: in halves, then on the CPU, then give up."""
        try:
            return forward(batch)
        except Exception as error:
            if not self.engine.ran_out(error):
                raise
            failure = error
        if len(batch) > 1:
            half = len(batch) // 2
            return [
                *self._bounded(batch[:half], forward),
                *self._bounded(batch[half:], forward),
            ]
        if self.engine.to_cpu():
            return self._bounded(batch, forward)
        raise OutOfMemory(
            "There is not enough memory for one picture at the working size "
            f"{self.working_size}: close other programs, or use a smaller checkpoint."
        ) from failure


def stacked(batch: list[Padded]) -> Grey:
    """Return luma (B, 1, H, W)."""
    return np.stack([one.padded for one in batch])[:, None]


def padded(place: int, given: tuple[int, ...], small: Grey, multiple: int) -> Padded:
    height, width = small.shape
    below, right = -height % multiple, -width % multiple
    padded = np.pad(small, ((0, below), (0, right)), "symmetric")
    return Padded(place, given, small, padded)
