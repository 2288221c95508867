"""The figures of a tagger of one's own, and of the one it began from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorizer.vision.inference import Tagger
from training.decisions import Decisions
from training.metrics import macro_map
from training.pack import Entry
from training.transfer import probabilities
from training.truth import truth_of

Chances = NDArray[np.float64]
DRAWS = 2000
"""Of the bootstrap."""


@dataclass(frozen=True)
class Judged:
    """A tagger's word on held-back decisions, (N, L) each; thresholds (L,)."""

    chances: Chances
    limits: Chances

    @property
    def suggested(self) -> NDArray[np.bool_]:
        """What it would suggest."""
        return self.chances >= self.limits


def figures(
    before: Tagger,
    after: Tagger,
    thresholds: dict[str, float],
    decisions: Decisions,
) -> dict[str, list[dict[str, Any]]]:
    """Return what both taggers say of held-back decisions, and of a pack's pictures."""
    labels = after.card.labels
    entries = decisions.of_split("held")
    truth = truth_of(entries, labels)
    both = {
        "before": _judged(before, before.card.thresholds, decisions, entries, labels),
        "after": _judged(after, thresholds, decisions, entries, labels),
    }
    rows = [
        {
            "pictures_of": "held-back decisions",
            "method": f"{method}: {tagger.card.name} {tagger.card.version}",
            **_counts(both[method], truth),
        }
        for method, tagger in (("before", before), ("after", after))
    ]
    found = {
        "held-back decisions": [*rows, _difference(both, truth)],
        "what nobody decided": [_drift(both, truth)],
    }
    for source in _held_sources(decisions):
        found[source] = [
            _of_set(source, tagger, decisions) for tagger in (before, after)
        ]
    return found


def _held_sources(decisions: Decisions) -> list[str]:
    """Return the sets of the pack beside that have labelled pictures held back."""
    entries = decisions.beside.entries if decisions.beside else []
    return sorted({e.source for e in entries if e.split == "held" and e.known})


def _of_set(source: str, tagger: Tagger, decisions: Decisions) -> dict[str, Any]:
    """Return how well a tagger still knows a labelled set of the pack."""
    held = decisions.select("held", labelled=True, sources=[source])
    mean, _each = macro_map(probabilities(tagger, decisions, held), truth_of(held))
    return {
        "pictures_of": source,
        "condition": "grey",
        "method": f"{tagger.card.name} {tagger.card.version}",
        "pictures": len(held),
        "macro_map": round(mean, 4),
    }


def _counts(judged: Judged, truth: NDArray[np.int8]) -> dict[str, Any]:
    """Return counts: so many of the present and the absent ones are suggested."""
    present, absent = truth == 1, truth == 0
    return {
        "pictures": len(truth),
        "present": int(present.sum()),
        "present_suggested": int((judged.suggested & present).sum()),
        "absent": int(absent.sum()),
        "absent_suggested": int((judged.suggested & absent).sum()),
        "log_loss": round(float(_losses(judged.chances, truth).sum() / _all(truth)), 4),
    }


def _difference(both: dict[str, Judged], truth: NDArray[np.int8]) -> dict[str, Any]:
    """Return after minus before, with 95 % intervals of a bootstrap over pictures."""
    known = truth >= 0
    before, after = both["before"], both["after"]
    changes = {
        "agreement": _agreed(after, truth) - _agreed(before, truth),
        "log_loss": (
            _losses(after.chances, truth) - _losses(before.chances, truth)
        ).sum(1),
    }
    drawn = np.random.default_rng(0).integers(len(truth), size=(DRAWS, len(truth)))
    number = known.sum(1)
    row: dict[str, Any] = {"pictures_of": "held-back decisions", "method": "difference"}
    for name, change in changes.items():
        draws = change[drawn].sum(1) / np.maximum(1, number[drawn].sum(1))
        low, high = np.percentile(draws, [2.5, 97.5])
        row[name] = round(float(change.sum() / _all(truth)), 4)
        row[f"{name}_95"] = [round(float(low), 4), round(float(high), 4)]
    return row


def _drift(both: dict[str, Judged], truth: NDArray[np.int8]) -> dict[str, Any]:
    """Return how far what nobody decided moved on the held-back photographs."""
    unknown = truth < 0
    before, after = both["before"], both["after"]
    moved = np.abs(after.chances - before.chances)[unknown]
    return {
        "pictures_of": "held-back photographs, labels that nobody decided on",
        "pictures": len(truth),
        "mean_change": round(float(moved.sum()) / max(1, len(moved)), 4),
        "largest_change": round(float(moved.max(initial=0.0)), 4),
        "new_suggestions": int((after.suggested & ~before.suggested & unknown).sum()),
        "lost_suggestions": int((before.suggested & ~after.suggested & unknown).sum()),
    }


def _agreed(judged: Judged, truth: NDArray[np.int8]) -> Chances:
    """Return how many decisions of each picture (N,) its suggestions agree with."""
    agree: Chances = ((judged.suggested == (truth == 1)) & (truth >= 0)).sum(1) * 1.0
    return agree


def _losses(chances: Chances, truth: NDArray[np.int8]) -> Chances:
    """Return the cross-entropy of each decision (N, L), 0 where there is none."""
    sure = chances.clip(1e-6, 1 - 1e-6)
    each = -np.where(truth == 1, np.log(sure), np.log(1 - sure))
    kept: Chances = np.where(truth >= 0, each, 0.0)
    return kept


def _all(truth: NDArray[np.int8]) -> int:
    return max(1, int((truth >= 0).sum()))


def _judged(
    tagger: Tagger,
    thresholds: Mapping[str, float],
    decisions: Decisions,
    entries: Sequence[Entry],
    labels: Sequence[str],
) -> Judged:
    limits = np.array([thresholds.get(label, 0.5) for label in labels])
    return Judged(chances_of(tagger, decisions, entries, labels), limits)


def chances_of(
    tagger: Tagger,
    decisions: Decisions,
    entries: Sequence[Entry],
    labels: Sequence[str],
) -> Chances:
    """Return a tagger's probabilities (N, L) of decided photographs."""
    found = tagger.predict([decisions.grey(entry) for entry in entries])
    return np.array([[row[label] for label in labels] for row in found])
