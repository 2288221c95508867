"""The networks, one a file, and the names by which checkpoints ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from colorizer.vision.networks.classifier import TermClassifier
from colorizer.vision.networks.fpn import FpnGenerator
from colorizer.vision.networks.generator import Generator
from colorizer.vision.networks.tagging import PooledTagger
from colorizer.vision.networks.unet import PaperUNet

GENERATORS: dict[str, Callable[..., Generator]] = {
    "fpn_generator": FpnGenerator,  # EfficientNet-Lite0; named before there were others
    "lite2_fpn": partial(FpnGenerator, backbone="efficientnet_lite2"),
    "hugging_face_fpn": partial(FpnGenerator, backbone="hugging_face"),
    "residual_fpn": partial(FpnGenerator, backbone="residual"),
    "vit_fpn": partial(FpnGenerator, backbone="vit"),
    "paper_unet": PaperUNet,
}
ENCODER_OF = {
    "fpn_generator": "efficientnet_lite0",
    "lite2_fpn": "efficientnet_lite2",
    "hugging_face_fpn": "hugging_face",
    "residual_fpn": "residual",
    "vit_fpn": "vit",
    "paper_unet": "unet",
}
"""The name of each generator's encoder, by which a transfer builds it alone."""
NETWORKS: dict[str, Callable[..., nn.Module]] = {
    **GENERATORS,
    "pooled_tagger": PooledTagger,
    "term_classifier": TermClassifier,
}


def build(name: str, parameters: Mapping[str, Any], *, folded: bool) -> nn.Module:
    """Build the network ``name`` with its ``parameters``.

    Args:
        name: A key of :data:`NETWORKS`.
        parameters: What its constructor takes, as JSON keeps it.
        folded: Without batch normalisation, for weights in which it is folded.

    Raises:
        KeyError: No network has this name.
        TypeError: It has no such parameter.
    """
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in parameters.items()
    }
    return NETWORKS[name](**given, folded=folded)


def build_generator(
    name: str, parameters: Mapping[str, Any], *, folded: bool
) -> Generator:
    """Build the colour generator ``name``, as :func:`build` does.

    Raises:
        KeyError: No generator has this name.
        TypeError: It has no such parameter.
    """
    if name not in GENERATORS:
        raise KeyError(name)
    network = build(name, parameters, folded=folded)
    if not isinstance(network, Generator):
        raise TypeError(f"{name} is no generator.")
    return network
