"""The colour generator's encoder, transferred to tags.

Treneska et al. 2022: what was learnt by colouring helps to recognise. The encoder of
a pretraining run gets a linear layer on its pooled features; first the layer alone
learns, then the encoder's last blocks with it. Labels that a set does not look for
are masked out of the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from torch import Tensor

from colorizer.vision.inference import Tagger
from colorizer.vision.networks.tagging import PooledTagger
from training.augment import luma, mixed_grey, normalised, squared
from training.evaluate import degraded
from training.loop import Loop
from training.losses.masked_bce import masked_bce
from training.losses.places import place_bce, still_present
from training.pack import Entry, Masked, Pack
from training.probe import SAMPLE, chosen_probe, grey_batch, read_features
from training.recipes import Transfer
from training.shares import balanced_weights, labelled_share
from training.sources import LABELS
from training.starting import remind
from training.starts import (
    SCRATCH,
    UNFOLDED_AT,
    Start,
    load_start,
    settle_norms,
    unfold_norms,
)
from training.truth import Truth, truth_of

PRECISION = 0.9
"""What a suggestion's threshold is chosen for, on the tuning split's modern pictures;
on old photographs it is far lower."""
LEAST_THRESHOLD = 0.5


def whole(
    picture: NDArray[np.uint8], size: int, rng: np.random.Generator, least: float
) -> NDArray[np.uint8]:
    """Return most of a picture (H, W, C), aspect kept, mirrored out to a square.

    Nearly the whole picture, because its labels may stand anywhere.
    """
    height, width = picture.shape[:2]
    share = rng.uniform(least, 1.0)
    rows, columns = max(1, round(height * share)), max(1, round(width * share))
    top = int(rng.integers(height - rows + 1))
    left = int(rng.integers(width - columns + 1))
    part = picture[top : top + rows, left : left + columns]
    return squared(part[:, ::-1] if rng.random() < 0.5 else part, size)


class Transferring(Loop):
    """One run of a :class:`~training.recipes.Transfer` recipe; see :class:`Loop`.

    Args:
        recipe: What to do.
        pack: What to learn from.
        folder: The run folder.
        start: "scratch", "lite0", a pretraining run's folder or a checkpoint's name.
        say: Where progress lines go.
        unfold: Give a folded encoder its normalisation back, for comparisons.
    """

    network: PooledTagger

    def __init__(
        self,
        recipe: Transfer,
        pack: Pack,
        folder: Path,
        start: str | Path,
        say: Callable[[str], None] = print,
        *,
        unfold: bool = False,
    ) -> None:
        entries = labelled_share(
            pack.select("fit", labelled=True, sources=recipe.sources),
            recipe.share,
            recipe.seed,
        )
        weights = balanced_weights(entries, recipe.sources, recipe.balance)
        cut = partial(whole, least=recipe.least_crop)
        drawn = Masked(pack.folder) if recipe.masks else pack
        super().__init__(recipe, drawn, folder, entries, weights, cut, say)
        self.recipe, self.labelled = recipe, len(entries)
        self.truth = torch.from_numpy(truth_of(entries))
        self.start: Start = load_start(str(start), recipe.seed, recipe.generator)
        encoder = self.start.generator.encoder
        if recipe.reminded:
            remind(encoder, recipe)
        if unfold:
            sample = self.batches.at(UNFOLDED_AT, recipe.size)[0]
            unfold_norms(encoder, normalised(luma(sample[:, :3])))
        torch.manual_seed(recipe.seed)
        network = tagger_of(self.start, recipe)
        if recipe.probed and self.run_folder.state() is None:
            self._probe(network, pack, entries)
        self.begin(network, network.encoder)

    def _probe(
        self, network: PooledTagger, pack: Pack, entries: Sequence[Entry]
    ) -> None:
        """Give the last layer the weights of the best probe of what it reads."""
        recipe = self.recipe
        tuning = pack.select("tune", labelled=True, sources=recipe.sources)
        if self.start.name == SCRATCH:
            sample = grey_batch(pack, entries[:SAMPLE], recipe.size)
            settle_norms(network.encoder, sample)
        features = [
            read_features(network, pack, part, recipe.size)
            for part in (entries, tuning)
        ]
        probe, decay = chosen_probe(
            (features[0], truth_of(entries)), (features[1], truth_of(tuning))
        )
        probe.give(network.last)
        self.say(f"The last layer begins as a probe, penalty {decay:g}.")

    def remarks(self) -> dict[str, Any]:
        """Return what the network was built with, and whose encoder it has."""
        return {
            "network_parameters": {
                "labels": len(LABELS),
                "attention": self.recipe.attention,
                "layers": list(self.recipe.read),
                **self.start.encoder_parameters,
            },
            "pretrained": self.start.name,
        }

    def loss(self, rgb: Tensor, drawn: NDArray[np.intp]) -> Tensor:
        """Return the masked cross-entropy of a batch, and that of its places."""
        recipe, rng = self.recipe, self.batches.rng(self.step, 1)
        grey = mixed_grey(rgb[:, :3], recipe.aged_share, rng)
        seen = self.network.seen(grey.contiguous(memory_format=torch.channels_last))
        truth = self.truth[torch.from_numpy(drawn)].to(grey.device)
        if not recipe.masks:
            return masked_bce(seen.scores, truth)
        classes = rgb[:, 3]
        of_labels = masked_bce(seen.scores, still_present(truth, classes))
        of_places = place_bce(seen.regions, classes)
        self.note(labels=float(of_labels.detach()), places=float(of_places.detach()))
        return of_labels + recipe.masks * of_places


def tagger_of(start: Start, recipe: Transfer) -> PooledTagger:
    """Return a tagger with the start's encoder and a last layer by chance."""
    tagger = PooledTagger(
        len(LABELS),
        recipe.dropout,
        recipe.attention,
        layers=recipe.read,
        **start.encoder_parameters,
    )
    tagger.encoder = start.generator.encoder
    return tagger


