"""Colorizers that colour together."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import CheckpointCorrupt, CheckpointNotFound
from colorizer.vision.guess import Guess
from colorizer.vision.inference import Colorizer, Hint
from tests.vision.test_inference import scene
from training.companions import accompany
from training.errors import TrainingRefused

GREYS = [scene(90, 120, 1), scene(200, 160, 2), scene(64, 64, 3)]
RED = Hint(30, 20, (200, 60, 40))
SIZE, OTHER = 128, 96


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped colorizers: one takes hints and names the other."""
    made = tmp_path_factory.mktemp("together")
    for name, own in (("lite2-fpn", "main"), ("lite0-fpn", "other")):
        for suffix in (".safetensors", ".onnx"):
            source = (checkpoints.SHIPPED / name).with_suffix(suffix)
            shutil.copy(source, made / f"{own}{suffix}")
        text = json.loads((checkpoints.SHIPPED / f"{name}.json").read_text("utf-8"))
        text["parameters"].pop("companions", None)
        text["parameters"]["working_size"] = SIZE
        for alone in (own, f"{own}-alone"):
            (made / f"{alone}.json").write_text(json.dumps(text), "utf-8")
    for suffix in (".safetensors", ".onnx"):
        shutil.copy(made / f"main{suffix}", made / f"main-alone{suffix}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(checkpoints.FOLDER_VARIABLE, str(made))
        accompany(made / "main.json", "2.0", {"other": OTHER})
    return made


@pytest.fixture(autouse=True)
def _own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(folder))


def loaded(name: str, engine: str = "onnxruntime") -> Colorizer:
    return Colorizer(name, "cpu", engine=engine)


@pytest.mark.parametrize("engine", ["torch", "onnxruntime"])
def test_the_mean_lies_between_what_each_would_say(engine: str) -> None:
    both, alone = loaded("main", engine), loaded("main-alone", engine)
    other = loaded("other", engine)
    as_guessed = {"chroma_scale": 1.0, "chroma_power": 0.0}
    for each in (both, alone):
        each.adjust(as_guessed)
    temperature = both.card.parameters["temperature"]
    other.adjust({**as_guessed, "temperature": temperature, "working_size": OTHER})
    greys = [both.prepare(grey) for grey in GREYS]
    three = (each.predict(greys) for each in (both, alone, other))
    for mean, own, theirs in zip(*three, strict=True):
        assert mean.cb.shape == own.cb.shape != theirs.cb.shape
        for plane, one, two in (
            (mean.cb, own.cb, theirs.cb),
            (mean.cr, own.cr, theirs.cr),
        ):
            # Over the whole picture, sizes and the change of space hardly matter.
            assert plane.mean() == pytest.approx((one.mean() + two.mean()) / 2, abs=0.3)
            assert np.abs(plane - one).max() > 1


def test_a_hint_is_followed_where_it_is_and_nothing_turns_elsewhere() -> None:
    both, alone = loaded("main"), loaded("main-alone")
    plain = both.predict(GREYS)
    hinted = both.predict(GREYS, [[], [RED], []])
    followed = alone.predict(GREYS, [[], [RED], []])
    height, width = GREYS[1].shape
    rows, columns = hinted[1].cr.shape
    there = (int(RED.y * rows / height), int(RED.x * columns / width))
    assert hinted[1].cr[there] == pytest.approx(followed[1].cr[there], abs=0.5)
    far = (slice(rows // 2, None), slice(columns // 2, None))
    kept = np.abs(hinted[1].cr[far] - plain[1].cr[far]).mean()
    assert kept < np.abs(followed[1].cr[far] - plain[1].cr[far]).mean() / 2
    for place in (0, 2):
        assert np.array_equal(hinted[place].cr, plain[place].cr)
    assert both.predict([]) == []


def test_a_hint_that_the_network_agrees_with_counts_all_the_same() -> None:
    grey = np.zeros((64, 64), np.uint8)
    guessed, others = (
        Guess(grey, np.full((16, 16, 2), value, np.float32)) for value in (10, -10)
    )
    agreed = guessed.mean([others])
    steered = guessed.steered(guessed, agreed, [Hint(20, 40, (9, 9, 9))], (64, 64))
    assert steered.ab[10, 5] == pytest.approx([10, 10], abs=0.5)
    assert steered.ab[0, 15] == pytest.approx([0, 0], abs=0.1)


def test_what_is_tuned_is_tuned_for_all_but_each_keeps_its_size() -> None:
    both = loaded("main")
    [other] = both.companions
    both.adjust({"working_size": 160, "chroma_scale": 0.0, "temperature": 0.3})
    assert (both.working_size, other.working_size) == (160, OTHER)
    assert other.card.parameters["temperature"] == 0.3
    [grey] = both.predict(GREYS[:1])
    assert np.abs(grey.cb).max() < 1e-3


def test_another_companion_than_the_card_names_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    shutil.copytree(folder, own)
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(own))
    for suffix in (".json", ".safetensors", ".onnx"):
        shutil.copy(own / f"main-alone{suffix}", own / f"other{suffix}")
    with pytest.raises(CheckpointCorrupt, match="main colours together with other"):
        loaded("main")
    (own / "other.json").unlink()
    with pytest.raises(CheckpointNotFound, match="'other'"):
        loaded("main")


def test_only_other_colorizers_accompany(folder: Path, tmp_path: Path) -> None:
    card = shutil.copy(folder / "other.json", tmp_path / "other.json")
    before = card.read_bytes()
    for wrong in ("lite0-tags", "other", "main"):
        with pytest.raises(TrainingRefused, match=wrong):
            accompany(card, "1.1", {wrong: 160})
    with pytest.raises(CheckpointNotFound, match="'nobody'"):
        accompany(card, "1.1", {"nobody": 160})
    assert card.read_bytes() == before
    accompany(card, "1.1", {"main-alone": 160})
    text = json.loads(card.read_text("utf-8"))
    assert text["version"] == "1.1"
    assert text["figures"] == {}
    [named] = text["parameters"]["companions"]
    assert named["sha256"] == checkpoints.card("main-alone").sha256
    accompany(card, "1.2", {})
    assert "companions" not in json.loads(card.read_text("utf-8"))["parameters"]
