"""Where transfer starts from: chance, colour, or ImageNet, in one architecture.

``scratch`` is random weights; ``lite0`` the published ImageNet-supervised encoder, the
upper bound; a run folder or a checkpoint's name is a colour generator. A network whose
batch normalisation was folded gets it back (:func:`unfold_norms`), so that every start
trains the same layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from colorizer.vision import checkpoints
from colorizer.vision.networks import ENCODER_OF, GENERATORS, build_generator
from colorizer.vision.networks.generator import Generator
from colorizer.vision.networks.layers import NORM_EPS, Normed, fold_like
from training.errors import RecipeInvalid
from training.export import load_run
from training.starting import published_backbone

SCRATCH, SUPERVISED = "scratch", "lite0"
UNFOLDED_AT = 0x7FFFFFFF
"""A step that no run reaches, whose batch gives the statistics for unfolding."""
LITE0 = "fpn_generator"
"""The generator whose encoder was published with weights."""
ITS_OWN = ("last.", "centres", "hint_")
"""How the names of the weights begin that make a generator one of colour."""


@dataclass(frozen=True)
class Start:
    """A generator, trained or not, and what may be claimed of it.

    ``track`` is "S" where no label was ever seen, "P" otherwise. ``network`` and
    ``parameters`` are what it was built from.
    """

    name: str
    track: str
    network: str
    parameters: Mapping[str, Any]
    generator: Generator

    @property
    def encoder_parameters(self) -> dict[str, Any]:
        """What a tagger is built with to hold this encoder."""
        encoder = dict(self.parameters.get("encoder", {}))
        return {"backbone": ENCODER_OF[self.network], "encoder": encoder}

    def segmenter(self, classes: int, seed: int) -> Generator:
        """Return a copy with one score a class as its last layer, by chance at first.

        The network is Treneska's: the generator itself, its bins exchanged for classes.
        """
        torch.manual_seed(seed)
        parameters = {k: v for k, v in self.parameters.items() if k != "hints"}
        built = build_generator(
            self.network, {**parameters, "bins": classes}, folded=False
        )
        kept = self.generator.state_dict()
        taken = {k: v for k, v in kept.items() if not k.startswith(ITS_OWN)}
        built.load_state_dict(taken, strict=False)
        return built


def load_start(
    word: str,
    seed: int,
    network: str = LITE0,
    widths: tuple[int, int, int, int] = (48, 96, 160, 256),
) -> Start:
    """Return the start that ``word`` names: scratch, lite0, a run or a checkpoint.

    Args:
        word: What to start from.
        seed: Of the random weights.
        network: The generator that a start without one is.
        widths: Of its decoder, if it has a choice.

    Raises:
        CheckpointNotFound: It is neither a word, nor a run folder, nor a checkpoint.
        DatasetMissing: The run has no saved state.
        RecipeInvalid: The checkpoint is no colour generator, or the network is unknown
            or not the one that the published weights are for.
    """
    torch.manual_seed(seed)
    if word in {SCRATCH, SUPERVISED}:
        return _without_colour(word, network, widths)
    if Path(word).is_dir():
        described, state = load_run(Path(word))
        name = f"{described['recipe']['name']} at step {state['step']}"
        return _loaded(
            name,
            described["recipe"]["track"],
            state.get("generator", LITE0),
            state["network_parameters"],
            state["average"],
        )
    card = checkpoints.card(word)
    if card.task != "colorizer":
        raise RecipeInvalid(f"{word} is a {card.task}, not a colour generator.")
    return _loaded(
        card.name,
        card.text["track"],
        card.network,
        card.parameters["network"],
        checkpoints.load_weights(card),
    )


def _without_colour(word: str, network: str, widths: tuple[int, ...]) -> Start:
    if network not in GENERATORS:
        raise RecipeInvalid(
            f"generator: {network!r} is not one of {', '.join(GENERATORS)}."
        )
    if word == SUPERVISED and network != LITE0:
        raise RecipeInvalid(f"{SUPERVISED}: {network} was not published with weights.")
    parameters: dict[str, Any] = {}
    if "widths" in signature(GENERATORS[network]).parameters:
        parameters["widths"] = list(widths)
    generator = build_generator(network, parameters, folded=False)
    if word == SUPERVISED:
        generator.encoder.load_state_dict(published_backbone())
    track = "S" if word == SCRATCH else "P"
    return Start(word, track, network, parameters, generator)


def _loaded(
    name: str,
    track: str,
    network: str,
    parameters: Mapping[str, Any],
    weights: dict[str, Tensor],
) -> Start:
    generator = build_generator(network, parameters, folded=False)
    # Runs from a published backbone keep a folded encoder under a decoder with norms.
    fold_like(generator, weights).load_state_dict(weights)
    return Start(name, track, network, parameters, generator.train())


@torch.no_grad()
def unfold_norms(network: nn.Module, grey: Tensor) -> None:
    """Give every folded convolution that ``network`` uses its normalisation again.

    The statistics are those of ``grey``, and the scale and shift undo them: in
    evaluation the network computes what it did, in training nearly so.

    Args:
        network: An encoder or a generator.
        grey: (B, 1, H, W), as the network takes it.
    """
    folded = [
        m
        for m in network.modules()
        if isinstance(m, Normed) and isinstance(m.norm, nn.Identity)
    ]
    seen: dict[int, tuple[Tensor, Tensor]] = {}

    def look(module: nn.Module, _: object, out: Tensor) -> None:
        seen[id(module)] = (out.mean((0, 2, 3)), out.var((0, 2, 3)))

    hooks = [each.conv.register_forward_hook(look) for each in folded]
    training = network.training
    network.eval()(grey)
    network.train(training)
    for each, hook in zip(folded, hooks, strict=True):
        hook.remove()
        if id(each.conv) in seen and each.conv.bias is not None:
            mean, variance = seen[id(each.conv)]
            each.norm = _undone(mean, variance, each.conv.bias).train(training)
            each.conv.bias = None


def _undone(mean: Tensor, variance: Tensor, bias: Tensor) -> nn.BatchNorm2d:
    """Return the normalisation that adds ``bias`` and otherwise undoes itself."""
    norm = nn.BatchNorm2d(len(mean), eps=NORM_EPS)
    state = {
        "running_mean": mean - bias,
        "running_var": variance,
        "weight": (variance + NORM_EPS).sqrt(),
        "bias": mean,
    }
    norm.load_state_dict(state, strict=False)
    return norm


@torch.no_grad()
def settle_norms(encoder: nn.Module, grey: Tensor) -> None:
    """Give an untrained encoder the statistics of ``grey``, (B, 1, H, W).

    Random features are a fair baseline only when they are normalised at all.
    """
    norms = [m for m in encoder.modules() if isinstance(m, nn.BatchNorm2d)]
    usual = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    encoder.train()(grey)
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum
