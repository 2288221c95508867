"""What every run does at each step, whatever it learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from colorizer.vision.networks.pyramid import Encoder
from training import processes
from training.batches import Batches, Cut
from training.errors import EmptySplit
from training.pack import Entry, Pack
from training.precision import halve, scaler
from training.recipes import Recipe
from training.runs import Interruption, Progress, Run
from training.schedule import Average, cosine

REPORT_EVERY = 50


class Loop:
    """A resumable training run: batches, schedule, averaging, state.

    A subclass says what the loss of a batch is. Batches and all chance depend on the
    seed and the step alone, so that a run that was stopped and gone on with ends
    where one that never stopped does. Processes that ``torchrun`` started learn as
    one, from a batch that is as many times larger.

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
        place = processes.place()
        self.schedule, self.pack = recipe, pack
        self.say = say if place.number == 0 else _quiet
        self.device = processes.device()
        self.run_folder = Run(folder, recipe, pack.hash, place)
        self.batches = Batches(
            pack,
            entries,
            weights,
            recipe.batch,
            cut,
            recipe.seed,
            recipe.accumulate,
            place,
        )
        self.step = 0
        self.ended = False
        self.noted: dict[str, list[float]] = {}

    def begin(self, network: nn.Module, encoder: Encoder) -> None:
        """Take the fresh network, then whatever state the run folder holds."""
        self.network, self.encoder = network, encoder
        processes.share_norms(network)
        network.to(self.device)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self.schedule.amp:
            halve(network, self.device)
        inside = {id(p) for p in encoder.parameters()}
        others = [p for p in network.parameters() if id(p) not in inside]
        self.average = Average(network, self.schedule.average)
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(
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
        self.scaler = scaler(self.device, amp=self.schedule.amp)
        self.joined: tuple[int, nn.Module] | None = None
        state = self.run_folder.state()
        if state is not None:
            self.load(state)

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        self.average.load(state["average"], state.get("averaged", self.step))
        self.scaler.load_state_dict(state.get("scaler", {}))
        self.ended = state.get("ended", False)

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on."""
        return {
            "step": self.step,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.state,
            "averaged": self.average.steps,
            "scaler": self.scaler.state_dict(),
            "ended": self.ended,
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

    def after_step(self) -> None:
        """Measure, or end the run early, where a run does so."""

    def note(self, **values: float) -> None:
        """Gather values whose means are reported."""
        for name, value in values.items():
            self.noted.setdefault(name, []).append(value)

    def run(self) -> bool:
        """Train to the end; False where it was interrupted, and can be gone on with.

        Raises:
            RunNotSaved: There is no room for what it has to save.
        """
        steps = self.schedule.steps
        batches = self.batches
        progress = Progress(
            self.step, steps, batches.batch * batches.parts * batches.place.count
        )
        todo = [(s, self.size_at(s)) for s in range(self.step, steps)]
        self.run_folder.open(self.step)
        try:
            with Interruption() as interruption:
                for rgb, drawn in batches.ahead(
                    [] if self.ended else todo, self.device
                ):
                    self.note(loss=self.learn(rgb, drawn))
                    if batches.part:
                        continue
                    self.after_step()
                    asked = processes.any_says(interruption.asked, self.device)
                    self.ended = processes.any_says(self.ended, self.device)
                    self._report(progress, last=asked or self.ended)
                    if self.ended:
                        break
                    if asked and self.step < steps:
                        self.say(f"Stopped at step {self.step}: run it again to go on.")
                        return False
        finally:
            self.run_folder.close()
        return True

    def _report(self, progress: Progress, *, last: bool) -> None:
        last = last or self.step == self.schedule.steps
        if last or self.step % REPORT_EVERY == 0:
            means = {name: float(np.mean(v)) for name, v in self.noted.items()}
            self.noted.clear()
            self.say(progress.line(self.step, **means))
            self.run_folder.report(self.step, **means)
        if last or self.step % self.schedule.keep_every == 0:
            self.run_folder.save(self.state())

    def learn(self, rgb: Tensor, drawn: NDArray[np.intp]) -> float:
        """Learn from a part of a step's batch, take the step after the last part.

        Returns:
            The loss of the part.
        """
        part, parts = self.batches.part, self.batches.parts
        self._chance()
        if part == 0:
            self.network.train()
            frozen = self.step < self.schedule.thaw_from * self.schedule.steps
            first = None if frozen else self.schedule.first_trained_block
            self.encoder.trainable_from(first)
        loss = self.differentiate(rgb, drawn, last=part == parts - 1)
        if part < parts - 1:
            self.batches.part += 1
        else:
            self.batches.part = 0
            self.update()
            self.step += 1
        return loss

    def _chance(self) -> None:
        """Let dropout, too, depend on the step and the place in the batch alone."""
        first = self.batches.places(self.batches.part).start
        entropy = [self.schedule.seed, self.step, first]
        torch.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))

    def differentiate(
        self, rgb: Tensor, drawn: NDArray[np.intp], *, last: bool
    ) -> float:
        """Add a part's share to the gradient; the ``last`` one meets the others'."""
        step = self._joined()
        alone = isinstance(step, nn.parallel.DistributedDataParallel) and not last
        with step.no_sync() if alone else nullcontext():  # type: ignore[operator]
            loss: Tensor = step(rgb, drawn)
            scaled = self.scaler.scale(loss / self.batches.parts)
            torch.autograd.backward(scaled)
        return float(loss.detach())

    def _joined(self) -> nn.Module:
        """Return the loss as a module, joined anew when other parameters learn."""
        learning = sum(p.requires_grad for p in self.network.parameters())
        if self.joined is None or self.joined[0] != learning:
            step = processes.Step(self.network, self.loss)
            self.joined = learning, processes.joined(step)
        return self.joined[1]

    def update(self) -> None:
        """Take the step that the gradient says."""
        optimizer = self.present_optimizer()
        self.scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.schedule.clip)
        self.scaler.step(optimizer)
        self.scaler.update()
        self.network.zero_grad(set_to_none=True)
        self.average.update(self.network)

    def present_optimizer(self) -> torch.optim.Optimizer:
        """Return the optimizer, at this step's learning rate."""
        recipe = self.schedule
        factor = cosine(self.step, recipe.steps, recipe.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * factor
        return self.optimizer


def _quiet(_line: str) -> None:
    """Say nothing: the first process speaks for all."""
