"""Where transfer starts from: chance, colour, or ImageNet, in one architecture.

``scratch`` is random weights; ``lite0`` the published ImageNet-supervised encoder, the
upper bound; a run folder or a checkpoint's name is a colour generator. A network whose
batch normalisation was folded gets it back (:func:`unfold_norms`), so that every start
trains the same layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from colorizer.vision import checkpoints
from colorizer.vision.networks import build
from colorizer.vision.networks.efficientnet_lite import NORM_EPS, ConvNorm
from colorizer.vision.networks.fpn import FpnGenerator
from training.errors import RecipeInvalid
from training.export import load_run
from training.pretrain import published_backbone

SCRATCH, SUPERVISED = "scratch", "lite0"
UNFOLDED_AT = 0x7FFFFFFF
"""A step that no run reaches, whose batch gives the statistics for unfolding."""


@dataclass(frozen=True)
class Start:
    """A colour generator, trained or not, and what may be claimed of it.

    ``track`` is "S" where no label was ever seen, "P" otherwise.
    """

    name: str
    track: str
    generator: FpnGenerator


def load_start(
    word: str, seed: int, widths: tuple[int, int, int, int] = (48, 96, 160, 256)
) -> Start:
    """Return the start that ``word`` names: scratch, lite0, a run or a checkpoint.

    Args:
        word: What to start from.
        seed: Of the random weights.
        widths: Of a decoder that is not loaded.

    Raises:
        CheckpointNotFound: It is neither a word, nor a run folder, nor a checkpoint.
        DatasetMissing: The run has no saved state.
        RecipeInvalid: The checkpoint is no colour generator.
    """
    torch.manual_seed(seed)
    if word in {SCRATCH, SUPERVISED}:
        generator = FpnGenerator(0, widths)
        if word == SUPERVISED:
            generator.encoder.load_state_dict(published_backbone())
        return Start(word, "S" if word == SCRATCH else "P", generator)
    if Path(word).is_dir():
        described, state = load_run(Path(word))
        weights, parameters = state["average"], state["network_parameters"]
        recipe = described["recipe"]
        name = f"{recipe['name']} at step {state['step']}"
        network, track = "fpn_generator", recipe["track"]
    else:
        card = checkpoints.card(word)
        if card.task != "colorizer":
            raise RecipeInvalid(f"{word} is a {card.task}, not a colour generator.")
        weights, parameters = checkpoints.load_weights(card), card.parameters["network"]
        name, network, track = card.name, card.network, card.text["track"]
    return Start(name, track, _loaded(network, parameters, weights))


def _loaded(
    network: str, parameters: dict[str, object], weights: dict[str, Tensor]
) -> FpnGenerator:
    generator = build(network, parameters, folded=False)
    # Runs from a published backbone keep a folded encoder under a decoder with norms.
    for name, module in generator.named_modules():
        if isinstance(module, ConvNorm) and f"{name}.norm.weight" not in weights:
            module.fold()
    generator.load_state_dict(weights)
    assert isinstance(generator, FpnGenerator)  # noqa: S101
    return generator.train()


@torch.no_grad()
def unfold_norms(network: nn.Module, encoder: nn.Module, grey: Tensor) -> None:
    """Give every folded convolution of ``encoder`` batch normalisation again.

    The statistics are those of ``grey``, and the scale and shift undo them: in
    evaluation the network computes what it did, in training nearly so.

    Args:
        network: What is run, to see what the convolutions give.
        encoder: Whose convolutions are unfolded.
        grey: (B, 1, H, W), as the network takes it.
    """
    folded = [
        m
        for m in encoder.modules()
        if isinstance(m, ConvNorm) and isinstance(m.norm, nn.Identity)
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
        mean, variance = seen[id(each.conv)]
        norm = nn.BatchNorm2d(len(mean), eps=NORM_EPS)
        bias = each.conv.bias
        assert bias is not None and norm.running_mean is not None  # noqa: S101, PT018
        assert norm.running_var is not None  # noqa: S101
        norm.running_mean.copy_(mean - bias)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + NORM_EPS).sqrt())
        norm.bias.copy_(mean)
        each.conv.bias = None
        each.norm = norm.train(training)


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
