"""What each loss and switch is worth: a recipe, and the same with one thing changed.

Every arm has the steps, pictures and seeds of the whole recipe. What it found on
held-back pictures is kept picture by picture, so that differences have paired
intervals. Short runs rank what helps early; they do not say what a long run ends at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import numpy as np
import torch

from colorizer.vision.colour import Chroma
from colorizer.vision.networks.generator import Generator
from training.augment import normalised
from training.baselines import Grey, no_colour, small_lightness
from training.compare import Interrupted
from training.errors import RecipeInvalid, RunMismatch
from training.evaluate import score
from training.metrics import ColourScores, Rgb, Values, bootstrap_ratio
from training.pack import Pack
from training.pretrain import Pretraining
from training.recipes import Pretrain, parse
from training.recipes.ablations import Ablate
from training.runs import Run, write_text
from training.validation import central

WHOLE = "whole"
"""The arm in which nothing is changed."""
CONDITIONS = ("clean", "degraded")
Table = list[dict[str, object]]


class Ablation:
    """A run of an :class:`Ablate` recipe, one folder an arm and seed, resumable.

    Args:
        recipe: The whole, and what each arm changes of it.
        pack: What to learn from and to measure on.
        folder: Where arms are kept; finished ones are not run again.
        say: Where progress lines go.

    Raises:
        RecipeInvalid: An arm changes something that is not a key of a colour recipe.
        RunMismatch: The folder holds another ablation.
    """

    def __init__(
        self,
        recipe: Ablate,
        pack: Pack,
        folder: Path,
        say: Callable[[str], None] = print,
    ) -> None:
        self.recipe, self.pack, self.folder, self.say = recipe, pack, folder, say
        self.arms = {name: arm_of(recipe, name) for name in (WHOLE, *recipe.arms)}
        # Arms and seeds may be added later, what the whole is may not change; of a
        # single run the steps may, and there they are not compared.
        before = folder / "run.json"
        if before.is_file():
            kept = json.loads(before.read_text(encoding="utf-8"))["recipe"]["steps"]
            if kept != recipe.steps:
                raise RunMismatch(
                    f"The arms in {folder} had {kept} steps: name another run folder."
                )
        Run(folder, replace(recipe, arms={}, seeds=recipe.seeds[:1]), pack.hash)

    def run(self) -> bool:
        """Run every arm that is not finished; False where it was interrupted."""
        todo = [
            (arm, seed)
            for seed, arm in product(self.recipe.seeds, self.arms)
            if not self._file(arm, seed).is_file()
        ]
        for number, (arm, seed) in enumerate(todo, 1):
            self.say(f"{arm}, seed {seed} ({number} of {len(todo)} left)")
            try:
                self._run(arm, seed)
            except Interrupted:
                return False
        return True

    def table(self) -> Table:
        """Return a row for every arm that has finished seeds; grey is the first.

        ``delta_e00`` is CIEDE2000 of what a reader would see, a mean over pictures and
        seeds; ``to_whole`` divides it by that of the whole recipe with the same seeds,
        with a paired bootstrap 95 % interval over pictures; ``degraded_ratio`` is what
        ageing the input costs.
        """
        found = {
            arm: {
                seed: json.loads(self._file(arm, seed).read_text(encoding="utf-8"))
                for seed in self.recipe.seeds
                if self._file(arm, seed).is_file()
            }
            for arm in self.arms
        }
        grey = score(self._pictures(), no_colour).colours
        rows: Table = [{"arm": "grey", **_figures(grey)}]
        for arm, by_seed in found.items():
            seeds = sorted(set(by_seed) & set(found[WHOLE]))
            if not seeds:
                continue
            ours, whole = (
                np.mean([found[a][s]["delta_e"] for s in seeds], axis=0)
                for a in (arm, WHOLE)
            )
            ratio, low, high = bootstrap_ratio(ours, whole, self.recipe.draws)
            of_seeds = [
                np.mean(found[arm][s]["delta_e"]) / np.mean(found[WHOLE][s]["delta_e"])
                for s in seeds
            ]
            figures = [by_seed[seed]["figures"] for seed in seeds]
            rows.append(
                {
                    "arm": arm,
                    "changes": json.dumps(self.recipe.arms.get(arm, {})),
                    "seeds": len(seeds),
                    **{k: float(np.mean([f[k] for f in figures])) for k in figures[0]},
                    "ratio_to_grey": float(ours.mean() / np.mean(grey.delta_e)),
                    "to_whole": ratio,
                    "to_whole_low": low,
                    "to_whole_high": high,
                    "to_whole_least_seed": float(min(of_seeds)),
                    "to_whole_most_seed": float(max(of_seeds)),
                }
            )
        return rows

    def _file(self, arm: str, seed: int) -> Path:
        return self.folder / f"{arm}-{seed}" / "result.json"

    def _pictures(self) -> list[tuple[str, Rgb]]:
        entries = self.pack.select("held", colour=True, sources=self.recipe.sources)
        step = max(1, len(entries) // self.recipe.pictures)
        return [
            (entry.file, central(self.pack.picture(entry), self.recipe.judged_at))
            for entry in entries[::step][: self.recipe.pictures]
        ]

    def _run(self, arm: str, seed: int) -> None:
        path = self._file(arm, seed)
        recipe = replace(self.arms[arm], seed=seed)
        learning = Pretraining(recipe, self.pack, path.parent, self.say)
        if not learning.run():
            raise Interrupted
        learning.network.load_state_dict(learning.average.state)
        method = colours_of(learning.network.eval())
        clean, degraded = (
            score(self._pictures(), method, condition=condition).colours
            for condition in CONDITIONS
        )
        figures = _figures(clean)
        figures["degraded_ratio"] = float(
            np.mean(degraded.delta_e) / np.mean(clean.delta_e)
        )
        content = {"figures": figures, "delta_e": clean.delta_e}
        write_text(path, json.dumps(content, indent=1) + "\n")
        # The weights are not needed again, the figures are.
        (path.parent / "state.pt").unlink()


def arm_of(recipe: Ablate, arm: str) -> Pretrain:
    """Return the colour recipe of an arm.

    Raises:
        RecipeInvalid: It changes an unknown key, or one that all arms have in common.
    """
    values = {each.name: getattr(recipe, each.name) for each in fields(Pretrain)}
    changes = recipe.arms.get(arm, {})
    where = f"{recipe.name}: arm {arm}"
    common = sorted({"name", "seed", "steps", "sources"} & set(changes))
    if common:
        raise RecipeInvalid(f"{where}: {', '.join(common)} is the same for all arms.")
    parsed = parse({"name": arm, "steps": 1, "sources": {}, **changes}, Pretrain, where)
    changed = {key: getattr(parsed, key) for key in changes}
    return Pretrain(**{**values, **changed, "name": arm})


def colours_of(network: Generator) -> Callable[[Sequence[Grey]], list[Chroma]]:
    """Return a method that lets a network colour squares of one size as they are."""

    def method(greys: Sequence[Grey]) -> list[Chroma]:
        luma = torch.from_numpy(np.stack(greys)).float()[:, None]
        with torch.no_grad():
            ab = network.decode(network(normalised(luma), None))
        found = []
        for grey, colours in zip(greys, ab.permute(0, 2, 3, 1).numpy(), strict=True):
            light = small_lightness(grey, max(colours.shape[:2]))
            found.append(Chroma.from_lab(light, colours))
        return found

    return method


def _figures(scores: ColourScores) -> dict[str, float]:
    errors: Values = np.array(scores.delta_e)
    return {
        "delta_e00": float(errors.mean()),
        "psnr": float(np.mean(scores.psnr)),
        "auc_rebalanced": scores.auc(rebalanced=True),
        "colourfulness_ratio": scores.colourfulness_ratio,
    }
