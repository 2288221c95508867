import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import (
    CheckpointCorrupt,
    CheckpointNotFound,
    available,
    card,
    default,
    load_weights,
)
from colorizer.vision.inference import Colorizer
from training.sources import LABELS


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with a copy of the shipped colorizer in it."""
    for suffix in (".json", ".safetensors"):
        source = (checkpoints.SHIPPED / "lite0-fpn").with_suffix(suffix)
        shutil.copy(source, tmp_path / f"mine{suffix}")
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(tmp_path))
    return tmp_path


def test_the_shipped_ones_are_there_and_whole() -> None:
    shipped = {"lite0-fpn", "lite2-fpn", "lite2-tags", "lite0-terms"}
    assert shipped <= {c.name for c in available()}
    assert default("colorizer").parameters["network"]["hints"]
    for task in ("colorizer", "tagger"):
        assert default(task).task == task
        assert load_weights(default(task))
    size = sum(p.stat().st_size for p in checkpoints.SHIPPED.glob("*.safetensors"))
    assert size < 40_000_000


def test_the_cards_say_what_a_card_must() -> None:
    for found in (default("colorizer"), card("lite0-fpn"), default("tagger")):
        text = found.text
        assert text["track"] == "P"
        assert "ImageNet-supervised" in text["backbone"]
        assert all(entry["terms"] for entry in text["data"])
        for key in ("licence", "recipe", "seed", "commit", "limits", "intended_use"):
            assert text[key]
    assert list(default("tagger").labels) == LABELS
    assert set(default("tagger").thresholds) == set(LABELS)


def test_an_own_folder_is_looked_in_as_well(own: Path) -> None:
    assert {"mine", "lite0-fpn", "lite2-tags"} <= {c.name for c in available()}
    assert card("mine").weights.parent == own


def test_a_name_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(CheckpointNotFound, match=r"'gone'.*lite0-fpn") as refused:
        card("gone")
    assert refused.value.code == "checkpoint_not_found"
    with pytest.raises(CheckpointNotFound):
        card("../checkpoints/lite0-fpn")
    with pytest.raises(CheckpointNotFound, match="colorizer"):
        default("painter")


def test_changed_weights_are_refused(own: Path) -> None:
    weights = own / "mine.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(CheckpointCorrupt, match="mine") as refused:
        Colorizer("mine", device="cpu")
    assert refused.value.code == "checkpoint_corrupt"


def test_missing_weights_are_refused(own: Path) -> None:
    (own / "mine.safetensors").unlink()
    with pytest.raises(CheckpointNotFound, match="missing"):
        load_weights(card("mine"))


def test_weights_that_are_no_safetensors_are_refused(own: Path) -> None:
    import hashlib

    (own / "mine.safetensors").write_bytes(b"nothing")
    text = json.loads((own / "mine.json").read_text(encoding="utf-8"))
    text["sha256"] = hashlib.sha256(b"nothing").hexdigest()
    (own / "mine.json").write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(CheckpointCorrupt, match="safetensors"):
        load_weights(card("mine"))


def test_weights_of_another_network_are_refused(own: Path) -> None:
    text = json.loads((own / "mine.json").read_text(encoding="utf-8"))
    text["parameters"]["network"]["bins"] = 7
    (own / "mine.json").write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(CheckpointCorrupt, match="do not fit"):
        Colorizer("mine", device="cpu")


@pytest.mark.parametrize("content", ["{", "[]", '{"version": "1"}'])
def test_a_card_that_is_damaged_is_refused(own: Path, content: str) -> None:
    (own / "mine.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointCorrupt, match=r"mine\.json"):
        card("mine")


def test_naming_models_needs_no_torch() -> None:
    code = (
        "import sys; from colorizer.vision import checkpoints; "
        "checkpoints.available(); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
