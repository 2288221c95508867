"""From a run on decisions to a tagger of one's own, beside the one it began from.

Calibration and thresholds stay as they were where the tuning split says too little.
The card gets figures of both taggers on decisions that neither learnt from.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import Card
from colorizer.vision.inference import Tagger
from training import export
from training.decisions import Decisions, count
from training.errors import CheckpointTaken, RunMismatch
from training.own_figures import Chances, chances_of, figures
from training.truth import truth_of

LEAST_TO_CALIBRATE = 10
"""Tuning decisions on a label, of both kinds, below which its calibration stays."""
PRECISION = 0.7
"""What thresholds are raised for, where an archive's own decisions ask for it."""
HIGHEST_THRESHOLD = 0.9
LICENCE = (
    " It learnt further from an archive's own photographs and its curators' decisions:"
    " ask that archive before passing it on."
)
LIMITS = [
    "Went on learning from one archive's decisions: made for that archive.",
    "Judged on decisions, which are mostly about what the earlier tagger suggested.",
]


def export_own(
    run: Path, decisions: Decisions, folder: Path, name: str, version: str
) -> Path:
    """Write the tagger that a run made, as a new checkpoint; return its card's path.

    Raises:
        CheckpointTaken: There is one of that name; nothing is overwritten.
        RunMismatch: The run learnt from other decisions, or began elsewhere.
    """
    described, state = export.load_run(run)
    start = checkpoints.card(described["recipe"]["start_from"])
    if described["data_hash"] != decisions.hash:
        raise RunMismatch(f"{run} learnt from other decisions, or with another pack.")
    if state["start_sha256"] != start.sha256:
        raise RunMismatch(f"{run} began from other weights of {start.name}.")
    refuse_taken(folder, name)
    before = Tagger(start.name)
    parameters = dict(start.parameters)
    network = export.folded_network(
        start.network, parameters["network"], state["average"]
    )
    text = _card_text(described, state["step"], decisions, start, version)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".", suffix=".partial", dir=folder) as staging:
        path = export.write_checkpoint(Path(staging), name, network, text)
        with _among(Path(staging)):
            after = Tagger(name)
        tuned = tune(before, after, decisions)
        after.adjust({"calibration": tuned[0]})
        text["parameters"]["calibration"], text["thresholds"] = tuned
        text["figures"] = figures(before, after, tuned[1], decisions)
        text["sha256"] = after.card.sha256
        export.write_card(path, {"name": name, **text})
        refuse_taken(folder, name)
        # The card comes last: without it there is no checkpoint.
        for made in sorted(Path(staging).iterdir(), key=lambda each: each == path):
            made.replace(folder / made.name)
    return folder / path.name


def refuse_taken(folder: Path, name: str) -> None:
    """Refuse a name that stands for another model already.

    Raises:
        CheckpointTaken: As said.
    """
    known = {card.name for card in checkpoints.available()}
    known |= {path.stem for path in folder.glob("*.json")}
    if name in known:
        raise CheckpointTaken(
            f"There is a checkpoint {name} already, and it stays: choose another"
            " --name, such as "
            f"{name}-2."
        )


