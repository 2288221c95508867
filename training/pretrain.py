"""Colorization as a task: train a generator to give a grey picture its colours.

Treneska et al. 2022 learn colour as a pretext task whose encoder is then transferred.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision import checkpoints
from colorizer.vision.networks import build_generator
from colorizer.vision.networks.generator import Generator
from training.adversary import Adversary
from training.augment import crop, mixed_grey, mounted, pasted
from training.backdrop import CutOut, before_backdrop
from training.batches import Cut
from training.decay import Decay
from training.errors import RecipeInvalid
from training.hinting import simulated_hints
from training.lab import lab_of
from training.loop import Loop
from training.losses.bins import AbBins, count_bins, shares_of
from training.losses.chroma_l1 import chroma_weighted_l1
from training.losses.distilled import distilled
from training.losses.perceptual import EncoderFeatures, perceptual, vgg_features
from training.pack import Pack
from training.recipes import Pretrain
from training.starting import (
    card_to_start_from,
    fresh_generator,
    label_free,
    network_parameters,
)
from training.teachers import Teachers
from training.validation import Patience, Validation

COUNTED_BATCHES = 60
COUNTED_FROM = 0x7FFFFFFF
COUNTED_SHARE = 4
AGEING, HINTING, MOUNTING, PASTING = 1, 3, 4, 5
"""Uses of chance."""


def true_lab(rgb: Tensor, share: int) -> Tensor:
    """Return Lab (B, 3, H/share, W/share) of sRGB (B, 3, H, W), 0-255."""
    return lab_of((F.avg_pool2d(rgb, share) if share > 1 else rgb) / 255.0)


class Pretraining(Loop):
    """One run of a :class:`~training.recipes.Pretrain` recipe; see :class:`Loop`."""

    network: Generator

    def __init__(
        self,
        recipe: Pretrain,
        pack: Pack,
        folder: Path,
        say: Callable[[str], None] = print,
    ) -> None:
        entries = pack.select("fit", colour=True, sources=recipe.sources)
        weights = np.array([recipe.sources[entry.source] for entry in entries])
        drawn = pack
        how: dict[str, Any] = {"least": recipe.least_crop, "turn": recipe.turn}
        cut: Cut = partial(crop, **how)
        if recipe.backdrop:
            drawn = CutOut(pack.folder)
            cut = partial(before_backdrop, share=recipe.backdrop, **how)
        super().__init__(recipe, drawn, folder, entries, weights, cut, say)
        self.recipe = recipe
        self.decay = Decay(recipe.scratches, recipe.downscale, recipe.jpeg)
        self.bins = self._bins().to(self.device) if recipe.bins else None
        network = fresh_generator(recipe, self.bins)
        self.features = features_of(recipe)
        if self.features is not None:
            self.features.to(self.device)
        self.teachers = (
            Teachers(recipe, network, self.device) if recipe.teachers else None
        )
        self.adversary = (
            Adversary(recipe, network, self.device) if recipe.adversarial else None
        )
        self.validation = (
            Validation(
                pack,
                recipe.sources,
                recipe.validation_pictures,
                recipe.size,
                network.share,
                hints=recipe.hints,
            )
            if recipe.validate_every and self.run_folder.writes
            else None
        )
        self.patience = Patience(recipe.patience)
        self.begin(network, network.encoder)

    def _bins(self) -> AbBins:
        # Steps that no run reaches, so that counting looks at other crops; all of
        # each, so that every process finds the same bins.
        whole, size = self.batches.alone(), self.recipe.size
        places = [
            true_lab(whole.at(COUNTED_FROM - i, size)[0], COUNTED_SHARE)[:, 1:]
            for i in range(COUNTED_BATCHES)
        ]
        ab = torch.cat(places).permute(0, 2, 3, 1).reshape(-1, 2)
        centres, shares = count_bins(ab)
        known = self._known_centres()
        if known is not None and not torch.equal(known, centres):
            centres, shares = known, shares_of(ab, known)
        return AbBins(centres, shares, self.recipe.rebalance)

    def _known_centres(self) -> Tensor | None:
        """Return the bins of the run that is gone on with, or of the start's."""
        state = self.run_folder.state()
        if state is None and not self.recipe.start_from:
            return None
        weights: dict[str, Tensor] = (
            state["network"]
            if state is not None
            else checkpoints.load_weights(card_to_start_from(self.recipe))
        )
        return weights["centres"]

    def remarks(self) -> dict[str, Any]:
        """Return what the network was built with, and how the game stands."""
        return {
            "generator": self.recipe.generator,
            "network_parameters": network_parameters(self.recipe, self.network.bins),
            "adversary": self.adversary.state() if self.adversary else None,
            "patience": vars(self.patience),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        super().load(state)
        if self.adversary is not None:
            self.adversary.load(state["adversary"])
        for name, value in state.get("patience", {}).items():
            setattr(self.patience, name, value)

    def size_at(self, step: int) -> int:
        """Return the side of the squares of a step."""
        late = step >= self.recipe.late_from * self.recipe.steps
        return self.recipe.late_size if late else self.recipe.size

    @property
    def phase(self) -> str:
        """What is done at this step."""
        return self.adversary.phase(self.step) if self.adversary else "reconstruct"

    def _forward(self, rgb: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return what the generator gives for a batch, aged in part, and its hints."""
        recipe, rng = self.recipe, partial(self.batches.rng, self.step)
        grey = mixed_grey(rgb, recipe.aged_share, rng(AGEING), self.decay)
        hints = None
        if recipe.hints:
            hints = simulated_hints(
                rgb, rng(HINTING), recipe.hinted_share, recipe.hint_points
            )
        out: Tensor = self.network(
            grey.contiguous(memory_format=torch.channels_last), hints
        )
        return out, hints

    def loss(self, rgb: Tensor, _drawn: NDArray[np.intp]) -> Tensor:
        """Return the weighted sum of the recipe's losses."""
        recipe = self.recipe
        true = true_lab(rgb, self.network.share)
        lightness, ab = true[:, :1], true[:, 1:]
        out, hints = self._forward(rgb)
        terms: dict[str, Tensor] = {}
        if self.bins is None:
            decoded = self.network.decode(out)
        else:
            scores = out.float().permute(0, 2, 3, 1)
            log_chances = torch.log_softmax(scores, -1)
            decoded = self.network.mean(log_chances.exp())
            terms["bins"] = self.bins.loss(log_chances, ab)
            if self.teachers is not None:
                told = distilled(log_chances, *self.teachers(rgb, hints))
                terms["taught"] = recipe.taught * told
        terms["l1"] = recipe.l1 * chroma_weighted_l1(decoded, ab, recipe.l1_chroma)
        if self.features is not None:
            distance = perceptual(self.features, lightness, decoded, ab)
            terms["perceptual"] = recipe.perceptual * distance
        if self.adversary is not None and self.phase == "play":
            told = self.adversary.told(lightness, decoded)
            terms["adversarial"] = recipe.adversarial_weight * told
            self.seen = lightness, ab, decoded.detach()
        if len(terms) > 1:
            self.note(**{name: float(term.detach()) for name, term in terms.items()})
        return torch.stack(list(terms.values())).sum()

    def differentiate(
        self, rgb: Tensor, drawn: NDArray[np.intp], *, last: bool
    ) -> float:
        """Add a part's share to the gradients of those who learn in this phase."""
        if self.recipe.pasted:
            chance = self.batches.rng(self.step, PASTING)
            rgb = pasted(rgb, chance, self.recipe.pasted)
        if self.recipe.mounted:
            chance = self.batches.rng(self.step, MOUNTING)
            rgb = mounted(rgb, chance, self.recipe.mounted)
        if self.adversary is None or self.phase == "reconstruct":
            return super().differentiate(rgb, drawn, last=last)
        if self.phase == "discriminate":
            true = true_lab(rgb, self.network.share)
            with torch.no_grad():
                fake = self.network.decode(self._forward(rgb)[0])
            self.seen = true[:, :1], true[:, 1:], fake
            loss = 0.0
        else:
            loss = super().differentiate(rgb, drawn, last=last)
        told_apart = self.adversary.learn(*self.seen, self.batches.parts)
        self.note(discriminator=told_apart)
        return loss or told_apart

    def update(self) -> None:
        """Take the step of those who learn in this phase."""
        if self.phase != "discriminate":
            super().update()
        if self.adversary is not None and self.phase != "reconstruct":
            self.adversary.update()

    def present_optimizer(self) -> torch.optim.Optimizer:
        """Return the optimizer of this phase."""
        if self.adversary is not None and self.phase == "play":
            return self.adversary.generators
        return super().present_optimizer()

    def after_step(self) -> None:
        """Measure at the recipe's intervals; end the run where patience is used up."""
        every = self.recipe.validate_every
        last = self.step == self.recipe.steps
        if not every or not (last or self.step % every == 0):
            return
        if self.validation is not None:
            figures, page = self.validation.measure(self._predict)
            self.run_folder.report(
                self.step, **{f"validation/{k}": v for k, v in figures.items()}
            )
            self.run_folder.show(self.step, page)
            error = figures["delta_e00"]
            self.say(
                f"validation: {', '.join(f'{k} {v:.4g}' for k, v in figures.items())}"
            )
            phase = self._phase_before()
            self.patience.see(error, phase, self.average.state)
            final = phase == "play" or self.adversary is None
            self.ended = final and self.patience.exhausted
        if self.patience.weights and self.recipe.patience and (last or self.ended):
            self.average.load(self.patience.weights, self.average.steps)

    def _phase_before(self) -> str:
        return self.adversary.phase(self.step - 1) if self.adversary else "reconstruct"

    def _predict(self, grey: Tensor, hints: Tensor | None) -> Tensor:
        """Return ab of the averaged weights."""
        given = (grey.to(self.device), None if hints is None else hints.to(self.device))
        self.network.eval()
        with torch.no_grad():
            out = torch.func.functional_call(self.network, self.average.state, given)
        self.network.train()
        return self.network.decode(out)


def features_of(recipe: Pretrain) -> nn.Module | None:
    """Return what the perceptual loss compares, or None for a recipe without.

    Raises:
        RecipeInvalid: A run of track S asks for weights that saw labels.
        DatasetMissing: The weights are not there.
    """
    if not recipe.perceptual:
        return None
    if Path(recipe.perceptual_weights).suffix:
        if recipe.track != "P":
            raise RecipeInvalid(
                "perceptual_weights: ImageNet-supervised weights never belong to "
                "track S; name a label-free checkpoint."
            )
        return vgg_features(Path(recipe.perceptual_weights))
    card = checkpoints.card(recipe.perceptual_weights)
    label_free(card, recipe, "perceptual_weights")
    network = build_generator(card.network, card.parameters["network"], folded=True)
    network.load_state_dict(checkpoints.load_weights(card))
    return EncoderFeatures(network.encoder)
