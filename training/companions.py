"""Colorizers that colour together: which, as the card of one of them says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from colorizer.vision import checkpoints
from training.errors import TrainingRefused
from training.export import write_card


def accompany(path: Path, version: str, others: Mapping[str, int]) -> None:
    """Write into a colorizer's card with whom it takes the mean of its colours.

    What was tuned and measured before no longer holds; ``evaluate`` does so anew.

    Args:
        path: The card's, NAME.json.
        version: The card's from now on.
        others: The working size of each companion, by its name; none for no mean.

    Raises:
        TrainingRefused: One is no colorizer, is itself, or has companions of its own.
        CheckpointNotFound: There is none of that name.
    """
    named = []
    for name, size in others.items():
        card = checkpoints.card(name)
        if card.task != "colorizer" or name == path.stem:
            raise TrainingRefused(f"{name} is not another colorizer.")
        if card.parameters.get("companions"):
            raise TrainingRefused(f"{name} has companions of its own.")
        named.append({"name": name, "sha256": card.sha256, "working_size": size})
    text = json.loads(path.read_text(encoding="utf-8"))
    text["version"] = version
    text["parameters"].pop("companions", None)
    if named:
        text["parameters"]["companions"] = named
    text["figures"] = {}
    write_card(path, text)
