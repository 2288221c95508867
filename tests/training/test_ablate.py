"""Ablations: what an arm may change, what is compared, and going on."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab
from torch import Tensor, nn

from colorizer.vision.merge import merge
from tests.training.test_runs import run_training
from tests.training.tiny import SOURCES, quiet, tiny
from training.ablate import WHOLE, Ablation, arm_of, colours_of
from training.errors import RecipeInvalid, RunMismatch
from training.pack import Pack
from training.recipes import Pretrain, load
from training.recipes.ablations import Ablate


@pytest.fixture
def held(pack: Pack) -> Pack:
    """The pack with some of its colour pictures held back."""
    own = Pack(pack.folder)
    for place, entry in enumerate(own.entries):
        entry.colour = True
        entry.split = "held" if place % 3 == 0 else "fit"
    return own


def ablate(**changes: object) -> Ablate:
    whole = {each.name: getattr(tiny(), each.name) for each in fields(Pretrain)}
    plain = Ablate(
        **{**whole, "steps": 2},
        arms={"no-crop": {"least_crop": 1.0}},
        seeds=(1, 2),
        pictures=4,
        judged_at=32,
        draws=50,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_an_arm_is_the_whole_but_for_what_it_changes() -> None:
    recipe = ablate()
    whole, arm = arm_of(recipe, WHOLE), arm_of(recipe, "no-crop")
    assert whole == replace(tiny(), name=WHOLE, steps=2)
    assert arm == replace(whole, name="no-crop", least_crop=1.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rebalanse": 0.0}, "unknown key rebalanse"),
        ({"bins": 3}, "bins must be bool"),
        ({"steps": 3}, "steps is the same for all arms"),
    ],
)
def test_a_wrong_arm_is_refused_before_anything_runs(
    change: dict[str, object], said: str, tmp_path: Path, held: Pack
) -> None:
    with pytest.raises(RecipeInvalid, match=said):
        Ablation(ablate(arms={"wrong": change}), held, tmp_path / "run", quiet)
    assert not (tmp_path / "run").exists()


def test_every_arm_is_told_beside_the_whole_and_none_runs_twice(
    tmp_path: Path, held: Pack
) -> None:
    said: list[str] = []
    ablation = Ablation(ablate(), held, tmp_path, said.append)
    assert ablation.run()
    grey, whole, arm = ablation.table()
    assert (grey["arm"], whole["arm"], arm["arm"]) == ("grey", "whole", "no-crop")
    assert whole["to_whole"] == whole["to_whole_low"] == whole["to_whole_high"] == 1.0
    kept = {
        (name, seed): np.array(
            json.loads((tmp_path / f"{name}-{seed}" / "result.json").read_text())[
                "delta_e"
            ]
        )
        for name in ("whole", "no-crop")
        for seed in (1, 2)
    }
    ours = kept["no-crop", 1] + kept["no-crop", 2]
    theirs = kept["whole", 1] + kept["whole", 2]
    assert not np.array_equal(kept["whole", 1], kept["whole", 2])
    assert arm["to_whole"] == pytest.approx(ours.mean() / theirs.mean())
    assert whole["ratio_to_grey"] == pytest.approx(
        whole["delta_e00"] / grey["delta_e00"]  # type: ignore[operator]
    )
    assert not list(tmp_path.glob("*/state.pt"))

    said.clear()
    shutil.rmtree(tmp_path / "no-crop-2")
    again = Ablation(ablate(), held, tmp_path, said.append)
    assert again.run()
    assert [line for line in said if "left" in line and "seed" in line] == [
        "no-crop, seed 2 (1 of 1 left)"
    ]
    assert again.table() == [grey, whole, arm]


def test_arms_may_be_added_and_the_whole_not_changed(
    tmp_path: Path, held: Pack
) -> None:
    Ablation(ablate(), held, tmp_path, quiet)
    Ablation(ablate(arms={"plain": {"l1_chroma": 0.0}}), held, tmp_path, quiet)
    with pytest.raises(RunMismatch):
        Ablation(ablate(steps=3), held, tmp_path, quiet)


class Painter(nn.Module):
    """A generator that knows one colour."""

    def forward(self, grey: Tensor, _hints: Tensor | None) -> Tensor:
        return grey[..., ::2, ::2]

    def decode(self, out: Tensor) -> Tensor:
        return torch.tensor([20.0, -10.0])[:, None, None] + 0 * out


def test_a_square_is_merged_with_the_networks_colours() -> None:
    grey = np.full((32, 32), 120, np.uint8)
    [chroma] = colours_of(Painter())([grey])  # type: ignore[arg-type]
    assert chroma.cb.shape == (16, 16)
    lab = rgb2lab(merge(grey, chroma).astype(np.uint8))
    assert lab[..., 1:] == pytest.approx(np.broadcast_to([20, -10], (32, 32, 2)), abs=2)


@pytest.mark.parametrize(
    "name", ["ablation-small", "ablation-variance", "generators-small"]
)
def test_the_shipped_arms_are_colour_recipes(name: str) -> None:
    recipe = load(Path(name), Ablate)
    for arm in recipe.arms:
        assert arm_of(recipe, arm) != replace(arm_of(recipe, WHOLE), name=arm)


def test_the_command_writes_the_table(tmp_path: Path, held: Pack) -> None:
    text = "\n".join(
        [
            'name = "drawn"\nsteps = 1\ntrack = "S"\nbackbone = "none"\nbatch = 2',
            'size = 32\nwarmup = 1\nbins = false\ngenerator = "residual_fpn"',
            "first_trained_block = 0\npictures = 3\njudged_at = 32\nseeds = [1]",
            "widths = [8, 8, 8, 8]",
            "encoder = { widths = [8, 8, 16, 16], depths = [1, 1, 1, 1] }",
            "[sources]",
            *(f"{name} = {share}" for name, share in SOURCES.items()),
            "[arms.no-average]\naverage = 0.0",
        ]
    )
    recipe = tmp_path / "drawn.toml"
    recipe.write_text(text, encoding="utf-8")
    shutil.copytree(held.folder, tmp_path / "pack")
    index = tmp_path / "pack" / "index.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    for entry, kept in zip(content["entries"], held.entries, strict=True):
        entry["colour"], entry["split"] = kept.colour, kept.split
    index.write_text(json.dumps(content), encoding="utf-8")
    done = run_training(
        "ablate",
        str(recipe),
        "--pack",
        str(tmp_path / "pack"),
        "--run",
        str(tmp_path / "run"),
        "--results",
        str(tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out" / "drawn.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert [row["arm"] for row in rows] == ["grey", "whole", "no-average"]
