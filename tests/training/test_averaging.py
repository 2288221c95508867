"""The mean of the weights of several colorizers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import CheckpointNotFound
from colorizer.vision.inference import Colorizer
from tests.training.test_runs import quiet, recipe
from tests.vision.test_inference import scene
from training import __main__ as command_line
from training.averaging import average
from training.errors import TrainingRefused
from training.export import UNTUNED, export_colorizer
from training.pack import Pack
from training.pretrain import Pretraining


@pytest.fixture
def parts(tmp_path: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two colorizers, the second from the first, and one of another build."""
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(tmp_path))
    for name, changes in (
        ("one", {}),
        ("two", {"start_from": "one", "rate": 1e-2}),
        ("wider", {"widths": (12, 12, 12, 12)}),
    ):
        run = tmp_path / "runs" / name
        Pretraining(recipe(name=name, **changes), pack, run, quiet).run()
        export_colorizer(run, pack, tmp_path, "1.0", 64)
    return tmp_path


def test_each_weight_is_the_mean_of_the_parts(
    parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("average", "mean", "--of", "one", "two", "--version", "2.0")
    monkeypatch.setattr("sys.argv", ["training", *words, "--checkpoints", str(parts)])
    assert command_line.main() == 0
    one, two, mean = (
        checkpoints.load_weights(checkpoints.card(name))
        for name in ("one", "two", "mean")
    )
    assert any(not torch.equal(one[key], two[key]) for key in one)
    for key, value in mean.items():
        assert torch.equal(value, ((one[key] + two[key]) / 2).half().float()), key
    text = json.loads((parts / "mean.json").read_text("utf-8"))
    assert (text["name"], text["version"], text["figures"]) == ("mean", "2.0", {})
    assert text["parameters"].items() >= UNTUNED.items()
    told = [(part["name"], part["sha256"]) for part in text["averaged"]]
    assert told == [(name, checkpoints.card(name).sha256) for name in ("one", "two")]
    assert {part["recipe"]["name"] for part in text["averaged"]} == {"one", "two"}
    grey = scene(64, 64, 1)
    served, exported = (
        Colorizer("mean", "cpu", engine=engine).predict([grey])[0].cb
        for engine in ("torch", "onnxruntime")
    )
    assert np.abs(served.astype(float) - exported).max() <= 1


def test_only_colorizers_of_one_build_have_a_mean(parts: Path) -> None:
    for name, wrong in (
        ("mean", ["one"]),
        ("one", ["one", "two"]),
        ("mean", ["one", "wider"]),
        ("mean", ["one", "lite2-tags"]),
    ):
        before = (parts / "one.json").read_bytes()
        with pytest.raises(TrainingRefused):
            average(name, wrong, "2.0", parts)
        assert (parts / "one.json").read_bytes() == before
    with pytest.raises(CheckpointNotFound, match="'nobody'"):
        average("mean", ["one", "nobody"], "2.0", parts)
    assert not (parts / "mean.json").exists()
