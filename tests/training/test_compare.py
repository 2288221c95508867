"""Starts compared: the grid, its intervals against independent ones, its claims."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score

from tests.training.test_runs import WIDTHS, quiet, recipe, run_training
from tests.training.test_segment import draw_masked
from training import claims
from training.bootstrap import drawn_counts, interval, iou_draws, map_draws
from training.cells import Cell
from training.compare import Comparison, narrowed
from training.errors import RecipeInvalid, RunMismatch
from training.metrics import best_thresholds, f1_scores, mean_iou, micro_map
from training.pack import Pack, prepare
from training.pretrain import Pretraining
from training.probe import (
    LinearProbe,
    chosen_probe,
    grey_batch,
    label_chances,
    pooled_features,
    read_features,
)
from training.recipes import Transfer, load
from training.recipes.transfers import Compare, Segment
from training.starts import load_start
from training.transfer import Transferring
from training.truth import truth_of

RNG = np.random.default_rng(0)


def test_drawn_precision_is_scikit_learns_with_weights() -> None:
    chances = RNG.random((60, 2)).round(1)  # with ties
    truth = RNG.integers(-1, 2, (60, 2)).astype(np.int8)
    counts = drawn_counts(60, 5)
    assert (counts.sum(1) == 60).all()
    for draw, found in zip(counts, map_draws(chances, truth, counts), strict=True):
        each = [
            average_precision_score(
                truth[known, i], chances[known, i], sample_weight=draw[known]
            )
            for i in (0, 1)
            for known in [truth[:, i] >= 0]
        ]
        assert found == pytest.approx(np.mean(each))


def test_drawn_iou_is_that_of_the_drawn_pictures() -> None:
    confusions = RNG.integers(0, 30, (8, 3, 3))
    confusions[:, 2] = confusions[:, :, 2] = 0
    counts = drawn_counts(8, 4)
    for draw, found in zip(counts, iou_draws(confusions, counts), strict=True):
        whole = np.concatenate([confusions[[i] * n] for i, n in enumerate(draw)])
        assert found == pytest.approx(mean_iou(whole.sum(0))[0])


def test_the_interval_of_no_difference_is_empty() -> None:
    assert interval(np.zeros(100)) == (0.0, 0.0)
    low, high = interval(RNG.standard_normal(20000))
    assert (low, high) == (
        pytest.approx(-1.96, abs=0.05),
        pytest.approx(1.96, abs=0.05),
    )


def test_f1_and_micro_map_are_scikit_learns() -> None:
    chances = RNG.random((50, 3))
    truth = RNG.integers(0, 2, (50, 3)).astype(np.int8)
    macro, micro = f1_scores(chances, truth, np.full(3, 0.4))
    found = chances >= 0.4
    assert macro == pytest.approx(f1_score(truth, found, average="macro"))
    assert micro == pytest.approx(f1_score(truth, found, average="micro"))
    expected = average_precision_score(truth, chances, average="micro")
    assert micro_map(chances, truth) == pytest.approx(expected)
    hidden = truth.copy()
    hidden[:20] = -1
    rest = average_precision_score(truth[20:], chances[20:], average="micro")
    assert micro_map(chances, hidden) == pytest.approx(rest)


def test_thresholds_have_the_greatest_f1() -> None:
    chances = RNG.random((40, 1))
    truth = (chances[:, :1] + RNG.normal(0, 0.3, (40, 1)) > 0.6).astype(np.int8)
    [limit] = best_thresholds(chances, truth)
    tried = [
        f1_score(truth[:, 0], chances[:, 0] >= at) for at in np.sort(chances[:, 0])
    ]
    assert f1_score(truth[:, 0], chances[:, 0] >= limit) == pytest.approx(max(tried))
    assert best_thresholds(chances, np.full((40, 1), -1, np.int8)).tolist() == [0.5]


def test_the_probe_is_scikit_learns_regression() -> None:
    features = RNG.standard_normal((80, 4)) * [1, 5, 0.1, 2] + 3
    truth = (features[:, 0] + RNG.normal(0, 1, 80) > 3).astype(np.int8)
    probe = LinearProbe(
        torch.from_numpy(features).float(), torch.from_numpy(truth[:, None]), 0.01
    )
    scaled = (features - features.mean(0)) / features.std(0)
    # Their penalty is |w|² / (2 C) beside the sum of losses; ours 0.01 |w|² beside
    # their mean.
    theirs = LogisticRegression(C=1 / (2 * 0.01 * 80), tol=1e-8).fit(scaled, truth)
    ours = probe.chances(torch.from_numpy(features).float())[:, 0]
    assert ours == pytest.approx(theirs.predict_proba(scaled)[:, 1], abs=2e-3)


def test_a_probe_is_given_the_means_of_the_layers_that_are_named(world: Path) -> None:
    pack = Pack(world / "pack")
    entries = pack.select("fit", sources=["voc"])
    encoder = load_start(str(world / "colour"), 1).generator.encoder
    found = pooled_features(encoder, pack, entries, 64, ("s8", "s32"))
    assert found.shape == (len(entries), encoder.channels[8] + encoder.channels[32])
    with torch.no_grad():
        maps = encoder(grey_batch(pack, entries[1:2], 64))
    parts = [maps.s8.mean((2, 3))[0], maps.s32.mean((2, 3))[0]]
    assert torch.allclose(found[1], torch.cat(parts), atol=1e-5)


def test_a_layer_is_given_the_scores_of_a_probe() -> None:
    features = torch.from_numpy(RNG.standard_normal((60, 5)) * 3 + 1).float()
    truth = (features[:, :2] > 1).to(torch.int8)
    probe = LinearProbe(features, truth, 0.01)
    layer = torch.nn.Linear(5, 2)
    probe.give(layer)
    chances = torch.sigmoid(layer(features)).detach().numpy()
    assert chances == pytest.approx(probe.chances(features), abs=1e-5)


@pytest.mark.parametrize("start", ["scratch", "colour"])
def test_fine_tuning_begins_as_the_probe_of_what_it_reads(
    world: Path, tmp_path: Path, start: str
) -> None:
    pack = Pack(world / "pack")
    made = Transfer(
        *("tiny", 2, {"voc": 1.0}),
        size=32,
        batch=2,
        read=("s4", "s16", "deep"),
        probed=True,
        generator="residual_fpn",
        average=0.0,
    )
    word = "scratch" if start == "scratch" else str(world / "colour")
    said: list[str] = []
    learning = Transferring(made, pack, tmp_path, word, said.append)
    assert "penalty" in said[0]
    network = learning.network.eval()
    fit, tune = (
        pack.select(split, labelled=True, sources=["voc"]) for split in ("fit", "tune")
    )
    features = read_features(network, pack, fit, made.size)
    probe, _decay = chosen_probe(
        (features, truth_of(fit)),
        (read_features(network, pack, tune, made.size), truth_of(tune)),
    )
    given = label_chances(network, pack, fit, made.size)
    # Fitted twice, on features that differ by rounding.
    assert given == pytest.approx(probe.chances(features), abs=0.02)
    # Gone on with, it is what it had learnt, and no longer the probe.
    learning.learn(*learning.batches.at(0, 32))
    learning.run_folder.save(learning.state())
    again = Transferring(made, pack, tmp_path, word, said.append)
    assert len(said) == 1
    assert again.step == 1
    assert torch.equal(again.network.last.weight, learning.network.last.weight)


def test_the_penalty_is_chosen_on_the_tuning_split() -> None:
    inputs = torch.randn(24, 40, generator=torch.Generator().manual_seed(1))
    truth = (inputs[:, :1] > 0).numpy().astype(np.int8)
    learnt, tuning = (inputs[:12], truth[:12]), (inputs[12:], truth[12:])
    probe, decay = chosen_probe(learnt, tuning)
    from training.metrics import macro_map
    from training.probe import DECAYS

    scores = {
        d: macro_map(
            LinearProbe(learnt[0], torch.from_numpy(learnt[1]), d).chances(tuning[0]),
            tuning[1],
        )[0]
        for d in DECAYS
    }
    assert scores[decay] == max(scores.values())
    assert probe.weight.shape == (40, 1)


def test_bars_reach_from_the_least_to_the_greatest_and_never_below_nothing() -> None:
    equal = 0.7  # of which three have a mean that is smaller, by its last digit
    means, reach = claims.bars([[1.0, 2.0, 6.0], [equal] * 3])
    assert means == pytest.approx([3.0, 0.7])
    assert reach == pytest.approx(np.array([[2.0, 0.0], [3.0, 0.0]]), abs=1e-12)
    assert (reach >= 0).all()
    assert np.mean([equal] * 3) < equal


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack with all splits and masks, and a colour run of track S."""
    root = tmp_path_factory.mktemp("world")
    draw_masked(root, pictures=20)
    prepare(root, root / "pack", ["voc", "scenes"])
    index = root / "pack" / "index.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    for entry in content["entries"]:
        if entry["source"] == "voc":  # four labels in turn: each split gets all
            place = int(Path(entry["file"]).stem.removeprefix("v")) // 4
            entry["split"] = ("held", "tune", "fit", "fit", "fit")[place]
    index.write_text(json.dumps(content), encoding="utf-8")
    Pretraining(recipe(steps=1), Pack(root / "pack"), root / "colour", quiet).run()
    return root


