"""What runs a network: arrays in, arrays out.

Two engines serve. torch runs every network, on a GPU too. ONNX Runtime runs an
exported graph on the CPU, quicker, and needs no torch. The environment variable
``AUTOCHROME_ENGINE`` names one; "auto" takes torch where there may be a GPU, else ONNX
Runtime where the checkpoint has a graph, else torch.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from colorizer.vision.checkpoints import Card, CheckpointError
from colorizer.vision.errors import DeviceUnavailable, EngineUnavailable

VARIABLE = "AUTOCHROME_ENGINE"
NAMES = ("auto", "torch", "onnxruntime")
GPU_DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
"""Where Linux shows the drivers of NVIDIA, AMD and, under Windows, of either."""

Luma = NDArray[np.uint8]
Floats = NDArray[np.float32]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seen:
    """What a tagger makes of a batch of B pictures.

    Attributes:
        scores: (B, labels), before the sigmoid.
        features: (B, F), what the last layer is given; F is 0 where a graph that was
            exported earlier does not give them.
        regions: (B, labels, H/32, W/32), what each place adds to each score; empty
            where there are no features.
    """

    scores: Floats
    features: Floats
    regions: Floats


class Engine(ABC):
    """A loaded network. Batches are padded to multiples of :attr:`multiple`."""

    device: str
    """What runs it and where, as results record it: "cpu, onnxruntime 1.23"."""
    multiple: int
    """Height and width must be multiples of this."""
    takes_hints: bool

    @abstractmethod
    def colours(self, luma: Luma, hints: Floats | None, temperature: float) -> Floats:
        """Return CIE Lab a*b*, (B, 2, H/4, W/4).

        Args:
            luma: (B, 1, H, W).
            hints: (B, 3, H, W), as :func:`colorizer.vision.hinting.hint_planes` gives
                them; None for none.
            temperature: Of the mean over ab bins.

        Raises:
            CheckpointCorrupt: The network is not a colour generator.
        """

    @abstractmethod
    def scores(self, luma: Luma, inside: Floats) -> Floats:
        """Return one score a label, before the sigmoid, (B, labels).

        Args:
            luma: (B, 1, H, W).
            inside: (B, 1, H/32, W/32) share of each coarse place that is picture.

        Raises:
            CheckpointCorrupt: The network is not a tagger.
        """

    @abstractmethod
    def seen(self, luma: Luma, inside: Floats) -> Seen:
        """Return scores, features and regions; see :class:`Seen`.

        Args:
            luma: (B, 1, H, W).
            inside: (B, 1, H/32, W/32), as in :meth:`scores`.

        Raises:
            CheckpointCorrupt: The network is not a tagger.
        """

    @abstractmethod
    def ran_out(self, error: Exception) -> bool:
        """Say whether an error of this engine means that memory ran out."""

    def to_cpu(self) -> bool:
        """Go on on the CPU; say whether that is another device than before."""
        return False


def load_engine(
    card: Card,
    device: str = "auto",
    name: str | None = None,
    threads: int | None = None,
) -> Engine:
    """Load the network of a checkpoint into the engine that is to run it.

    Args:
        card: The checkpoint's.
        device: "auto", or a torch device; all but "auto" and "cpu" need torch.
        name: One of :data:`NAMES`; None for what ``AUTOCHROME_ENGINE`` says.
        threads: Of the CPU; None for what the engine likes.

    Raises:
        CheckpointNotFound: The weights are missing.
        CheckpointCorrupt: Weights or graph are not those that the card describes.
        DeviceUnavailable: The device is not there.
        EngineUnavailable: The engine is unknown, not installed, or not for this one.
    """
    wanted = name or os.environ.get(VARIABLE) or "auto"
    if wanted not in NAMES:
        raise EngineUnavailable(
            f"{wanted!r} is not an engine: set {VARIABLE} to {', '.join(NAMES)}."
        )
    if wanted == "torch" or (wanted == "auto" and _torch_is_better(device)):
        return _torch(card, device, threads)
    if wanted == "onnxruntime":
        return _exported(card, device, threads)
    try:
        return _exported(card, device, threads)
    except (CheckpointError, EngineUnavailable) as problem:
        if not _installed("torch"):
            raise
        log.log(
            logging.WARNING if card.graph_sha256 else logging.DEBUG,
            "torch runs %s instead. %s",
            card.name,
            problem,
        )
    return _torch(card, device, threads)


def _torch_is_better(device: str) -> bool:
    """Say whether there is, or may be, a GPU for torch; without loading it."""
    if device not in ("auto", "cpu"):
        return True
    gpu = sys.platform != "linux" or any(Path(d).exists() for d in GPU_DRIVERS)
    if device == "cpu" or not gpu or not _installed("torch"):
        return False
    from colorizer.vision.engines.torch_engine import device_of  # noqa: PLC0415

    return device_of("auto").type != "cpu"


def _torch(card: Card, device: str, threads: int | None) -> Engine:
    if not _installed("torch"):
        raise EngineUnavailable(
            f"{card.name} on {device} needs torch, which is not installed: run "
            "`python3 start.py --no-light`, or choose the device cpu."
        )
    from colorizer.vision.engines.torch_engine import TorchEngine  # noqa: PLC0415

    return TorchEngine(card, device, threads)


def _exported(card: Card, device: str, threads: int | None) -> Engine:
    if device not in ("auto", "cpu"):
        raise DeviceUnavailable(f"ONNX Runtime runs on the cpu here, not on {device}.")
    if not card.graph_sha256:
        raise EngineUnavailable(
            f"{card.name} has no exported graph, so only torch can run it: make one "
            f"with `python -m training graph {card.name}`, or install torch with "
            "`python3 start.py --no-light`."
        )
    if not _installed("onnxruntime"):
        raise EngineUnavailable(
            "ONNX Runtime is not installed: run `python3 start.py setup`."
        )
    from colorizer.vision.engines.onnx_engine import OnnxEngine  # noqa: PLC0415

    return OnnxEngine(card, threads)


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
