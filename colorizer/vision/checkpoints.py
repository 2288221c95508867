"""The registry of named, hashed, self-describing weights. No torch is needed.

A checkpoint is two files side by side: ``NAME.safetensors`` and ``NAME.json``, its
card. Shipped ones lie in ``colorizer/checkpoints``; a folder of one's own is named by
the environment variable ``AUTOCHROME_CHECKPOINTS`` and wins where names are equal. A
checkpoint is chosen by name and its weights are believed by hash, never by date.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

SHIPPED = Path(__file__).resolve().parent.parent / "checkpoints"
FOLDER_VARIABLE = "AUTOCHROME_CHECKPOINTS"
DEFAULTS = {"colorizer": "lite0-fpn", "tagger": "lite0-tags"}
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


def available() -> list[Card]:
    """Return the card of every checkpoint that can be used, by name.

    Raises:
        CheckpointCorrupt: A card cannot be read.
    """
    cards: dict[str, Card] = {}
    for folder in _folders():
        for path in sorted(folder.glob("*.json")):
            found = _read(path)
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
                return _read(path)
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
    try:
        content = card.weights.read_bytes()
    except FileNotFoundError as error:
        raise CheckpointNotFound(
            f"The weights of {card.name} are missing: {card.weights}."
        ) from error
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise CheckpointCorrupt(
            f"The weights of {card.name} are not those that its card describes: "
            f"restore {card.weights.name} and its card together."
        )
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load

    try:
        tensors = load(content)
    except SafetensorError as error:
        raise CheckpointCorrupt(
            f"The weights of {card.name} are not a safetensors file."
        ) from error
    return {name: tensor.float() for name, tensor in tensors.items()}


def _folders() -> list[Path]:
    own = os.environ.get(FOLDER_VARIABLE, "")
    return [Path(own), SHIPPED] if own else [SHIPPED]


def _read(path: Path) -> Card:
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
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointCorrupt(
            f"The card {path} cannot be read: {error!r}. Restore it or remove it."
        ) from error
