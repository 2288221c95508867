"""The protocol as a whole: from runs to cards with measured figures."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorizer.vision.checkpoints import FOLDER_VARIABLE, SHIPPED
from colorizer.vision.colour import Chroma
from colorizer.vision.hinting import Hint
from colorizer.vision.inference import Colorizer
from colorizer.vision.merge import merge
from tests.training.conftest import draw_sets
from tests.training.test_runs import SOURCES, quiet, recipe
from tests.vision.test_inference import scene
from training import __main__ as command_line
from training import evaluate, tuning
from training.baselines import Neighbours, no_colour
from training.errors import DatasetMissing
from training.pack import Pack, prepare
from training.pretrain import Pretraining
from training.recipes import Transfer
from training.sheets import Shown, gallery
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
            {
                "grey",
                "mean colour",
                "colour by lightness",
                "nearest neighbour",
                "untrained",
                "drawn",
            },
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


def test_a_shipped_card_is_not_written_into_by_mistake(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (SHIPPED / "lite0-fpn.json").read_bytes()
    given = ("--pack", world / "pack", "--data", world / "sets")
    nowhere = ("--checkpoints", world / "nowhere")
    assert command(monkeypatch, "evaluate", "lite0-fpn", *given, *nowhere) == 1
    assert "There is no lite0-fpn in" in capsys.readouterr().err
    assert (SHIPPED / "lite0-fpn.json").read_bytes() == before


def test_vividness_is_tuned_on_equally_many_pictures_of_every_set(world: Path) -> None:
    pack = Pack(world / "pack")
    sizes = {
        source: len(pack.select("tune", colour=True, sources=[source]))
        for source in ("voc", "scenes")
    }
    few, many = sorted(sizes, key=sizes.__getitem__)
    assert sizes[few] < sizes[many]

    def found(count: int) -> Counter[str]:
        pictures = tuning.tuning_pictures(pack, count, list(sizes))
        return Counter(file.split("/")[0] for file, _ in pictures)

    assert found(2 * sizes[few]) == {few: sizes[few], many: sizes[few]}
    # A set that has not as many is left out; where all lack some, none is.
    assert found(2 * sizes[many]) == {many: sizes[many]}
    assert found(1000) == sizes


def test_the_scale_is_sought_that_is_just_colourful_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "WORKING_SIZES", (96, 128))
    monkeypatch.setattr(tuning, "TEMPERATURES", (0.5,))
    monkeypatch.setattr(tuning, "POWERS", (0.0, 0.3))
    card = tmp_path / "own.json"
    shutil.copy(SHIPPED / "lite0-fpn.json", card)
    colorizer = Colorizer("lite0-fpn", "cpu")
    pictures = []
    for place, truth in enumerate((tuning.FIRST_SCALE / 1.5, 0.7)):
        # The truth is what it sees itself, with more chroma or less.
        grey = scene(96, 128, place)
        colorizer.adjust({"working_size": 128, "chroma_scale": truth})
        [seen] = colorizer.predict([grey])
        pictures.append((f"{place}", merge(grey, seen).astype(np.uint8)))
    said: list[str] = []
    tuning.tune(card, colorizer, pictures, said.append)
    tried = [dict(zip(*[iter(line.split())] * 2, strict=True)) for line in said]
    assert len(tried) <= 4 * tuning.TRIES
    text = json.loads(card.read_text("utf-8"))
    chosen = text["tuning"]["chosen"]
    assert 0.8 <= chosen["colourfulness_ratio"] <= 0.8 + 3 * tuning.CLOSE
    vivid = [t for t in tried if float(t["colourfulness_ratio"]) >= 0.8]
    assert chosen["delta_e00"] == min(float(t["delta_e00"]) for t in vivid)
    for key in tuning.CHOSEN:
        assert text["parameters"][key] == chosen[key]


def test_a_colorizer_is_given_company(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for suffix in (".json", ".safetensors"):
        shutil.copy((SHIPPED / "lite2-fpn").with_suffix(suffix), tmp_path)
    given = ("accompany", "lite2-fpn", "--checkpoints", tmp_path)
    assert command(monkeypatch, *given, "--version", "2", "--with", "lite0-fpn:64") == 0
    text = json.loads((tmp_path / "lite2-fpn.json").read_text("utf-8"))
    [named] = text["parameters"]["companions"]
    assert (named["name"], named["working_size"]) == ("lite0-fpn", 64)
    assert (
        command(monkeypatch, *given, "--version", "3", "--with", "lite2-tags:64") == 1
    )
    with pytest.raises(SystemExit):
        command(monkeypatch, *given, "--version", "3", "--with", "lite0-fpn")


def test_a_sheet_shows_grey_colour_and_truth(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = world / "sheet.png"
    words = ("sheet", "lite0-fpn", world / "sets" / "bsds", out, "--side", "40")
    assert command(monkeypatch, *words) == 0
    with Image.open(out) as page:
        assert page.size == (3 * (3 * 40 + 8), 44)
    assert command(monkeypatch, *words, "--failures") == 0
    with Image.open(out) as page:
        assert page.size == (2 * (3 * 40 + 8), 3 * (28 + 40 + 14 + 4))


def test_grey_against_itself_has_the_ratio_one(world: Path) -> None:
    pictures = evaluate.read_folder(world / "sets" / "bsds")
    rows = evaluate.table(
        "bsds", pictures, {"no colour": (no_colour, ("clean",))}, quiet
    )
    assert [row.method for row in rows] == ["grey", "no colour"]
    assert rows[1].ratio_to_grey == rows[1].ratio_low == rows[1].ratio_high == 1.0
    assert rows[1].fd_lite0 == rows[0].fd_lite0 > 0


def test_the_truth_is_at_no_distance_from_itself(world: Path) -> None:
    pictures = evaluate.read_folder(world / "sets" / "bsds")
    truth = [Chroma.from_rgb(rgb) for _, rgb in pictures]
    rows = evaluate.table(
        "bsds", pictures, {"truth": (lambda _: truth, ("clean",))}, quiet
    )
    assert rows[1].delta_e00 < 1.0 < rows[0].delta_e00
    assert rows[1].fd_lite0 < 0.1 * rows[0].fd_lite0
    assert rows[1].colourfulness_ratio == pytest.approx(1.0, abs=0.02)


def test_sets_with_splits_are_judged_on_what_was_held_back(world: Path) -> None:
    pack = Pack(world / "pack")
    held = {name for name, _ in evaluate.held_pictures(world / "sets", pack, "voc")}
    assert held == {e.file for e in pack.select("held", colour=True, sources=["voc"])}
    whole = evaluate.held_pictures(world / "sets", pack, "bsds")
    assert [name for name, _ in whole] == ["b0", "b1"]
    with pytest.raises(DatasetMissing):
        evaluate.held_pictures(world / "sets", pack, "nowhere")


def test_the_nearest_neighbour_of_a_training_picture_is_itself(world: Path) -> None:
    pack = Pack(world / "pack")
    entries = pack.select("fit", colour=True)
    near = Neighbours(pack, entries)
    grey = np.asarray(Image.fromarray(pack.picture(entries[3])).convert("L"))
    assert near.nearest(grey) == entries[3]
    assert near.nearest(255 - grey) != entries[3]
    [chroma] = near.colours([grey])
    true = Chroma.from_rgb(pack.picture(entries[3]))
    assert float(chroma.cb.mean()) == pytest.approx(float(true.cb.mean()), abs=3)
    assert float(chroma.cr.mean()) == pytest.approx(float(true.cr.mean()), abs=3)


def test_the_gallery_shows_the_worst_first() -> None:
    picture = np.zeros((20, 30, 3), np.uint8)
    shown = [
        Shown(str(i), picture[..., 0], np.full_like(picture, 10 * i), picture, i, -i)
        for i in range(9)
    ]
    page = np.asarray(gallery(shown, side=30, each=2))
    rows = [28 + 14, 28 + 48 + 28 + 14]  # headings, lines above, pictures of 30
    assert page[rows[0] + 5, 35].tolist() == [80] * 3
    assert page[rows[0] + 5, 35 + 98].tolist() == [70] * 3
    assert page[rows[1] + 5, 35].tolist() == [0] * 3
    assert page[rows[1] + 5, 35 + 98].tolist() == [10] * 3
    same = np.asarray(gallery(list(reversed(shown)), side=30, each=2))
    assert np.array_equal(page[: rows[1] + 20], same[: rows[1] + 20])


def test_true_hints_are_the_pictures_own_and_the_same_each_time(world: Path) -> None:
    [(name, rgb), *_] = evaluate.read_folder(world / "sets" / "bsds")
    hints = evaluate.true_hints(name, rgb)
    assert len(hints) == evaluate.HINTS
    assert hints == evaluate.true_hints(name, rgb)
    assert hints != evaluate.true_hints("other", rgb)
    told: list[object] = []

    def method(greys: list[np.ndarray], points: list[list[Hint]]) -> list[Chroma]:
        told.extend(points)
        return no_colour(greys)

    evaluate.score([(name, rgb)], method, condition="hinted")
    assert told == [hints]
    flat = np.full((50, 80, 3), (10, 200, 90), np.uint8)
    for hint in evaluate.true_hints("flat", flat):
        assert hint.inside(50, 80)
        assert hint.colour == (10, 200, 90)


def test_the_aged_copy_is_the_same_each_time() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    first = evaluate.degraded("a", rgb)
    assert np.array_equal(first, evaluate.degraded("a", rgb))
    assert not np.array_equal(first, evaluate.degraded("b", rgb))


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissing, match="no pictures"):
        evaluate.read_folder(tmp_path)
