"""The networks, one a file, and the names by which checkpoints ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from colorizer.vision.networks.classifier import TermClassifier
from colorizer.vision.networks.fpn import FpnGenerator
from colorizer.vision.networks.tagging import PooledTagger

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "fpn_generator": FpnGenerator,
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
    """
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in parameters.items()
    }
    return NETWORKS[name](**given, folded=folded)
