"""What every run does at each step, whatever it learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from colorizer.vision.networks.pyramid import Encoder
from training.batches import Batches, Cut
from training.errors import EmptySplit
from training.pack import Entry, Pack
from training.recipes import Recipe
from training.runs import Interruption, Progress, Run
from training.schedule import Average, cosine

REPORT_EVERY = 50


class Loop:
    """A resumable training run: batches, schedule, averaging, state.

    A subclass says what the loss of a batch is. Batches and all chance depend on the
    seed and the step alone, so that a run that was stopped and gone on with ends
    where one that never stopped does.

    Args:
        recipe: What to do.
        pack: What to learn from.
        folder: The run folder; a run found there is gone on with.
        entries: The pictures to draw from.
        weights: How often each is drawn, relative to the others.
        cut: How a picture becomes a square.
        say: Where progress lines go.
    """

    network: nn.Module
    encoder: Encoder

    def __init__(
        self,
        recipe: Recipe,
        pack: Pack,
        folder: Path,
        entries: Sequence[Entry],
        weights: NDArray[np.float64],
        cut: Cut,
        say: Callable[[str], None] = print,
    ) -> None:
        missing = sorted(set(recipe.sources) - {e.source for e in entries})
        if missing:
            raise EmptySplit(f"The pack has no {', '.join(missing)} to learn from.")
        self.schedule, self.pack, self.say = recipe, pack, say
        self.run_folder = Run(folder, recipe, pack.hash)
        self.batches = Batches(pack, entries, weights, recipe.batch, cut, recipe.seed)
        self.step = 0

    def begin(self, network: nn.Module, encoder: Encoder) -> None:
        """Take the fresh network, then whatever state the run folder holds."""
        self.network, self.encoder = network, encoder
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        inside = {id(p) for p in encoder.parameters()}
        others = [p for p in network.parameters() if id(p) not in inside]
        self.average = Average(network, self.schedule.average)
        self.optimizer = torch.optim.AdamW(
            [
                {"params": others, "base": self.schedule.rate},
                {
                    "params": list(encoder.parameters()),
                    "base": self.schedule.encoder_rate,
                },
            ],
            lr=self.schedule.rate,
            weight_decay=self.schedule.weight_decay,
        )
        state = self.run_folder.state()
        if state is not None:
            network.load_state_dict(state["network"])
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
            **self.remarks(),
        }

    def remarks(self) -> dict[str, Any]:
        """Return what an export needs to know besides the weights."""
        return {}

    def size_at(self, _step: int) -> int:
        """Return the side of the squares of a step."""
        return self.schedule.size

    def loss(self, rgb: Tensor, drawn: NDArray[np.intp]) -> Tensor:
        """Return the loss of a batch: (B, 3, size, size) sRGB 0-255, and which."""
        raise NotImplementedError

    def run(self) -> bool:
        """Train to the end; False where it was interrupted, and can be gone on with."""
        steps = self.schedule.steps
        progress = Progress(self.step, steps, self.schedule.batch)
        todo = [(s, self.size_at(s)) for s in range(self.step, steps)]
        losses: list[float] = []
        with Interruption() as interruption:
            for rgb, drawn in self.batches.ahead(todo):
                losses.append(self.learn(rgb, drawn))
                last = self.step == steps or interruption.asked
                if last or self.step % REPORT_EVERY == 0:
                    loss = float(np.mean(losses))
                    losses.clear()
                    self.say(progress.line(self.step, loss=loss))
                    self.run_folder.report(self.step, loss=loss)
                if last or self.step % self.schedule.keep_every == 0:
                    self.run_folder.save(self.state())
                if interruption.asked and self.step < steps:
                    self.say(f"Stopped at step {self.step}: run it again to go on.")
                    return False
        return True

    def learn(self, rgb: Tensor, drawn: NDArray[np.intp]) -> float:
        """Do one step and return its loss."""
        recipe = self.schedule
        self.network.train()
        frozen = self.step < recipe.thaw_from * recipe.steps
        self.encoder.trainable_from(None if frozen else recipe.first_trained_block)
        factor = cosine(self.step, recipe.steps, recipe.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * factor
        loss = self.loss(rgb, drawn)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip)
        self.optimizer.step()
        self.average.update(self.network)
        self.step += 1
        return float(loss.detach())
