"""The checkpoint of the wider vocabulary: made, calibrated, measured, described."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from colorizer.vision.colour import luma
from colorizer.vision.inference import Tagger
from training.evaluate import degraded
from training.export import BACKBONES, write_card, write_checkpoint
from training.metrics import calibration_error, macro_map
from training.pack import Entry, Pack
from training.runs import commit
from training.sources import TERMS
from training.starting import published_weights
from training.vocabulary.calibration import (
    FOLDS,
    PRECISION,
    STRENGTH,
    Values,
    calibrate,
    threshold_for,
    unseen_probabilities,
)
from training.vocabulary.evidence import SOURCES, Truth, evidence, truth_of
from training.vocabulary.network import term_classifier
from training.vocabulary.terms import ArchiveTerm, archive_terms

NAME = "lite0-terms"
BATCH = 32
CONDITIONS = ("grey", "aged")
LICENCE = (
    "Weights under Apache-2.0, as published, with their first convolution summed and "
    "their normalisation folded. They were learnt from ImageNet, whose photographs are "
    "for research: ask the rights holders before any commercial use."
)
INTENDED_USE = (
    "Suggestions of subject terms beyond those of the transferred tagger, for a "
    "curator to accept or reject."
)
LIMITS = [
    "Learnt from modern photographs: what is old is missed or taken for another thing.",
    "Calibrated on one or two modern pictures of most terms, aged artificially.",
    "Too few suggestions were counted on real old photographs to trust its scores.",
    "Says little: most photographs get no suggestion.",
    "Measured on a CPU; a GPU is untried.",
]


@dataclass(frozen=True)
class TermRow:
    """One line of the table: grey or aged pictures, by one way to score them.

    ``precision`` and ``recall`` are those of the suggestions at the threshold, over
    all terms together; ``macro_map`` is over the terms that a picture shows.
    """

    pictures_of: str
    condition: str
    method: str
    pictures: int
    terms_shown: int
    macro_map: float
    ece: float
    threshold: float
    suggestions: int
    precision: float
    recall: float


def make(pack: Pack, folder: Path, version: str, working_size: int) -> Path:
    """Write the checkpoint into ``folder`` and return the path of its card.

    Calibrated on every picture of the evidence, in grey and aged; measured, and its
    threshold chosen, on pictures that each fold's calibration has not seen.
    """
    terms = archive_terms()
    network = term_classifier(published_weights(), [term.places for term in terms])
    parameters = {
        "working_size": working_size,
        "network": {
            "classes": network.last.out_features,
            "terms": [term.places for term in terms],
        },
        "calibration": {term.label: [1.0, 0.0] for term in terms},
    }
    entries = evidence(pack)
    text = _text(version, parameters, terms, entries, pack)
    path = write_checkpoint(folder, NAME, network, text)
    scores = np.concatenate([_scores(pack, entries, kind) for kind in CONDITIONS])
    calibrated(path, scores, truth_of(entries, terms), [e.file for e in entries])
    return path


def calibrated(path: Path, scores: Values, truth: Truth, files: Sequence[str]) -> None:
    """Write calibration, threshold and figures into a card.

    Args:
        path: The card's.
        scores: (2 N, T) log-odds, of the grey pictures, then of the aged ones.
        truth: (N, T).
        files: Of the N pictures.
    """
    text = json.loads(path.read_text(encoding="utf-8"))
    labels: list[str] = text["labels"]
    both = np.concatenate([truth] * len(CONDITIONS))
    unseen = unseen_probabilities(scores, both, [*files] * len(CONDITIONS))
    threshold = threshold_for(unseen, both)
    final = calibrate(scores, both)
    text["parameters"]["calibration"] = {
        label: [round(final.slope, 5), round(float(offset), 5)]
        for label, offset in zip(labels, final.offsets, strict=True)
    }
    text["thresholds"] = dict.fromkeys(labels, round(threshold, 4))
    plain = 1 / (1 + np.exp(-scores))
    frequency = np.tile((both == 1).mean(0), (len(both), 1))
    rows = []
    for place, condition in enumerate(CONDITIONS):
        part = slice(place * len(truth), (place + 1) * len(truth))
        for method, chances, at in (
            (NAME, unseen, threshold),
            ("uncalibrated, above one half", plain, 0.5),
            ("term frequency", frequency, 0.5),
        ):
            row = _row(condition, method, chances[part], truth, at)
            rows.append(
                {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
            )
    text["figures"] = {"evidence, unseen by the calibration": rows}
    write_card(path, text)


def _scores(pack: Pack, entries: Sequence[Entry], condition: str) -> Values:
    """Return the log-odds (N, T) of the checkpoint, which is not calibrated yet."""
    tagger = Tagger(NAME, engine="torch")
    chances: list[list[float]] = []
    for start in range(0, len(entries), BATCH):
        greys = []
        for entry in entries[start : start + BATCH]:
            rgb = pack.picture(entry)
            aged = condition == "aged"
            greys.append(degraded(entry.file, rgb) if aged else luma(rgb))
        chances += [
            [found[label] for label in tagger.card.labels]
            for found in tagger.predict([grey.astype(np.uint8) for grey in greys])
        ]
    clipped = np.array(chances).clip(1e-9, 1 - 1e-7)
    odds: Values = np.log(clipped / (1 - clipped))
    return odds


def _row(
    condition: str, method: str, chances: Values, truth: Truth, threshold: float
) -> dict[str, Any]:
    mean, _ = macro_map(chances, truth)
    suggested = (chances >= threshold) & (truth >= 0)
    right = int((suggested & (truth == 1)).sum())
    return asdict(
        TermRow(
            " and ".join(SOURCES),
            condition,
            method,
            len(truth),
            int((truth == 1).any(0).sum()),
            mean,
            calibration_error(chances, truth),
            threshold,
            int(suggested.sum()),
            right / max(1, int(suggested.sum())),
            right / max(1, int((truth == 1).sum())),
        )
    )


def _text(
    version: str,
    parameters: dict[str, Any],
    terms: Sequence[ArchiveTerm],
    entries: Sequence[Entry],
    pack: Pack,
) -> dict[str, Any]:
    shown = (truth_of(entries, terms) == 1).sum(0)
    return {
        "version": version,
        "task": "tagger",
        "network": "term_classifier",
        "parameters": parameters,
        "track": "P",
        "backbone": BACKBONES["efficientnet-lite0"],
        "licence": LICENCE,
        "data": [
            {
                "set": source,
                "pictures": sum(e.source == source for e in entries),
                "terms": TERMS[source],
                "use": "calibration and threshold only",
            }
            for source in SOURCES
        ],
        "data_hash": pack.hash,
        "recipe": {
            "name": NAME,
            "trained": "nothing: the published weights, for grey pictures",
            "command": f"python -m training vocabulary --pack PACK --version {version}"
            f" --working-size {parameters['working_size']}",
            "prior_on_offsets": STRENGTH,
            "precision": PRECISION,
            "folds": FOLDS,
        },
        "commit": commit(),
        "environment": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "machine": platform.machine(),
        },
        "intended_use": INTENDED_USE,
        "limits": LIMITS,
        "figures": {},
        "labels": [term.label for term in terms],
        "thresholds": {term.label: 0.5 for term in terms},
        "vocabulary": {
            term.label: {
                "broader": term.broader,
                "classes": [each.name for each in term.classes],
                "evidence_pictures": int(count),
            }
            for term, count in zip(terms, shown, strict=True)
        },
    }
