"""The mean of the weights of several colorizers that started from the same ones.

It is served as one network is, and knows what each had learnt: the uniform soup of
Wortsman et al. 2022, *Model soups*.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from colorizer.vision import checkpoints
from colorizer.vision.networks import build
from training.errors import TrainingRefused
from training.export import UNTUNED, write_checkpoint

TOLD = ("name", "version", "sha256", "recipe", "seed", "commit", "steps", "environment")
"""What the card of the mean says of each part."""


def average(name: str, parts: Sequence[str], version: str, folder: Path) -> Path:
    """Write the mean of some colorizers as one of them; return the path of its card.

    Its card is the first part's, and tells of each; it is neither tuned nor measured.

    Args:
        name: The new checkpoint's.
        parts: Names of at least two, which decode the same bins with the same network.
        version: The new card's.
        folder: Where to.

    Raises:
        TrainingRefused: There are fewer, or they are no colorizers of one build.
        CheckpointNotFound: There is none of that name.
    """
    cards = [checkpoints.card(part) for part in parts]
    if len(cards) < 2 or name in parts:
        raise TrainingRefused("A mean has two parts at least, and a name of its own.")
    first = cards[0]
    weights = [checkpoints.load_weights(card) for card in cards]
    for card, other in zip(cards, weights, strict=True):
        if card.task != "colorizer" or not _alike(other, weights[0]):
            raise TrainingRefused(
                f"{card.name} is not a colorizer of the build of {first.name}: only the"
                " weights of one network over the same colours have a mean."
            )
    network = build(first.network, first.parameters["network"], folded=True)
    network.load_state_dict(
        {key: sum(w[key] for w in weights) / len(weights) for key in weights[0]}
    )
    text: dict[str, Any] = {**first.text, "version": version, "figures": {}}
    for stale in ("name", "sha256", "graph_sha256", "steered_graph_sha256", "tuning"):
        text.pop(stale, None)
    size, kind = first.parameters["working_size"], first.parameters["network"]
    text["parameters"] = {"working_size": size, **UNTUNED, "network": kind}
    text["averaged"] = [{key: card.text[key] for key in TOLD} for card in cards]
    return write_checkpoint(folder, name, network.eval(), text)


def _alike(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    shapes, others = ({k: v.shape for k, v in w.items()} for w in (one, other))
    return shapes == others and torch.equal(one["centres"], other["centres"])
