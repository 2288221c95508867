"""The tagger's figures on the sets' own held-back pictures, in grey and aged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from colorizer.vision.engines.torch_engine import network_of
from colorizer.vision.inference import Tagger
from training.metrics import calibration_error, macro_map
from training.pack import Entry, Pack
from training.sources import JUDGED, LABELS
from training.transfer import probabilities
from training.truth import Truth, truth_of


@dataclass(frozen=True)
class TagRow:
    """One line of the table: a method on a set, plain grey or aged.

    ``micro_precision`` and ``micro_recall`` are those of the suggestions that the
    card's thresholds would make. ``average_precision`` is each known label's.
    """

    pictures_of: str
    condition: str
    method: str
    pictures: int
    macro_map: float
    ece: float
    micro_precision: float
    micro_recall: float
    average_precision: dict[str, float]


def table(
    name: str, tagger: Tagger, pack: Pack, entries: Sequence[Entry], seed: int
) -> list[TagRow]:
    """Score the tagger, an untrained one and the labels' frequencies.

    Args:
        name: The set's name.
        tagger: Calibrated, in torch.
        pack: Where the pictures are.
        entries: Held-back labelled pictures of the set.
        seed: Of the untrained network.
    """
    truth = truth_of(entries)
    rows = [
        _row(name, condition, "tagger", tagger, truth, chances)
        for condition, chances in (
            ("grey", probabilities(tagger, pack, entries)),
            ("aged", probabilities(tagger, pack, entries, aged=True)),
        )
    ]
    network = network_of(tagger.engine)
    learnt = network.state_dict()
    kept = {key: value.clone() for key, value in learnt.items()}
    untrain(network, seed)
    chances = probabilities(tagger, pack, entries)
    network.load_state_dict(kept)
    rows.append(_row(name, "grey", "untrained", tagger, truth, chances))
    fitted = truth_of(pack.select("fit", labelled=True, sources=JUDGED))
    shares = np.array([column[column >= 0].mean() for column in fitted.T])
    chances = np.tile(shares, (len(entries), 1))
    rows.append(_row(name, "grey", "label frequency", tagger, truth, chances))
    return rows


def untrain(network: torch.nn.Module, seed: int) -> None:
    """Give every layer the random weights with which training would have begun."""
    torch.manual_seed(seed)
    for module in network.modules():
        reset = getattr(module, "reset_parameters", None)
        if callable(reset):
            reset()


def _row(
    name: str,
    condition: str,
    method: str,
    tagger: Tagger,
    truth: Truth,
    chances: NDArray[np.float64],
) -> TagRow:
    mean, each = macro_map(chances, truth)
    limits = np.array([tagger.card.thresholds[label] for label in LABELS])
    known = truth >= 0
    suggested = (chances >= limits) & known
    right = (suggested & (truth == 1)).sum()
    return TagRow(
        name,
        condition,
        method,
        len(truth),
        mean,
        calibration_error(chances, truth),
        float(right / max(1, suggested.sum())),
        float(right / max(1, (truth == 1).sum())),
        {
            label: round(value, 4)
            for label, value in zip(LABELS, each, strict=True)
            if np.isfinite(value)
        },
    )
