"""A tagger goes on learning, from what a curator decided.

What was decided is learnt; what nobody decided is rehearsed, so that it stays as the
old tagger said it. Pictures of a pack, where one is given, keep the old labels alive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import Card
from colorizer.vision.networks.tagging import PooledTagger
from training.augment import mixed_grey
from training.decisions import SOURCE, Decisions, count
from training.errors import (
    DecisionsUnsuitable,
    RecipeInvalid,
    RunMismatch,
    UnknownLabel,
)
from training.loop import Loop
from training.losses.masked_bce import masked_bce_by_picture
from training.losses.rehearsal import rehearsal
from training.pack import Entry, Pack
from training.recipes.transfers import Finetune
from training.sources import LABELS
from training.transfer import whole
from training.truth import truth_of


class Finetuning(Loop):
    """One run of a :class:`~training.recipes.transfers.Finetune` recipe.

    Both losses are taken of calibrated log-odds: of what the curator is shown.

    Args:
        recipe: What to do.
        decisions: What to learn from; with its pack, if it has one.
        folder: The run folder.
        say: Where progress lines go.

    Raises:
        DecisionsUnsuitable: There are too few decisions.
        RunMismatch: The run began from other weights of the tagger's name.
    """

    network: PooledTagger

    def __init__(
        self,
        recipe: Finetune,
        decisions: Decisions,
        folder: Path,
        say: Callable[[str], None] = print,
    ) -> None:
        self.card = tagger_card(recipe.start_from)
        refuse_too_few(decisions, recipe)
        entries = decisions.of_split("fit")
        if decisions.beside is None:
            recipe = replace(recipe, sources={SOURCE: 1.0})
        else:
            entries = [*entries, *_of_pack(decisions.beside, recipe, self.card)]
        weights = shared_weights(entries, recipe.sources, recipe.balance)
        cut = partial(whole, least=recipe.least_crop)
        super().__init__(recipe, decisions, folder, entries, weights, cut, say)
        self.recipe = recipe
        labels = self.card.labels
        self.truth = torch.from_numpy(truth_of(entries, labels))
        calibration = self.card.parameters["calibration"]
        self.slope, self.offset = (
            torch.tensor([calibration[label][place] for label in labels])
            for place in (0, 1)
        )
        torch.manual_seed(recipe.seed)
        network = tagger_network(self.card, recipe.dropout)
        self.taught = deepcopy(network).eval().requires_grad_(requires_grad=False)
        self.taught.to(self.device)
        self.begin(network, network.encoder)

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a saved state, if it began where this does.

        Raises:
            RunMismatch: It began from other weights.
        """
        if state["start_sha256"] != self.card.sha256:
            raise RunMismatch(
                f"{self.run_folder.folder} began from other weights of"
                f" {self.card.name} than are there now: name another run folder."
            )
        super().load(state)

    def remarks(self) -> dict[str, Any]:
        """Return which weights the run began from."""
        return {"start_sha256": self.card.sha256}

    def loss(self, rgb: Tensor, drawn: NDArray[np.intp]) -> Tensor:
        """Return the loss of what was decided, and of what was forgotten."""
        rng = self.batches.rng(self.step, 1)
        grey = mixed_grey(rgb, self.recipe.aged_share, rng)
        grey = grey.contiguous(memory_format=torch.channels_last)
        truth = self.truth[torch.from_numpy(drawn)].to(grey.device)
        slope, offset = self.slope.to(grey.device), self.offset.to(grey.device)
        scores = self.network(grey) * slope + offset
        with torch.no_grad():
            taught = self.taught(grey) * slope + offset
        decided = masked_bce_by_picture(scores, truth)
        forgotten = rehearsal(scores, taught, truth)
        self.note(decided=float(decided.detach()), forgotten=float(forgotten.detach()))
        return decided + self.recipe.rehearse * forgotten


def tagger_card(name: str) -> Card:
    """Return the card of a tagger that can learn from decisions.

    Raises:
        CheckpointNotFound: There is none of that name.
        RecipeInvalid: It is no tagger, or one without a last layer to train.
    """
    card = checkpoints.card(name)
    if card.network != "pooled_tagger":
        raise RecipeInvalid(
            f"start_from: {name} is a {card.network}; only a pooled_tagger learns from"
            " decisions, such as lite2-tags."
        )
    return card


def tagger_network(card: Card, dropout: float) -> PooledTagger:
    """Return the network of a card with its weights."""
    given = dict(card.parameters["network"])
    network = PooledTagger(**{**given, "dropout": dropout}, folded=True)
    network.load_state_dict(checkpoints.load_weights(card))
    return network


def refuse_too_few(decisions: Decisions, recipe: Finetune) -> None:
    """Refuse an export that is too small.

    Raises:
        DecisionsUnsuitable: There are fewer than the recipe asks for, or a split has
            none of them.
    """
    found = count(decisions.decided)
    if found < recipe.least_decisions:
        raise DecisionsUnsuitable(
            f"There are {found} decisions on labels of {recipe.start_from}, on"
            f" {len(decisions.decided)} photographs; {recipe.least_decisions} are"
            f" needed. Decide on {recipe.least_decisions - found} more suggestions,"
            " export again, or set least_decisions in a recipe of your own."
        )
    for split, use in (
        ("fit", "to learn from"),
        ("tune", "to choose thresholds"),
        ("held", "to measure"),
    ):
        if not decisions.of_split(split):
            raise DecisionsUnsuitable(
                f"None of the {len(decisions.decided)} decided photographs is held back"
                f" {use}: decide on suggestions of more photographs, and export again."
            )


def shared_weights(
    entries: Sequence[Entry], sources: dict[str, float], exponent: float
) -> NDArray[np.float64]:
    """Return how often each entry is drawn: each set by its share of every batch.

    Within a set, more often the rarer what is rarest of a picture: a label's presence,
    and for decisions its absence, too.
    """
    said = [
        [(entry.source, label, True) for label in entry.present]
        + [
            (entry.source, label, False)
            for label in entry.known
            if entry.source == SOURCE and label not in entry.present
        ]
        for entry in entries
    ]
    counts = Counter(each for some in said for each in some)
    weights = np.array(
        [
            max((counts[each] ** -exponent for each in some), default=0.0)
            for some in said
        ]
    )
    for source, share in sources.items():
        own = np.array([entry.source == source for entry in entries])
        if weights[own].sum() > 0:
            weights[own] *= share / weights[own].sum()
    return weights


def _of_pack(pack: Pack, recipe: Finetune, card: Card) -> list[Entry]:
    """Return what a pack has to learn from besides.

    Raises:
        UnknownLabel: The tagger lacks its labels.
    """
    if not set(LABELS) <= set(card.labels):
        raise UnknownLabel(
            f"{card.name} has not the labels of the pack: leave out --pack."
        )
    others = [source for source in recipe.sources if source != SOURCE]
    return pack.select("fit", labelled=True, sources=others) if others else []
