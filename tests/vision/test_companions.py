"""Colorizers that colour together."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage.color import rgb2lab

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import CheckpointCorrupt, CheckpointNotFound
from colorizer.vision.guess import Guess
from colorizer.vision.inference import Colorizer, Hint
from colorizer.vision.vividness import Vividness
from tests.vision.test_inference import scene
from training.companions import accompany
from training.errors import TrainingRefused

GREYS = [scene(90, 120, 1), scene(200, 160, 2), scene(64, 64, 3)]
RED = Hint(30, 20, (200, 60, 40))
SIZE, OTHER = 128, 96


def copied(source: Path, own: Path) -> None:
    """Copy a checkpoint with its graphs, under a name of its own."""
    for part in (".safetensors", ".onnx", "-steered.onnx"):
        if Path(f"{source}{part}").exists():
            shutil.copy(f"{source}{part}", f"{own}{part}")
    text = json.loads(Path(f"{source}.json").read_text("utf-8"))
    text["parameters"].pop("companions", None)
    text["parameters"]["working_size"] = SIZE
    Path(f"{own}.json").write_text(json.dumps(text), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped colorizers: one takes hints and names the other."""
    made = tmp_path_factory.mktemp("together")
    for name, own in (
        ("lite2-fpn", "main"),
        ("lite2-fpn", "main-alone"),
        ("lite0-fpn", "other"),
    ):
        copied(checkpoints.SHIPPED / name, made / own)
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


def test_a_hint_is_followed_and_no_other_picture_turns() -> None:
    both = loaded("main")
    plain = both.predict(GREYS)
    hinted = both.predict(GREYS, [[], [RED], []])
    assert hinted[1].cr.mean() > plain[1].cr.mean() + 5
    for place in (0, 2):
        assert np.array_equal(hinted[place].cr, plain[place].cr)
    assert both.predict([]) == []


def test_what_a_hint_does_not_change_stays_as_it_was() -> None:
    grey = np.zeros((64, 64), np.uint8)
    before, others = (
        Guess(grey, np.full((16, 16, 2), value, np.float32)) for value in (10, -10)
    )
    changed = before.ab.copy()
    changed[:8, :8] = 60
    told, agreed = Guess(grey, changed), before.mean([others])
    steered = before.steered(told, agreed, [Hint(8, 8, (9, 9, 9))], (64, 64))
    assert steered.ab[:8, :8] == pytest.approx(60, abs=0.1)
    assert steered.ab[12:, 12:] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("vividness", [Vividness(), Vividness(1.3, 0.4)])
def test_at_its_point_a_hint_has_its_own_colour(vividness: Vividness) -> None:
    grey = np.full((64, 64), 90, np.uint8)
    grey[:, 32:] = 200
    guessed = Guess(grey, np.full((16, 16, 2), 5, np.float32))
    found = guessed.heeding([RED, Hint(5, 60, (0, 90, 200))], (64, 64), vividness)
    vivid = vividness.applied(np.moveaxis(found.ab, -1, 0))
    lab = rgb2lab(np.array([[RED.colour]]) / 255)[0, 0]
    assert vivid[:, RED.y // 4, RED.x // 4] == pytest.approx(lab[1:], abs=0.2)
    # Not beyond the edge of what is as light, and not far off.
    assert found.ab[5, 8] == pytest.approx([5, 5], abs=0.1)
    assert found.ab[0, 0] == pytest.approx([5, 5], abs=1.0)


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
    copied(own / "main-alone", own / "other")
    with pytest.raises(CheckpointCorrupt, match="main colours together with other"):
        loaded("main")
    (own / "other.json").unlink()
    with pytest.raises(CheckpointNotFound, match="'other'"):
        loaded("main")


def test_only_other_colorizers_accompany(folder: Path, tmp_path: Path) -> None:
    card = shutil.copy(folder / "other.json", tmp_path / "other.json")
    before = card.read_bytes()
    for wrong in ("lite2-tags", "other", "main"):
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
