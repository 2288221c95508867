"""The registry of named, hashed, self-describing weights.

A checkpoint is files side by side: ``NAME.safetensors``, its weights, ``NAME.json``,
its card, and perhaps ``NAME.onnx``, its graph without weights. Shipped ones lie in
``colorizer/checkpoints``; a folder of one's own is named by the environment variable
``AUTOCHROME_CHECKPOINTS`` and wins where names are equal. A checkpoint is chosen by
name and its files are believed by hash, never by date.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

if TYPE_CHECKING:
    from torch import Tensor

SHIPPED = Path(__file__).resolve().parent.parent / "checkpoints"
FOLDER_VARIABLE = "AUTOCHROME_CHECKPOINTS"
SCALE = ".scale"
"""How the name ends of what an 8-bit weight is multiplied by, a number an output."""
DEFAULTS = {"colorizer": "lite2-fpn", "tagger": "lite2-tags"}
"""The checkpoint that each task uses where none is named."""


class CheckpointError(Exception):
    """A checkpoint cannot be used; ``code`` is stable, the text says what to do."""

    code = "checkpoint_error"


class CheckpointNotFound(CheckpointError):
    """No checkpoint has the name, or its weights are missing."""

    code = "checkpoint_not_found"


class CheckpointCorrupt(CheckpointError):
    """A card cannot be read, or the weights are not those that it describes."""

    code = "checkpoint_corrupt"


@dataclass(frozen=True)
class Card:
    """What a checkpoint says of itself.

    ``text`` is the whole JSON card: data sets and their terms, licence, recipe, seed,
    commit, measured figures, limits and intended use.
    """

    name: str
    version: str
    task: str
    network: str
    sha256: str
    labels: tuple[str, ...]
    thresholds: Mapping[str, float]
    parameters: Mapping[str, Any]
    text: Mapping[str, Any]
    weights: Path
    graph_sha256: str = ""
    """Of ``NAME.onnx``; empty where there is none."""
    steered_graph_sha256: str = ""
    """Of ``NAME-steered.onnx``, which follows hints; empty where there is none."""

    @property
    def graph(self) -> Path:
        """Where the exported graph lies, if there is one."""
        return self.weights.with_suffix(".onnx")

    @property
    def steered_graph(self) -> Path:
        """Where the graph that follows hints lies, if there is one."""
        return self.weights.with_name(f"{self.name}-steered.onnx")


def available() -> list[Card]:
    """Return the card of every checkpoint that can be used, by name.

    Raises:
        CheckpointCorrupt: A card cannot be read.
    """
    cards: dict[str, Card] = {}
    for folder in _folders():
        for path in sorted(folder.glob("*.json")):
            found = read_card(path)
            cards.setdefault(found.name, found)
    return [cards[name] for name in sorted(cards)]


def card(name: str) -> Card:
    """Return the card of the checkpoint ``name``.

    Raises:
        CheckpointNotFound: There is none.
        CheckpointCorrupt: Its card cannot be read.
    """
    # A name is looked up, never joined to a path: it may come from a request.
    for folder in _folders():
        for path in folder.glob("*.json"):
            if path.stem == name:
                return read_card(path)
    known = sorted({path.stem for f in _folders() for path in f.glob("*.json")})
    raise CheckpointNotFound(
        f"There is no checkpoint called {name!r}; there are: {', '.join(known)}."
    )


def default(task: str) -> Card:
    """Return the card that the task "colorizer" or "tagger" uses by default.

    Raises:
        CheckpointNotFound: The task is unknown or its checkpoint is not there.
    """
    if task not in DEFAULTS:
        raise CheckpointNotFound(
            f"No task is called {task!r}; there are: {', '.join(DEFAULTS)}."
        )
    return card(DEFAULTS[task])


def load_weights(card: Card) -> dict[str, Tensor]:
    """Return the weights that ``card`` describes, in float32, on the CPU.

    Raises:
        CheckpointNotFound: The file is missing.
        CheckpointCorrupt: The file's SHA-256 is not the card's, or it does not parse.
    """
    import torch

    return {name: torch.from_numpy(each) for name, each in load_arrays(card).items()}


def load_arrays(card: Card) -> dict[str, NDArray[np.float32]]:
    """Return what :func:`load_weights` does, without torch.

    Weights of 8 bits are multiplied by their scales, one an output.

    Raises:
        CheckpointNotFound: The file is missing.
        CheckpointCorrupt: The file's SHA-256 is not the card's, or it does not parse.
    """
    content = _read_checked(
        card.weights, card.sha256, f"The weight file of {card.name}"
    )
    try:
        arrays = load(content)
    except SafetensorError as error:
        raise CheckpointCorrupt(
            f"{card.weights.name} is not a safetensors file."
        ) from error
    except (KeyError, TypeError) as error:  # numpy has not all of its types
        raise CheckpointCorrupt(
            f"{card.weights.name} has numbers of a kind that cannot be read, such as"
            " bfloat16: write it in float32 or float16."
        ) from error
    small = [name for name, array in arrays.items() if array.dtype == np.int8]
    scales = {name: arrays.pop(name + SCALE, None) for name in small}
    whole = {name: array.astype(np.float32) for name, array in arrays.items()}
    for name, scale in scales.items():
        if scale is None or scale.shape != whole[name].shape[:1]:
            raise CheckpointCorrupt(f"{card.weights.name}: {name} lacks its scale.")
        whole[name] = (whole[name].T * scale.astype(np.float32)).T  # by output
    return whole


def load_graph(card: Card, *, steered: bool = False) -> bytes:
    """Return the exported graph that ``card`` describes, or that which follows hints.

    Raises:
        CheckpointNotFound: The file is missing.
        CheckpointCorrupt: The file's SHA-256 is not the card's.
    """
    path, sha256 = (
        (card.steered_graph, card.steered_graph_sha256)
        if steered
        else (card.graph, card.graph_sha256)
    )
    return _read_checked(path, sha256, f"The graph of {card.name}")


def _read_checked(path: Path, sha256: str, what: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise CheckpointNotFound(f"{what} is missing: {path}.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CheckpointCorrupt(
            f"{what} is not what its card describes: restore {path.name} and its card "
            "together."
        )
    return content


def _folders() -> list[Path]:
    own = os.environ.get(FOLDER_VARIABLE, "")
    return [Path(own), SHIPPED] if own else [SHIPPED]


def read_card(path: Path) -> Card:
    """Return the card at a path.

    Raises:
        CheckpointCorrupt: It cannot be read.
    """
    try:
        text = json.loads(path.read_text(encoding="utf-8"))
        return Card(
            name=path.stem,
            version=str(text["version"]),
            task=str(text["task"]),
            network=str(text["network"]),
            sha256=str(text["sha256"]),
            labels=tuple(text.get("labels", ())),
            thresholds=dict(text.get("thresholds", {})),
            parameters=dict(text["parameters"]),
            text=text,
            weights=path.with_suffix(".safetensors"),
            graph_sha256=str(text.get("graph_sha256", "")),
            steered_graph_sha256=str(text.get("steered_graph_sha256", "")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointCorrupt(
            f"The card {path} cannot be read: {error!r}. Restore it or remove it."
        ) from error
