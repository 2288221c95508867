"""The published network with its classifier, for grey pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from colorizer.vision.networks.classifier import TermClassifier
from colorizer.vision.networks.efficientnet_lite import grey_weights
from colorizer.vision.networks.layers import fold_norms


def term_classifier(
    published: Mapping[str, Tensor], terms: Sequence[Sequence[int]]
) -> TermClassifier:
    """Return the published network as a classifier of grey pictures, folded.

    Every class keeps its row: those that no term joins speak against all terms.
    """
    network = TermClassifier(len(published["_fc.bias"]), terms)
    network.encoder.load_state_dict(grey_weights(published))
    last = {"weight": published["_fc.weight"], "bias": published["_fc.bias"]}
    network.last.load_state_dict(last)
    fold_norms(network)
    return network.eval()
