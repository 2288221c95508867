"""Colorizer and Tagger: grey pictures in, small chroma planes and label scores out.

Both look at the whole picture at a small working size, aspect kept, mirrored outwards
to a multiple that the network can halve, never cut into tiles and never squashed. An
engine (:mod:`colorizer.vision.engines`) runs the network; nothing here needs torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import Card, CheckpointCorrupt
from colorizer.vision.colour import Chroma, lightness
from colorizer.vision.engines import load_engine
from colorizer.vision.errors import (
    DeviceUnavailable,
    EngineUnavailable,
    HintsUnsuitable,
    OutOfMemory,
    PictureUnsuitable,
    VisionError,
)
from colorizer.vision.hinting import Hint, hint_planes
from colorizer.vision.tagged import Tagged

__all__ = [
    "Colorizer",
    "DeviceUnavailable",
    "EngineUnavailable",
    "Hint",
    "HintsUnsuitable",
    "OutOfMemory",
    "PictureUnsuitable",
    "Tagged",
    "Tagger",
    "VisionError",
]

STRIDE = 32
HALF = np.float32(0.5)
"""Of the coarse map over which a tagger pools."""
BATCH = 16
"""Pictures that go through a network together at most."""
CHROMA_SHARE = 4
"""The chroma plane is this many times smaller than the working picture."""

Grey = NDArray[np.uint8]
T = TypeVar("T")


@dataclass(frozen=True)
class _Padded:
    """One prepared picture, with its place in the order that was asked for."""

    place: int
    given: tuple[int, ...]
    """Height and width of the picture as it came."""
    small: Grey  # (h, w)
    padded: Grey  # (H, W), multiples of what the network asks for


class _Predictor:
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

    def _through(
        self,
        greys: Sequence[Grey],
        forward: Callable[[list[_Padded]], list[T]],
    ) -> list[T]:
        """Prepare, bucket by padded size, run in batches, give back in order."""
        buckets: dict[tuple[int, ...], list[_Padded]] = {}
        for place, grey in enumerate(greys):
            one = _padded(place, grey.shape, self.prepare(grey), self.engine.multiple)
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
        self, batch: list[_Padded], forward: Callable[[list[_Padded]], list[T]]
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


class Colorizer(_Predictor):
    """Predicts the chroma of whole pictures."""

    task = "colorizer"

    @property
    def takes_hints(self) -> bool:
        """Say whether colours can be steered by hints."""
        return self.engine.takes_hints

    def predict(
        self,
        greys: Sequence[Grey],
        hints: Sequence[Sequence[Hint]] | None = None,
    ) -> list[Chroma]:
        """Return the chroma of each picture, at a quarter of the working size.

        Args:
            greys: (H, W) luma 0-255, any sizes, prepared or not.
            hints: Those of each picture, in its own coordinates; None for none.

        Raises:
            PictureUnsuitable: One is not an 8-bit grey picture.
            HintsUnsuitable: The checkpoint takes none, or one is outside its picture.
            OutOfMemory: One does not fit, not even alone and on the CPU.
        """
        if hints is None or not any(hints):
            return self._through(greys, partial(self._chroma, hints=None))
        self._check(greys, hints)
        return self._through(greys, partial(self._chroma, hints=hints))

    def _check(self, greys: Sequence[Grey], hints: Sequence[Sequence[Hint]]) -> None:
        if not self.takes_hints:
            raise HintsUnsuitable(
                f"{self.card.name} takes no colour hints: choose a checkpoint that "
                "was trained with them."
            )
        if len(hints) != len(greys):
            raise HintsUnsuitable(
                f"There are hints for {len(hints)} pictures, but {len(greys)} pictures."
            )
        for grey, points in zip(greys, hints, strict=True):
            for hint in points:
                if not hint.inside(*grey.shape[:2]):
                    raise HintsUnsuitable(
                        f"{hint} is not in a picture of {grey.shape[1]} × "
                        f"{grey.shape[0]} pixels, or its colour is not sRGB 0-255."
                    )

    def _chroma(
        self, batch: list[_Padded], hints: Sequence[Sequence[Hint]] | None
    ) -> list[Chroma]:
        parameters = self.card.parameters
        scale = float(parameters.get("chroma_scale", 1.0))
        planes = None if hints is None else self._hints(batch, hints, scale)
        temperature = float(parameters.get("temperature", 1.0))
        found = np.float32(scale) * self.engine.colours(
            _stacked(batch), planes, temperature
        )
        return [_chroma_of(one, plane) for one, plane in zip(batch, found, strict=True)]

    def _hints(
        self, batch: list[_Padded], hints: Sequence[Sequence[Hint]], scale: float
    ) -> NDArray[np.float32]:
        """Return (B, 3, H, W)."""
        planes = [
            hint_planes(
                hints[one.place], one.given, one.small.shape, one.padded.shape, scale
            )
            for one in batch
        ]
        return np.stack(planes)


class Tagger(_Predictor):
    """Predicts how probable each label is."""

    task = "tagger"

    def predict(self, greys: Sequence[Grey]) -> list[dict[str, float]]:
        """Return the calibrated probability of every label, for each picture.

        Args:
            greys: (H, W) luma 0-255, any sizes, prepared or not.

        Raises:
            PictureUnsuitable: One is not an 8-bit grey picture.
            OutOfMemory: One does not fit, not even alone and on the CPU.
        """
        return self._through(greys, self._probabilities)

    def look(self, greys: Sequence[Grey]) -> list[Tagged]:
        """Return what :meth:`predict` does, with features and regions.

        Args:
            greys: (H, W) luma 0-255, any sizes, prepared or not.

        Raises:
            PictureUnsuitable: One is not an 8-bit grey picture.
            OutOfMemory: One does not fit, not even alone and on the CPU.
        """
        return self._through(greys, self._tagged)

    def _probabilities(self, batch: list[_Padded]) -> list[dict[str, float]]:
        luma, inside = _given(batch)
        scores = self.engine.scores(luma, inside)
        if self._mirrored:
            scores = (scores + self.engine.scores(*_turned(luma, inside))) * HALF
        return self._calibrated(scores)

    def _tagged(self, batch: list[_Padded]) -> list[Tagged]:
        luma, inside = _given(batch)
        seen = self.engine.seen(luma, inside)
        scores, features, regions = seen.scores, seen.features, seen.regions
        if self._mirrored:
            other = self.engine.seen(*_turned(luma, inside))
            scores = (scores + other.scores) * HALF
            features = (features + other.features) * HALF
            regions = (regions + other.regions[..., ::-1]) * HALF
        found = zip(
            batch, self._calibrated(scores), features, regions, inside, strict=True
        )
        return [
            Tagged(
                chances,
                _unit(vector),
                {
                    label: _region(one, places, share[0])
                    for label, places in zip(self.card.labels, maps, strict=True)
                }
                if len(maps)
                else {},
            )
            for one, chances, vector, maps, share in found
        ]

    @property
    def _mirrored(self) -> bool:
        """Whether a picture's mirror image has a say, too."""
        return bool(self.card.parameters.get("mirrored", False))

    def _calibrated(self, scores: NDArray[np.float32]) -> list[dict[str, float]]:
        labels = self.card.labels
        calibration = [self.card.parameters["calibration"][name] for name in labels]
        slope, offset = np.array(calibration).T  # (labels,) each
        chances = 1 / (1 + np.exp(-(scores * slope + offset).clip(-700, 700)))
        return [dict(zip(labels, row, strict=True)) for row in chances.tolist()]