def tune(
    before: Tagger, after: Tagger, decisions: Decisions
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return each label's calibration and threshold, from the tuning split.

    Platt (1999), with the old tagger's probability as the soft target of what nobody
    decided: decisions alone are nearly all about high scores. Thresholds only rise,
    to where the decisions reach the precision that is wished for.
    """
    labels = after.card.labels
    entries = decisions.of_split("tune")
    truth = truth_of(entries, labels)
    old = chances_of(before, decisions, entries, labels)
    present = after.card.parameters["calibration"]
    after.adjust({"calibration": {label: [1.0, 0.0] for label in labels}})
    plain = chances_of(after, decisions, entries, labels).clip(1e-6, 1 - 1e-6)
    scores = np.log(plain / (1 - plain))
    calibration = {label: list(present[label]) for label in labels}
    thresholds = {label: before.card.thresholds.get(label, 0.5) for label in labels}
    for i, label in enumerate(labels):
        known = truth[:, i] >= 0
        actual = truth[known, i]
        if len(actual) < LEAST_TO_CALIBRATE or actual.min() == actual.max():
            continue
        target = np.where(known, truth[:, i], old[:, i])
        calibration[label] = _platt(scores[:, i], target)
        slope, offset = calibration[label]
        chance = 1 / (1 + np.exp(-(slope * scores[known, i] + offset)))
        thresholds[label] = _raised(thresholds[label], chance, actual)
    return calibration, thresholds


def _platt(scores: Chances, target: Chances) -> list[float]:
    """Return slope and offset of a logistic regression on soft targets."""
    twice = np.concatenate([scores, scores])[:, None]
    said = np.repeat([1, 0], len(scores))
    weights = np.concatenate([target, 1 - target])
    fit = LogisticRegression(C=1.0).fit(twice, said, weights)
    slope = max(float(fit.coef_[0, 0]), 0.05)
    return [round(slope, 5), round(float(fit.intercept_[0]), 5)]


def _raised(threshold: float, chance: Chances, actual: NDArray[np.int8]) -> float:
    """Return the lowest threshold, not below the old one, of the wished precision."""
    above = np.unique(chance[chance > threshold])
    for limit in [threshold, *above]:
        suggested = chance >= limit
        if not suggested.any() or actual[suggested].mean() >= PRECISION:
            return round(float(min(limit, max(threshold, HIGHEST_THRESHOLD))), 4)
    return max(threshold, HIGHEST_THRESHOLD)


@contextmanager
def _among(folder: Path) -> Iterator[None]:
    """Look for checkpoints in a folder for a while."""
    usual = os.environ.get(checkpoints.FOLDER_VARIABLE)
    os.environ[checkpoints.FOLDER_VARIABLE] = str(folder)
    try:
        yield
    finally:
        if usual is None:
            del os.environ[checkpoints.FOLDER_VARIABLE]
        else:
            os.environ[checkpoints.FOLDER_VARIABLE] = usual


def _card_text(
    described: dict[str, Any],
    steps: int,
    decisions: Decisions,
    start: Card,
    version: str,
) -> dict[str, Any]:
    recipe, old = described["recipe"], start.text
    splits = {split: decisions.of_split(split) for split in ("fit", "tune", "held")}
    verdicts = Counter(
        said for labels in decisions.verdicts.values() for said in labels.values()
    )
    return {
        **{
            key: old[key]
            for key in ("task", "network", "track", "backbone")
            if key in old
        },
        "version": version,
        "parameters": dict(start.parameters),
        "licence": old.get("licence", "") + LICENCE,
        "data": [
            *old.get("data", []),
            {
                "set": "decisions",
                "pictures": len(splits["fit"]),
                "terms": "photographs of the archive that exported them",
            },
        ],
        "data_hash": described["data_hash"],
        "start_from": {
            "name": start.name,
            "version": start.version,
            "sha256": start.sha256,
        },
        "decisions": {
            "export": decisions.table_sha256,
            "exported_at": decisions.described["exported_at"],
            "photographs": len(decisions.decided),
            "verdicts": dict(verdicts),
            "splits": {split: count(some) for split, some in splits.items()},
            "on_other_labels": decisions.ignored,
            "with_pack": decisions.beside.hash if decisions.beside else None,
        },
        "recipe": recipe,
        "seed": recipe["seed"],
        "commit": described["commit"],
        "steps": steps,
        "environment": described["environment"],
        "intended_use": export.INTENDED_USE["tagger"],
        "limits": [*LIMITS, *old.get("limits", [])],
        "figures": {},
        "labels": list(start.labels),
        "thresholds": dict(start.thresholds),
        "pretrained": old.get("pretrained", ""),
    }
