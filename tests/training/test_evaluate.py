"""The protocol as a whole: from runs to cards with measured figures."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorizer.vision.checkpoints import FOLDER_VARIABLE
from tests.training.conftest import draw_sets
from tests.training.test_runs import SOURCES, quiet, recipe
from training import __main__ as command_line
from training import evaluate
from training.errors import DatasetMissing
from training.pack import Pack, prepare
from training.pretrain import Pretraining
from training.recipes import Transfer
from training.transfer import Transferring


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn sets, a pack with a tuning split, and a run of either kind."""
    root = tmp_path_factory.mktemp("world")
    draw_sets(root / "sets", voc=16, each_scene=3)
    prepare(root / "sets", root / "pack", ["voc", "scenes", "bsds"])
    index = root / "pack" / "index.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    chosen = [e for e in content["entries"] if e["split"] in {"fit", "tune"}]
    for place, entry in enumerate(chosen):
        entry["split"] = "tune" if place % 3 == 0 else "fit"
        entry["colour"] = True
    index.write_text(json.dumps(content), encoding="utf-8")
    pack = Pack(root / "pack")
    Pretraining(recipe(steps=1), pack, root / "colour", quiet).run()
    tags = Transfer("drawn-tags", 1, SOURCES, batch=2, size=32)
    Transferring(tags, pack, root / "tags", root / "colour", quiet).run()
    return root


def command(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """Run a verb in this process."""
    monkeypatch.setenv(FOLDER_VARIABLE, "")  # what a verb sets goes with the test
    monkeypatch.setattr("sys.argv", ["training", *map(str, words)])
    return command_line.main()


@pytest.mark.parametrize(
    ("run", "name", "methods"),
    [
        (
            "colour",
            "drawn",
            {"grey", "mean colour", "colour by lightness", "untrained", "drawn"},
        ),
        ("tags", "drawn-tags", {"tagger", "untrained", "label frequency"}),
    ],
)
def test_figures_come_from_measuring(
    world: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: str,
    name: str,
    methods: set[str],
) -> None:
    given = ("--pack", world / "pack", "--checkpoints", world / "checkpoints")
    made = ("--version", "1", "--working-size", "64")
    assert command(monkeypatch, "export", world / run, *given, *made) == 0
    card = world / "checkpoints" / f"{name}.json"
    assert json.loads(card.read_text(encoding="utf-8"))["figures"] == {}
    data = ("--data", world / "sets", "--results", world / "results")
    assert command(monkeypatch, "evaluate", name, *given, *data) == 0
    text = json.loads(card.read_text(encoding="utf-8"))
    figures = [row for rows in text["figures"].values() for row in rows]
    assert {row["method"] for row in figures} == methods
    assert text["tuning"]["split"] == "tune"
    with (world / "results" / f"{name}.csv").open(encoding="utf-8") as lines:
        assert len(list(csv.DictReader(lines))) == len(figures)
    if run == "tags":
        assert set(text["thresholds"]) == set(text["labels"])
        assert {row["condition"] for row in figures} == {"grey", "aged"}


def test_a_sheet_shows_grey_colour_and_truth(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = world / "sheet.png"
    words = ("sheet", "lite0-fpn", world / "sets" / "bsds", out, "--side", "40")
    assert command(monkeypatch, *words) == 0
    with Image.open(out) as page:
        assert page.size == (3 * (3 * 40 + 8), 44)


def test_grey_against_itself_has_the_ratio_one(world: Path) -> None:
    pictures = evaluate.read_folder(world / "sets" / "bsds")
    rows = evaluate.table(
        "bsds", pictures, {"no colour": (evaluate.no_colour, ("clean",))}, quiet
    )
    assert [row.method for row in rows] == ["grey", "no colour"]
    assert rows[1].ratio_to_grey == rows[1].ratio_low == rows[1].ratio_high == 1.0


def test_the_aged_copy_is_the_same_each_time() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    first = evaluate.degraded("a", rgb)
    assert np.array_equal(first, evaluate.degraded("a", rgb))
    assert not np.array_equal(first, evaluate.degraded("b", rgb))


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissing, match="no pictures"):
        evaluate.read_folder(tmp_path)