def _given(batch: list[_Padded]) -> tuple[Grey, NDArray[np.float32]]:
    """Return luma (B, 1, H, W), and how much of each place is picture."""
    return _stacked(batch), np.stack([_inside(one) for one in batch])[:, None]


def _turned(
    luma: Grey, inside: NDArray[np.float32]
) -> tuple[Grey, NDArray[np.float32]]:
    """Return the mirror image of a batch."""
    return luma[..., ::-1].copy(), inside[..., ::-1].copy()


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return the vector at length 1; one without length stays as it is."""
    length = float(np.linalg.norm(vector))
    return (vector / (length or 1.0)).astype(np.float16)


def _region(
    one: _Padded, places: NDArray[np.float32], inside: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Return where a score comes from, (rows, columns) over the picture.

    What a place adds above the picture's mean, 255 where it is most.
    """
    mean = float((places * inside).sum() / inside.sum())
    box = tuple(side / STRIDE for side in one.small.shape[::-1])
    size = tuple(math.ceil(side) for side in box)
    shown = Image.fromarray(places.astype(np.float32) - np.float32(mean))
    above = np.asarray(
        shown.resize(size, Image.Resampling.BILINEAR, (0, 0, *box))
    ).clip(0)
    peak = float(above.max())
    return np.rint(above * (255 / peak if peak > 0 else 0)).astype(np.uint8)


def _stacked(batch: list[_Padded]) -> Grey:
    """Return luma (B, 1, H, W)."""
    return np.stack([one.padded for one in batch])[:, None]


def _padded(place: int, given: tuple[int, ...], small: Grey, multiple: int) -> _Padded:
    height, width = small.shape
    below, right = -height % multiple, -width % multiple
    padded = np.pad(small, ((0, below), (0, right)), "symmetric")
    return _Padded(place, given, small, padded)


def _inside(one: _Padded) -> NDArray[np.float32]:
    """Return how much of each place of the coarsest map is picture, (H/32, W/32)."""
    shares = [
        np.clip(side - np.arange(0, whole, STRIDE), 0, STRIDE) / STRIDE
        for side, whole in zip(one.small.shape, one.padded.shape, strict=True)
    ]
    inside: NDArray[np.float32] = np.outer(*shares).astype(np.float32)
    return inside


def _chroma_of(one: _Padded, plane: NDArray[np.float32]) -> Chroma:
    """Return the part of the ab plane (2, H/4, W/4) that is picture, as chroma."""
    height, width = one.small.shape
    size = (max(1, round(width / CHROMA_SHARE)), max(1, round(height / CHROMA_SHARE)))
    box = (0, 0, width / CHROMA_SHARE, height / CHROMA_SHARE)
    bilinear = Image.Resampling.BILINEAR
    ab = [np.asarray(Image.fromarray(p).resize(size, bilinear, box)) for p in plane]
    grey = Image.fromarray(one.small).resize(size, Image.Resampling.BOX)
    return Chroma.from_lab(lightness(np.asarray(grey)), np.stack(ab, -1))