def probabilities(
    tagger: Tagger, pack: Pack, entries: Sequence[Entry], *, aged: bool = False
) -> NDArray[np.float64]:
    """Return the tagger's probabilities (N, 26) of packed pictures, in grey or aged."""
    rows: list[list[float]] = []
    for start in range(0, len(entries), 32):
        batch = entries[start : start + 32]
        greys = []
        for entry in batch:
            rgb = pack.picture(entry)
            if aged:
                greys.append(degraded(entry.file, rgb))
            else:
                flat = torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].float()
                greys.append(luma(flat)[0, 0].round().byte().numpy())
        rows += [[found[label] for label in LABELS] for found in tagger.predict(greys)]
    return np.array(rows)


def calibrate(
    tagger: Tagger, pack: Pack, entries: Sequence[Entry]
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return each label's calibration and suggestion threshold.

    Platt (1999): a logistic regression from score to presence, fitted for each label
    on pictures that training did not see, in grey and aged. The threshold is the
    lowest probability at which precision reaches :data:`PRECISION` on them.

    Args:
        tagger: With any calibration; it is divided out.
        pack: Where the pictures are.
        entries: Of the tuning split, labelled.
    """
    plain = {label: [1.0, 0.0] for label in LABELS}
    tagger.adjust({"calibration": plain})
    truth = np.concatenate([truth_of(entries)] * 2)
    chances = np.concatenate(
        [probabilities(tagger, pack, entries, aged=aged) for aged in (False, True)]
    ).clip(1e-6, 1 - 1e-6)
    scores = np.log(chances / (1 - chances))
    calibration: dict[str, list[float]] = {}
    thresholds: dict[str, float] = {}
    for i, label in enumerate(LABELS):
        known = truth[:, i] >= 0
        actual, score = truth[known, i], scores[known, i]
        if actual.min() == actual.max():
            calibration[label], thresholds[label] = [1.0, 0.0], 0.5
            continue
        # A mild penalty: a few labels have only a handful of pictures here.
        fit = LogisticRegression(C=1.0).fit(score[:, None], actual)
        slope = max(float(fit.coef_[0, 0]), 0.05)
        offset = float(fit.intercept_[0])
        calibration[label] = [round(slope, 5), round(offset, 5)]
        chance = 1 / (1 + np.exp(-(slope * score + offset)))
        thresholds[label] = _threshold(chance, actual)
    return calibration, thresholds


def _threshold(chance: NDArray[np.float64], actual: Truth) -> float:
    precision, _, at = precision_recall_curve(actual, chance)
    reached = np.flatnonzero(precision[:-1] >= PRECISION)
    lowest = float(at[reached[0]]) if len(reached) else 0.9
    return round(min(max(lowest, LEAST_THRESHOLD), 0.9), 4)
