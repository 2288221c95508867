"""Colorizer and Tagger: grey pictures in, small chroma planes and label scores out.

How pictures come through the network is in :mod:`colorizer.vision.predictor`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorizer.vision.checkpoints import CheckpointCorrupt
from colorizer.vision.colour import Chroma
from colorizer.vision.errors import (
    DeviceUnavailable,
    EngineUnavailable,
    HintsUnsuitable,
    OutOfMemory,
    PictureUnsuitable,
    VisionError,
)
from colorizer.vision.guess import Guess
from colorizer.vision.hinting import Hint, hint_planes
from colorizer.vision.predictor import Grey, Padded, Predictor, stacked
from colorizer.vision.tagged import Tagged
from colorizer.vision.vividness import Vividness

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
MEAN = 1.0
"""The temperature at which hints are heard: a rare colour that lies between common ones
is their mean, and annealing would fall for one of them."""


class Colorizer(Predictor):
    """Predicts the chroma of whole pictures.

    A card may name companions: other colorizers, each with a working size of its own,
    with which the mean is taken. Networks that learnt apart err apart. Hints are
    followed by the network that names the others; see :meth:`Guess.steered`.
    """

    task = "colorizer"

    def __init__(
        self,
        checkpoint: str | None = None,
        device: str = "auto",
        *,
        engine: str | None = None,
        threads: int | None = None,
    ) -> None:
        """Load a checkpoint with its companions; see :class:`Predictor`.

        Raises:
            CheckpointCorrupt: A companion is not the one that the card names, too.
        """
        super().__init__(checkpoint, device, engine=engine, threads=threads)
        self.companions: list[Colorizer] = []
        mine = self.card.parameters
        for named in mine.get("companions", ()):
            other = Colorizer(named["name"], device, engine=engine, threads=threads)
            if other.card.sha256 != named["sha256"]:
                raise CheckpointCorrupt(
                    f"{self.card.name} colours together with {other.card.name}, but"
                    " not with this version of it: restore both together."
                )
            other.adjust(
                {
                    "working_size": named["working_size"],
                    "temperature": mine.get("temperature", 1.0),
                }
            )
            self.companions.append(other)

    def adjust(self, parameters: Mapping[str, Any]) -> None:
        """Predict with other parameters; companions keep their working size."""
        super().adjust(parameters)
        if "temperature" in parameters:
            for companion in self.companions:
                companion.adjust({"temperature": parameters["temperature"]})

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
            hints = ()
        else:
            self._check(greys, hints)
        found = self.agreed(greys)
        vividness = Vividness.of(self.card.parameters)
        if hints:
            places = [place for place, points in enumerate(hints) if points]
            some, points = [greys[p] for p in places], [hints[p] for p in places]
            pairs = zip(
                self.guess(some, MEAN), self.guess(some, MEAN, points), strict=True
            )
            for place, (before, told) in zip(places, pairs, strict=True):
                given = greys[place].shape
                heard = told.heeding(hints[place], given, vividness)
                found[place] = before.steered(heard, found[place], hints[place], given)
        return [guess.chroma(vividness) for guess in found]

    def agreed(self, greys: Sequence[Grey]) -> list[Guess]:
        """Return what this network and its companions make of each picture."""
        alone = self.guess(greys)
        small = [own.small for own in alone]
        others = [each.guess(small) for each in self.companions]
        return [own.mean(said) for own, *said in zip(alone, *others, strict=True)]

    def guess(
        self,
        greys: Sequence[Grey],
        temperature: float | None = None,
        hints: Sequence[Sequence[Hint]] | None = None,
    ) -> list[Guess]:
        """Return what this network alone makes of each picture, not yet vivid.

        Args:
            greys: The pictures.
            temperature: Of the annealed mean; None for the card's.
            hints: Those of each picture.
        """
        if temperature is None:
            temperature = float(self.card.parameters.get("temperature", 1.0))
        look = partial(self._look, temperature=temperature, hints=hints)
        return self.through(greys, look)

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

    def _look(
        self,
        batch: list[Padded],
        temperature: float,
        hints: Sequence[Sequence[Hint]] | None,
    ) -> list[Guess]:
        planes = None if hints is None else self._hints(batch, hints)
        found = self.engine.colours(stacked(batch), planes, temperature)
        return [Guess.part(one, plane) for one, plane in zip(batch, found, strict=True)]

    def _hints(
        self, batch: list[Padded], hints: Sequence[Sequence[Hint]]
    ) -> NDArray[np.float32]:
        """Return (B, 3, H, W)."""
        vividness = Vividness.of(self.card.parameters)
        planes = [
            hint_planes(
                hints[one.place],
                one.given,
                one.small.shape,
                one.padded.shape,
                vividness,
            )
            for one in batch
        ]
        return np.stack(planes)


class Tagger(Predictor):
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
        return self.through(greys, self._probabilities)

    def look(self, greys: Sequence[Grey]) -> list[Tagged]:
        """Return what :meth:`predict` does, with features and regions.

        Args:
            greys: (H, W) luma 0-255, any sizes, prepared or not.

        Raises:
            PictureUnsuitable: One is not an 8-bit grey picture.
            OutOfMemory: One does not fit, not even alone and on the CPU.
        """
        return self.through(greys, self._tagged)

    def _probabilities(self, batch: list[Padded]) -> list[dict[str, float]]:
        luma, inside = _given(batch)
        scores = self.engine.scores(luma, inside)
        if self._mirrored:
            scores = (scores + self.engine.scores(*_turned(luma, inside))) * HALF
        return self._calibrated(scores)

    def _tagged(self, batch: list[Padded]) -> list[Tagged]:
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


def _given(batch: list[Padded]) -> tuple[Grey, NDArray[np.float32]]:
    """Return luma (B, 1, H, W), and how much of each place is picture."""
    return stacked(batch), np.stack([_inside(one) for one in batch])[:, None]


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
    one: Padded, places: NDArray[np.float32], inside: NDArray[np.float32]
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


def _inside(one: Padded) -> NDArray[np.float32]:
    """Return how much of each place of the coarsest map is picture, (H/32, W/32)."""
    shares = [
        np.clip(side - np.arange(0, whole, STRIDE), 0, STRIDE) / STRIDE
        for side, whole in zip(one.small.shape, one.padded.shape, strict=True)
    ]
    inside: NDArray[np.float32] = np.outer(*shares).astype(np.float32)
    return inside
