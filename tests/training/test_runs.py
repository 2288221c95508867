"""Runs as a whole: they learn, stop, go on, and refuse what does not belong."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.conftest import draw
from training import export
from training.errors import DatasetMissing, EmptySplit, RecipeInvalid, RunMismatch
from training.pack import Pack, prepare
from training.pretrain import Pretraining, fresh_generator, true_lab
from training.recipes import Pretrain, Transfer, load, parse
from training.shares import balanced_weights
from training.transfer import Transferring, whole
from training.truth import truth_of

SOURCES = {"voc": 1.0, "scenes": 1.0}
WIDTHS = (8, 8, 8, 8)
ROOT = Path(__file__).parents[2]


def recipe(**changes: object) -> Pretrain:
    """Return a recipe that a test can wait for."""
    plain = Pretrain(
        "drawn",
        steps=4,
        sources=SOURCES,
        track="S",
        backbone="none",
        batch=2,
        size=32,
        widths=WIDTHS,
        warmup=1,
        keep_every=100,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def quiet(_line: str) -> None:
    """Say nothing."""


def test_it_learns_eight_drawn_pictures_by_heart(tmp_path: Path) -> None:
    for number in range(8):
        draw(tmp_path / "faces" / f"{number}.png", number, (32, 32))
    pack = prepare(tmp_path, tmp_path / "pack", ["faces"])
    for entry in pack.entries:
        entry.split, entry.colour = "fit", True
    learning = Pretraining(
        recipe(
            steps=60,
            sources={"faces": 1.0},
            batch=8,
            least_crop=1.0,
            aged_share=0.0,
            rate=4e-3,
            widths=(16, 16, 16, 16),
            bins=False,
        ),
        pack,
        tmp_path / "run",
        quiet,
    )
    rgb, drawn = learning.batches.at(0, 32)
    first = learning.learn(rgb, drawn)
    for _ in range(59):
        last = learning.learn(rgb, drawn)
    assert last < first / 3


@pytest.mark.parametrize("bins", [True, False])
def test_a_resumed_run_ends_where_an_uninterrupted_one_does(
    tmp_path: Path, pack: Pack, bins: bool
) -> None:
    straight = Pretraining(recipe(bins=bins), pack, tmp_path / "straight", quiet)
    assert straight.run()
    stopped = Pretraining(recipe(bins=bins), pack, tmp_path / "stopped", quiet)
    learn = stopped.learn

    def learn_and_interrupt(rgb: torch.Tensor, drawn: np.ndarray) -> float:
        os.kill(os.getpid(), signal.SIGINT)
        return learn(rgb, drawn)

    stopped.learn = learn_and_interrupt  # type: ignore[method-assign]
    assert not stopped.run()
    assert stopped.step == 1
    resumed = Pretraining(recipe(bins=bins), pack, tmp_path / "stopped", quiet)
    assert resumed.step == 1
    assert resumed.run()
    ours, theirs = straight.average.state, resumed.average.state
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_a_run_says_what_it_was(tmp_path: Path, pack: Pack) -> None:
    Pretraining(recipe(steps=1), pack, tmp_path, quiet).run()
    described = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert described["data_hash"] == pack.hash
    assert described["recipe"]["seed"] == 1
    assert described["commit"]
    assert "torch" in described["environment"]
    lines = (tmp_path / "metrics.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "step,name,value"
    assert {line.split(",")[1] for line in lines[1:]} == {"loss", "bins", "l1"}
    assert not list(tmp_path.glob("*.partial"))


def test_another_recipe_does_not_go_on_with_a_run(tmp_path: Path, pack: Pack) -> None:
    Pretraining(recipe(steps=1), pack, tmp_path, quiet).run()
    with pytest.raises(RunMismatch, match="recipe"):
        Pretraining(recipe(steps=1, rate=0.5), pack, tmp_path, quiet)
    assert Pretraining(recipe(steps=2), pack, tmp_path, quiet).step == 1


def test_a_set_that_the_pack_lacks_is_refused(tmp_path: Path, pack: Pack) -> None:
    with pytest.raises(EmptySplit, match="faces"):
        Pretraining(recipe(sources={"voc": 1.0, "faces": 1.0}), pack, tmp_path, quiet)


def test_true_ab_is_zero_for_grey() -> None:
    grey = torch.full((1, 3, 16, 16), 77.0)
    assert true_lab(grey, 4).shape == (1, 3, 4, 4)
    assert true_lab(grey, 1).shape == (1, 3, 16, 16)
    assert true_lab(grey, 4)[:, 1:].abs().max() < 0.02


def test_supervised_weights_never_enter_the_label_free_track() -> None:
    with pytest.raises(RecipeInvalid, match="track S"):
        fresh_generator(recipe(backbone="efficientnet-lite0"), None)


def test_a_frozen_encoder_does_not_change(tmp_path: Path, pack: Pack) -> None:
    learning = Pretraining(
        recipe(first_trained_block=11, weight_decay=0.0), pack, tmp_path, quiet
    )
    encoder = learning.network.encoder
    low = encoder.blocks[0].project.conv.weight.clone()
    high = encoder.blocks[15].project.conv.weight.clone()
    learning.learn(*learning.batches.at(0, 32))
    assert torch.equal(encoder.blocks[0].project.conv.weight, low)
    assert not torch.equal(encoder.blocks[15].project.conv.weight, high)


def test_an_encoder_is_transferred_and_exported(
    tmp_path: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from colorizer.vision.checkpoints import FOLDER_VARIABLE
    from colorizer.vision.inference import Colorizer, Tagger

    Pretraining(recipe(steps=1), pack, tmp_path / "colour", quiet).run()
    tags = Transfer("drawn-tags", 2, SOURCES, batch=2, size=32, thaw_from=0.0)
    learning = Transferring(tags, pack, tmp_path / "tags", tmp_path / "colour", quiet)
    assert learning.run()
    assert learning.state()["pretrained"] == "drawn at step 1"
    folder = tmp_path / "checkpoints"
    export.export_colorizer(tmp_path / "colour", pack, folder, "1", 64)
    export.export_tagger(tmp_path / "tags", pack, folder, "1", 64)
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    grey = np.full((40, 60), 120, np.uint8)
    [chroma] = Colorizer("drawn", "cpu").predict([grey])
    assert chroma.cb.shape == (11, 16)
    [scores] = Tagger("drawn-tags", "cpu").predict([grey])
    assert len(scores) == 26


def test_export_needs_a_saved_run(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissing, match="no saved run"):
        export.load_run(tmp_path)


def test_unknown_labels_are_marked_unknown(pack: Pack) -> None:
    entries = [e for e in pack.entries if e.file == "voc/images/v0.jpg"]
    entries += [e for e in pack.entries if e.file == "scenes/train/sea/0.jpg"]
    voc, sea = truth_of(sorted(entries, key=lambda e: e.source, reverse=True))
    assert voc.tolist()[:20].count(1) == 1
    assert voc.tolist()[20:] == [-1] * 6
    assert sea.tolist()[:20] == [-1] * 20
    assert sorted(sea.tolist()[20:]) == [0, 0, 0, 0, 0, 1]


def test_rare_labels_are_drawn_more_often(pack: Pack) -> None:
    entries = pack.select("fit", labelled=True)
    even = balanced_weights(entries, SOURCES, 0.0)
    assert set(even) == {1.0}
    counts: dict[str, int] = {}
    for entry in entries:
        for label in entry.present:
            counts[label] = counts.get(label, 0) + 1
    rare = balanced_weights(entries, SOURCES, 1.0)
    for entry, weight in zip(entries, rare, strict=True):
        assert weight == pytest.approx(1 / counts[entry.present[0]])


def test_the_whole_picture_keeps_its_aspect() -> None:
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, 40:] = 255
    square = whole(picture, 32, np.random.default_rng(0), least=1.0)
    assert square.shape == (32, 32, 3)
    half = square[:16, :, 0]
    assert sorted({int(half[:, :14].mean()), int(half[:, 18:].mean())}) == [0, 255]
    assert np.array_equal(square[:16], square[16:][::-1])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"name": "x", "steps": 1, "sources": {}, "colour": 1}, "unknown key colour"),
        ({"name": "x", "sources": {}}, "steps is missing"),
        ({"name": "x", "steps": "many", "sources": {}}, "steps must be int"),
        ({"name": "x", "steps": True, "sources": {}}, "steps must be int"),
    ],
)
def test_a_wrong_recipe_is_refused(content: dict[str, object], reason: str) -> None:
    with pytest.raises(RecipeInvalid, match=reason):
        parse(content, Pretrain, "recipe")


def test_the_shipped_recipes_are_valid(tmp_path: Path) -> None:
    assert load(Path("lite0-fpn"), Pretrain).track == "P"
    assert load(Path("lite2-tags"), Transfer).name == "lite2-tags"
    with pytest.raises(RecipeInvalid, match="lite0-fpn"):
        load(Path("nothing"), Pretrain)
    broken = tmp_path / "broken.toml"
    broken.write_text("steps = ", encoding="utf-8")
    with pytest.raises(RecipeInvalid, match="not TOML"):
        load(broken, Pretrain)


def run_training(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m training`."""
    return subprocess.run(
        [sys.executable, "-m", "training", "--threads", "1", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_line_refuses_in_a_sentence(tmp_path: Path) -> None:
    done = run_training("prepare", "--data", tmp_path, "--pack", tmp_path / "pack")
    assert done.returncode == 1
    assert done.stderr.startswith("dataset_missing: ")
    assert "Traceback" not in done.stderr


def test_ctrl_c_leaves_a_run_that_can_be_gone_on_with(
    tmp_path: Path, pack: Pack
) -> None:
    text = (
        'name = "drawn"\nsteps = 100000\ntrack = "S"\nbackbone = "none"\nbatch = 2\n'
        "size = 32\nwidths = [8, 8, 8, 8]\nbins = false\n"
        "[sources]\nvoc = 1.0\nscenes = 1.0\n"
    )
    file, run = tmp_path / "recipe.toml", tmp_path / "run"
    file.write_text(text, encoding="utf-8")
    words = ["pretrain", str(file), "--pack", str(pack.folder), "--run", str(run)]
    words += ["--seed", "7"]
    started = subprocess.Popen(
        [sys.executable, "-m", "training", "--threads", "1", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for _ in range(600):
        if (run / "metrics.csv").is_file():
            break
        time.sleep(0.2)
    started.send_signal(signal.SIGINT)
    said, _ = started.communicate(timeout=120)
    assert started.returncode == 130, said
    assert "run it again to go on" in said
    step = torch.load(run / "state.pt", weights_only=True)["step"]
    assert step >= 50
    done = run_training(*words, "--steps", str(step + 1))
    assert done.returncode == 0, done.stderr
    assert torch.load(run / "state.pt", weights_only=True)["step"] == step + 1
    recipe = json.loads((run / "run.json").read_text(encoding="utf-8"))["recipe"]
    assert (recipe["name"], recipe["seed"]) == ("drawn-7", 7)
