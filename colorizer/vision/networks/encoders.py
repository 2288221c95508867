"""The registry of encoders, by the names that checkpoints and recipes use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from colorizer.vision.networks.efficientnet_lite import (
    EfficientNetLite0,
    EfficientNetLite2,
)
from colorizer.vision.networks.hugging_face import HuggingFaceEncoder
from colorizer.vision.networks.pyramid import Encoder
from colorizer.vision.networks.residual import ResidualEncoder
from colorizer.vision.networks.unet import UNetEncoder
from colorizer.vision.networks.vit import VisionTransformer

ENCODERS: dict[str, Callable[..., Encoder]] = {
    "efficientnet_lite0": EfficientNetLite0,
    "efficientnet_lite2": EfficientNetLite2,
    "hugging_face": HuggingFaceEncoder,
    "residual": ResidualEncoder,
    "unet": UNetEncoder,
    "vit": VisionTransformer,
}


def build_encoder(name: str, parameters: Mapping[str, Any], *, folded: bool) -> Encoder:
    """Build the encoder ``name`` with its ``parameters``, as JSON keeps them.

    Raises:
        KeyError: No encoder has this name.
        TypeError: It has no such parameter.
    """
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in parameters.items()}
    return ENCODERS[name](**given, folded=folded)
