"""Starts compared: a grid of transfers, one folder a cell, resumable.

The claim of Treneska et al. 2022 is that an encoder that learnt to colour does better
than one from scratch. A cell is one task, mode, start, share of the labels and seed.
What it found on held-back pictures is kept picture by picture, so that intervals can
be drawn over pictures and seeds (:mod:`training.claims`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from colorizer.vision.networks.pyramid import Pyramid
from training.cells import MODES, TASKS, Cell, Found, segmented, tagged
from training.errors import RecipeInvalid, RunMismatch
from training.pack import Entry, Pack
from training.probe import (
    SAMPLE,
    chosen_probe,
    grey_batch,
    label_chances,
    pooled_features,
)
from training.recipes import Transfer
from training.recipes.transfers import Compare, Segment
from training.runs import Run, write_text
from training.segment import Segmenting
from training.shares import labelled_share
from training.starts import SCRATCH, SUPERVISED, load_start, settle_norms
from training.transfer import Transferring
from training.truth import Truth, truth_of

R = TypeVar("R", bound=Transfer)
FROZEN = 1_000
"""Beyond the last block of every encoder."""


class Interrupted(Exception):
    """A cell was stopped by Ctrl-C; the comparison can be gone on with."""


class Comparison:
    """A run of a :class:`Compare` recipe.

    Args:
        recipe: What to compare.
        pack: What to learn from and to measure on.
        folder: Where cells are kept; finished ones are not run again.
        starts: What the recipe's names of starts stand for: run folders, checkpoints.
        say: Where progress lines go.

    Raises:
        RecipeInvalid: The recipe names an unknown task, mode, start or layer.
        RunMismatch: The folder holds another comparison.
    """

    def __init__(
        self,
        recipe: Compare,
        pack: Pack,
        folder: Path,
        starts: Mapping[str, str],
        say: Callable[[str], None] = print,
    ) -> None:
        known = {SCRATCH: SCRATCH, SUPERVISED: SUPERVISED, **starts}
        for what, given, allowed in (
            ("tasks", recipe.tasks, TASKS),
            ("modes", recipe.modes, MODES),
            ("starts", recipe.starts, known),
            ("baselines", recipe.baselines, recipe.starts),
            ("layers", recipe.layers, Pyramid._fields),
        ):
            strange = sorted(set(given) - set(allowed))
            if strange:
                raise RecipeInvalid(
                    f"{what}: {', '.join(strange)} is none of {', '.join(allowed)}."
                )
        self.recipe, self.pack, self.folder, self.say = recipe, pack, folder, say
        self.words = {name: known[name] for name in recipe.starts}
        # The grid may grow later, what a cell is may not.
        same = replace(recipe, tasks=(), modes=(), shares=(), starts=(), baselines=())
        Run(folder, replace(same, seeds=recipe.seeds[:1]), pack.hash)
        self.tracks = self._remember_starts()

    def cells(self) -> Iterator[Cell]:
        """Yield the grid, one mode after the other and every seed a whole round."""
        recipe = self.recipe
        for mode, seed, task, share, start in product(
            recipe.modes, recipe.seeds, recipe.tasks, recipe.shares, recipe.starts
        ):
            yield Cell(task, mode, start, share, seed)

    def run(self) -> bool:
        """Run every cell that is not finished; False where it was interrupted."""
        todo = [cell for cell in self.cells() if not self._file(cell).is_file()]
        for number, cell in enumerate(todo, 1):
            self.say(f"{cell.name} ({number} of {len(todo)} left)")
            try:
                self._run(cell)
            except Interrupted:
                return False
        return True

    def found(self) -> list[Found]:
        """Return every finished cell of the grid."""
        results = []
        for cell in self.cells():
            if self._file(cell).is_file():
                content = json.loads(self._file(cell).read_text(encoding="utf-8"))
                with np.load(self._file(cell).with_name("outputs.npz")) as kept:
                    outputs = kept["outputs"]
                row = content["row"]
                results.append(Found(cell, row, outputs, content["tuned"]))
        return results

    def truth(self, task: str) -> Truth:
        """Return the truth (N, L) of a task's held-back pictures, in their order."""
        return truth_of(self.pack.select("held", labelled=True, sources=[TASKS[task]]))

    def _file(self, cell: Cell) -> Path:
        return self.folder / cell.name / "result.json"

    def _remember_starts(self) -> dict[str, str]:
        tracks: dict[str, str] = {}
        now = {"steps": f"{self.recipe.steps}"}
        for name, word in self.words.items():
            start = load_start(word, 0, self.recipe.generator, self.recipe.widths)
            tracks[name] = start.track
            digest = hashlib.sha256()
            for value in start.generator.encoder.state_dict().values():
                digest.update(value.numpy().tobytes())
            now[f"start {name}"] = f"{start.name}, sha256 {digest.hexdigest()[:16]}"
        path = self.folder / "compared.json"
        before: dict[str, str] = {}
        if path.is_file():
            before = json.loads(path.read_text(encoding="utf-8"))
        changed = sorted(
            key for key in before if now.get(key, before[key]) != before[key]
        )
        if changed:
            raise RunMismatch(
                f"{self.folder} was made with other {', '.join(changed)}: name another "
                "folder."
            )
        write_text(path, json.dumps(before | now, indent=2) + "\n")
        return tracks

    def _run(self, cell: Cell) -> None:
        if cell.mode == "probe" and cell.task.endswith("-tags"):
            found = self._probe(cell)
        else:
            rates = self._rates(cell)
            tried = [self._finetune(cell, rate) for rate in rates]
            found = max(tried, key=lambda each: each.tuned)
        path = self._file(cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path.with_name("outputs.npz"), outputs=found.outputs)
        content = {"row": found.row, "tuned": found.tuned}
        write_text(path, json.dumps(content, indent=2) + "\n")
        # The weights are not needed again, the outputs are.
        for state in path.parent.glob("*/state.pt"):
            state.unlink()

    def _rates(self, cell: Cell) -> tuple[float, ...]:
        if cell.mode == "probe":
            return (0.0,)  # frozen
        first = replace(cell, seed=self.recipe.seeds[0])
        if cell == first:
            return self.recipe.encoder_rates
        content = json.loads(self._file(first).read_text(encoding="utf-8"))
        return (float(content["row"]["encoder_rate"]),)

    def _probe(self, cell: Cell) -> Found:
        source = [TASKS[cell.task]]
        fit, tune, held = (
            self.pack.select(split, labelled=True, sources=source)
            for split in ("fit", "tune", "held")
        )
        features = self._features(cell, [*fit, *tune, *held])
        of_fit, of_tune, of_held = torch.split(
            features, [len(fit), len(tune), len(held)]
        )
        part = labelled_share(fit, cell.share, cell.seed)
        place = {entry.file: i for i, entry in enumerate(fit)}
        of_part = of_fit[[place[entry.file] for entry in part]]
        probe, decay = chosen_probe(
            (of_part, truth_of(part)), (of_tune, truth_of(tune))
        )
        choice = {"labelled": len(part), "decay": decay}
        tuned = probe.chances(of_tune), truth_of(tune)
        return tagged(cell, choice, tuned, (probe.chances(of_held), truth_of(held)))

    def _features(self, cell: Cell, entries: Sequence[Entry]) -> Tensor:
        # Only random weights depend on the seed: others are looked through once.
        seed = cell.seed if self.words[cell.start] == SCRATCH else 0
        path = self.folder / f"features-{TASKS[cell.task]}-{cell.start}-{seed}.npy"
        if not path.is_file():
            start = load_start(self.words[cell.start], seed, self.recipe.generator)
            if self.words[cell.start] == SCRATCH:
                sample = grey_batch(self.pack, entries[:SAMPLE], self.recipe.size)
                settle_norms(start.generator.encoder, sample)
            found = pooled_features(
                start.generator.encoder,
                self.pack,
                entries,
                self.recipe.size,
                self.recipe.layers,
            )
            partial = path.with_suffix(".partial.npy")
            np.save(partial, found.numpy())
            partial.replace(path)
        return torch.from_numpy(np.load(path))

    def _finetune(self, cell: Cell, rate: float) -> Found:
        changes = {
            "name": cell.name,
            "sources": {TASKS[cell.task]: 1.0},
            "share": cell.share,
            "seed": cell.seed,
            "encoder_rate": rate,
        }
        if cell.mode == "probe":
            changes["first_trained_block"] = FROZEN
        folder = self.folder / cell.name / f"rate-{rate:g}"
        if cell.task.endswith("-segments"):
            return self._segmented(
                cell, narrowed(self.recipe, Segment, changes), folder
            )
        recipe = narrowed(self.recipe, Transfer, changes)
        word = self.words[cell.start]
        learning = Transferring(recipe, self.pack, folder, word, self.say, unfold=True)
        _learn(learning)
        learning.network.load_state_dict(learning.average.state)
        tune, held = (
            self.pack.select(split, labelled=True, sources=recipe.sources)
            for split in ("tune", "held")
        )
        on_tune, on_held = (
            label_chances(learning.network, self.pack, entries, recipe.size)
            for entries in (tune, held)
        )
        choice = {
            "labelled": learning.labelled,
            "encoder_rate": rate,
            "steps": recipe.steps,
        }
        return tagged(
            cell, choice, (on_tune, truth_of(tune)), (on_held, truth_of(held))
        )

    def _segmented(self, cell: Cell, recipe: Segment, folder: Path) -> Found:
        word = self.words[cell.start]
        learning = Segmenting(recipe, self.pack, folder, word, self.say)
        _learn(learning)
        choice = {
            "labelled": learning.labelled,
            "encoder_rate": recipe.encoder_rate,
            "steps": recipe.steps,
        }
        tuning, held = learning.measure("tune"), learning.measure("held")
        return segmented(cell, choice, tuning, held)


def narrowed(recipe: Compare, kind: type[R], changes: Mapping[str, Any]) -> R:
    """Return the recipe of one cell: what ``recipe`` says, with the cell's changes."""
    values = {field.name: getattr(recipe, field.name) for field in fields(kind)}
    return kind(**{**values, **changes})


def _learn(learning: Transferring | Segmenting) -> None:
    if not learning.run():
        raise Interrupted
