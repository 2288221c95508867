"""Colorizer and Tagger: grey pictures in, small chroma planes and label scores out.

How pictures come through the network is in :mod:`colorizer.vision.predictor`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorizer.vision.checkpoints import CheckpointCorrupt
from colorizer.vision.colour import Chroma, lightness
from colorizer.vision.errors import (
    DeviceUnavailable,
    EngineUnavailable,
    HintsUnsuitable,
    OutOfMemory,
    PictureUnsuitable,
    VisionError,
)
from colorizer.vision.hinting import Hint, hint_planes
from colorizer.vision.predictor import Grey, Padded, Plane, Predictor, stacked
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
CHROMA_SHARE = 4
"""The chroma plane is this many times smaller than the working picture."""

_BOX, _BILINEAR = Image.Resampling.BOX, Image.Resampling.BILINEAR
_SHARED = ("temperature", "chroma_scale", "chroma_power")
"""The parameters that companions take from the colorizer that names them."""


@dataclass(frozen=True)
class _Seen:
    """What a network makes of one picture."""

    small: Grey  # (h, w), the prepared picture
    ab: Plane  # (h/4, w/4, 2), CIE Lab

    @property
    def chroma(self) -> Chroma:
        """The colours as chroma, which depends on lightness, too."""
        height, width = self.ab.shape[:2]
        grey = Image.fromarray(self.small).resize((width, height), _BOX)
        return Chroma.from_lab(lightness(np.asarray(grey)), self.ab)

    def mean(self, others: Sequence[_Seen]) -> _Seen:
        """Return the mean of this and others, at this one's size."""
        height, width = self.ab.shape[:2]
        size = (width, height)
        planes = [self.ab, *(_resized(other.ab, size) for other in others)]
        return replace(self, ab=np.mean(planes, 0, dtype=np.float32))


class Colorizer(Predictor):
    """Predicts the chroma of whole pictures.

    A card may name companions: other colorizers, each with a working size of its own,
    with which the mean is taken of what nobody steers. Networks that learnt apart err
    apart. Hints are followed by the network alone that takes them.
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
            shared = {key: value for key, value in mine.items() if key in _SHARED}
            other.adjust({**shared, "working_size": named["working_size"]})
            self.companions.append(other)

    def adjust(self, parameters: Mapping[str, Any]) -> None:
        """Predict with other parameters; companions keep their working size."""
        super().adjust(parameters)
        shared = {key: parameters[key] for key in _SHARED if key in parameters}
        for companion in self.companions:
            companion.adjust(shared)

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
            hints = None
        else:
            self._check(greys, hints)
        found = self.through(greys, partial(self._look, hints=hints))
        unsteered = [i for i in range(len(found)) if hints is None or not hints[i]]
        asked = [found[i].small for i in unsteered]
        others = [
            companion.through(asked, partial(companion._look, hints=None))  # noqa: SLF001
            for companion in self.companions
        ]
        for i, *said in zip(unsteered, *others, strict=True):
            found[i] = found[i].mean(said)
        return [each.chroma for each in found]

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
        self, batch: list[Padded], hints: Sequence[Sequence[Hint]] | None
    ) -> list[_Seen]:
        parameters = self.card.parameters
        vividness = Vividness.of(parameters)
        planes = None if hints is None else self._hints(batch, hints, vividness)
        temperature = float(parameters.get("temperature", 1.0))
        found = vividness.applied(
            self.engine.colours(stacked(batch), planes, temperature)
        )
        return [_part(one, plane) for one, plane in zip(batch, found, strict=True)]

    def _hints(
        self,
        batch: list[Padded],
        hints: Sequence[Sequence[Hint]],
        vividness: Vividness,
    ) -> NDArray[np.float32]:
        """Return (B, 3, H, W)."""
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


def _part(one: Padded, plane: Plane) -> _Seen:
    """Return the part of the ab plane (2, H/4, W/4) that is picture."""
    height, width = one.small.shape
    size = (max(1, round(width / CHROMA_SHARE)), max(1, round(height / CHROMA_SHARE)))
    box = (0, 0, width / CHROMA_SHARE, height / CHROMA_SHARE)
    return _Seen(one.small, _resized(np.moveaxis(plane, 0, -1), size, box))


def _resized(
    ab: Plane,
    size: tuple[int, int],
    box: tuple[float, float, float, float] | None = None,
) -> Plane:
    """Return (height, width, 2) of the size (width, height), from (h, w, 2)."""
    planes = [Image.fromarray(np.ascontiguousarray(ab[..., i])) for i in (0, 1)]
    return np.stack([np.asarray(p.resize(size, _BILINEAR, box)) for p in planes], -1)