def grid(**changes: object) -> Compare:
    plain = Compare(
        "drawn",
        steps=1,
        batch=2,
        size=32,
        warmup=1,
        widths=WIDTHS,
        working_size=32,
        tasks=("voc-tags", "voc-segments"),
        starts=("scratch", "colour"),
        shares=(0.5,),
        seeds=(1, 2),
        encoder_rates=(1e-3, 1e-2),
        draws=50,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def compared(world: Path) -> Comparison:
    comparison = opened(world)
    assert comparison.run()
    return comparison


def opened(
    world: Path, say: Callable[[str], None] = quiet, **changes: object
) -> Comparison:
    """Open the one comparison of this module."""
    starts = {"colour": str(world / "colour")}
    folder = world / "compared"
    return Comparison(grid(**changes), Pack(world / "pack"), folder, starts, say)


def test_a_grid_is_run_once(world: Path, compared: Comparison) -> None:
    # 2 seeds x 2 starts x (probe and fine-tune) x (tags and segments)
    found = {f.cell: f for f in compared.found()}
    assert len(found) == len(list(compared.cells())) == 16
    fit = compared.pack.select("fit", sources=["voc"])
    chosen = found[Cell("voc-tags", "probe", "colour", 0.5, 1)]
    assert chosen.row["labelled"] < len(fit)
    assert not list(compared.folder.glob("**/state.pt"))
    said: list[str] = []
    assert opened(world, said.append).run()
    assert said == []


def test_every_start_tries_as_many_rates(compared: Comparison) -> None:
    tried = Counter(path.parent.name for path in compared.folder.glob("*/rate-*"))
    # Later seeds take the one that was chosen.
    assert all(
        n == (2 if name.endswith("-1") and "-finetune-" in name else 1)
        for name, n in tried.items()
    )
    for found in compared.found():
        if found.cell.mode == "finetune" and found.cell.seed == 2:
            first = replace(found.cell, seed=1)
            [other] = [f for f in compared.found() if f.cell == first]
            assert found.row["encoder_rate"] == other.row["encoder_rate"]


def test_the_difference_is_of_means_over_the_same_seeds(compared: Comparison) -> None:
    told = claims.claims(compared)
    assert len(told) == 4
    for claim in told:
        assert claim["tracks"] == "S − S"
        assert claim["least_seed"] <= claim["difference"] <= claim["most_seed"]  # type: ignore[operator]
        assert claim["low"] <= claim["high"]  # type: ignore[operator]
        values = {
            start: [
                f.row[str(claim["measure"])]
                for f in compared.found()
                if (f.cell.task, f.cell.mode) == (claim["task"], claim["mode"])
                and f.cell.start == start
            ]
            for start in ("scratch", "colour")
        }
        expected = 100 * (np.mean(values["colour"]) - np.mean(values["scratch"]))
        assert claim["difference"] == pytest.approx(expected)
        assert "2 seed(s)" in claims.sentence(claim)
    rows = claims.tables(compared)
    assert {task: len(table) for task, table in rows.items()} == {
        "voc-tags": 8,
        "voc-segments": 8,
    }


def test_a_grid_may_grow_but_not_change(world: Path, compared: Comparison) -> None:
    more = opened(world, seeds=(1, 2, 3))
    assert len(more.found()) == 16
    assert len(list(more.cells())) == 24
    other = {"colour": str(world / "colour"), "scratch": "lite0"}
    with pytest.raises(RunMismatch, match="other start scratch"):
        Comparison(grid(), more.pack, compared.folder, other, quiet)
    with pytest.raises(RunMismatch, match="other steps"):
        opened(world, steps=9)
    with pytest.raises(RunMismatch, match="another recipe"):
        opened(world, rate=0.5)


def test_the_command_writes_tables_claims_and_plot(
    world: Path, compared: Comparison, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    text = (
        'name = "drawn"\nsteps = 1\nbatch = 2\nsize = 32\nwarmup = 1\n'
        "widths = [8, 8, 8, 8]\nworking_size = 32\nencoder_rates = [1e-3, 1e-2]\n"
        'tasks = ["voc-tags", "voc-segments"]\nstarts = ["scratch", "colour"]\n'
        "shares = [0.5]\nseeds = [1, 2]\ndraws = 50\n"
    )
    (tmp_path / "small.toml").write_text(text, encoding="utf-8")
    done = run_training(
        *("compare", tmp_path / "small.toml", "--pack", world / "pack"),
        *("--run", compared.folder, "--results", tmp_path / "results"),
        *("--start", f"colour={world / 'colour'}", "--tell"),
    )
    assert done.returncode == 0, done.stderr
    assert "colour − scratch (S − S)" in done.stdout
    results = tmp_path / "results"
    with (results / "drawn-claims.csv").open(encoding="utf-8") as lines:
        assert {row["task"] for row in csv.DictReader(lines)} == set(grid().tasks)
    with (results / "drawn-voc-tags.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["start"] for row in rows} == {"scratch", "colour"}
    assert {"macro_map", "micro_map", "macro_f1", "micro_f1", "ece"} <= set(rows[0])
    with Image.open(results / "drawn.png") as drawn:
        assert drawn.width > 300


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tasks": ("voc-poems",)}, "tasks: voc-poems"),
        ({"modes": ("guess",)}, "modes: guess"),
        ({"starts": ("scratch", "magic")}, "starts: magic"),
        ({"starts": ("lite0",)}, "baselines: scratch"),
        ({"starts": ("scratch",), "layers": ("s16", "s64")}, "layers: s64"),
    ],
)
def test_an_unknown_name_is_refused(
    world: Path, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(RecipeInvalid, match=reason):
        Comparison(grid(**changes), Pack(world / "pack"), tmp_path, {}, quiet)


def test_cells_inherit_what_the_grid_says() -> None:
    cell = narrowed(grid(dropout=0.5), Transfer, {"seed": 9, "share": 0.1})
    assert (cell.dropout, cell.seed, cell.share, cell.size) == (0.5, 9, 0.1, 32)
    assert type(cell) is Transfer


def test_shipped_recipes_of_transfer_are_valid() -> None:
    assert load(Path("voc-segments"), Segment).sources == {"voc": 1.0}
    assert load(Path("camvid-segments"), Segment).sources == {"camvid": 1.0}
    assert load(Path("transfer"), Compare).shares == (0.01, 0.1, 1.0)
    names = ("transfer", "transfer-residual", "transfer-probed", "segments-residual")
    for name in (*names, "transfer-scenes"):
        assert len(load(Path(name), Compare).seeds) == 5
    assert load(Path("transfer-layers"), Compare).layers == ("s4", "s8", "s16", "s32")
