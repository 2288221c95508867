"""The run folder: whole or not at all, and what it says."""

import json
import os
import resource
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.test_runs import ROOT
from tests.training.tiny import metrics, quiet, tiny, with_tuning
from training.errors import RunNotSaved
from training.pack import Pack
from training.pretrain import Pretraining
from training.processes import Place
from training.recipes import Pretrain, parse
from training.runs import Progress, Run

RECIPE = """
name = "drawn"
steps = 3
track = "S"
generator = "residual_fpn"
backbone = "none"
batch = 2
size = 32
widths = [8, 8, 8, 8]
bins = false
encoder = { widths = [8, 8, 16, 16], depths = [1, 1, 1, 1] }
first_trained_block = 0
[sources]
voc = 1.0
scenes = 1.0
"""


@pytest.fixture
def command(tmp_path: Path, pack: Pack) -> list[str]:
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    words = ["pretrain", str(tmp_path / "recipe.toml"), "--pack", str(pack.folder)]
    return [*words, "--run", str(tmp_path / "run")]


def learn(folder: Path, pack: Pack, steps: int) -> None:
    recipe = parse(tomllib.loads(RECIPE), Pretrain, "recipe")
    run = Pretraining(replace(recipe, steps=steps), pack, folder / "run", quiet)
    assert run.run()


def test_a_full_disk_is_named_and_leaves_what_was_saved(
    tmp_path: Path, pack: Pack, command: list[str]
) -> None:
    learn(tmp_path, pack, 3)
    before = (tmp_path / "run" / "state.pt").read_bytes()
    limit = len(before) // 2  # no file may be longer: so ends a full disk, too
    # A coverage measurement writes a file of its own, which no limit may end here.
    unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-m", "training", "--threads", "1", *command, "--steps", "5"],
        cwd=ROOT,
        env=unmeasured,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("run_not_saved: ")
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "run" / "state.pt").read_bytes() == before
    assert not list((tmp_path / "run").glob("*.partial"))
    learn(tmp_path, pack, 5)
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    assert state["step"] == 5


def test_it_says_what_figures_may_depend_on(tmp_path: Path, pack: Pack) -> None:
    run = Run(tmp_path, tiny(), pack.hash)
    described = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert described == run.described
    assert set(described) == {"recipe", "data_hash", "commit", "environment"}
    environment = described["environment"]
    assert environment["torch"] == torch.__version__
    assert {"python", "numpy", "pillow", "device", "threads", "processes"} <= set(
        environment
    )


def test_a_recipe_of_before_a_key_was_known_goes_on(tmp_path: Path, pack: Pack) -> None:
    Run(tmp_path, tiny(), pack.hash)
    path = tmp_path / "run.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    del described["recipe"]["jpeg"]
    path.write_text(json.dumps(described), encoding="utf-8")
    assert Run(tmp_path, tiny(), pack.hash).described["recipe"]["jpeg"] == 0.0


def test_rows_after_the_saved_step_are_dropped(tmp_path: Path, pack: Pack) -> None:
    run = Run(tmp_path, tiny(), pack.hash)
    run.open(0)
    for step in (50, 100, 150):
        run.report(step, loss=1 / step)
    run.close()
    path = tmp_path / "metrics.csv"  # an older run's rows had no name
    path.write_text(path.read_text("utf-8").replace("50,loss,0.02", "50,0.02"), "utf-8")
    run.open(100)  # as after a kill at 150 whose last state is that of 100
    run.report(150, loss=7.0)
    run.close()
    rows = metrics(tmp_path)["loss"]
    assert rows == [(50, 0.02), (100, 0.01), (150, 7.0)]


def test_only_the_first_process_writes(tmp_path: Path, pack: Pack) -> None:
    run = Run(tmp_path / "run", tiny(), pack.hash, Place(1, 2))
    run.open(0)
    run.report(1, loss=1.0)
    run.save({"step": 1})
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(RunNotSaved, match="cannot be written"):
        Run(tmp_path / "file" / "run", tiny(), pack.hash)


def test_tensorboard_gets_scalars_and_sheets(tmp_path: Path, pack: Pack) -> None:
    events = pytest.importorskip(
        "tensorboard.backend.event_processing.event_file_loader"
    )
    assert Pretraining(tiny(validate_every=3), with_tuning(pack), tmp_path, quiet).run()
    [file] = (tmp_path / "board").iterdir()
    tags = [
        value.tag
        for event in events.EventFileLoader(str(file)).Load()
        for value in event.summary.value
    ]
    assert {"loss", "validation/delta_e00", "sheet"} <= set(tags)
    assert tags.count("sheet") == 2


def test_without_tensorboard_a_run_goes_on(
    tmp_path: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert Pretraining(tiny(steps=1), pack, tmp_path, quiet).run()
    assert not (tmp_path / "board").exists()
    assert metrics(tmp_path)["loss"]


def test_progress_says_how_long_it_takes() -> None:
    progress = Progress(0, 100, 8)
    progress.began -= 10.0  # ten seconds for fifty steps
    line = progress.line(50, loss=0.25)
    assert line.startswith("[##########..........] step 50/100 loss 0.2500")
    assert "40.0 pictures/s · 0 min 1" in line or "0 min 9" in line
