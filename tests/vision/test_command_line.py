"""`python -m colorizer`: files in, files and labels out, nothing else needed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archive.pictures import open_picture
from colorizer import __main__ as command_line
from colorizer.__main__ import main, name_results
from colorizer.vision import checkpoints
from colorizer.vision.colour import luma
from colorizer.vision.disclosure import DIGITAL_SOURCE_TYPE
from colorizer.vision.inference import Colorizer

COLORIZER = checkpoints.default("colorizer")
TAGGER = checkpoints.default("tagger")


def scan(path: Path, *, dtype: type = np.uint8, seed: int = 0) -> Path:
    """A small grey picture with shapes in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[0:60, 0:80]
    grey = 90 + 80 * np.sin(x / 9 + seed) * np.cos(y / 7) + (y > 30) * 40
    Image.fromarray((grey * (np.iinfo(dtype).max / 255)).astype(dtype)).save(path)
    return path


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


# colorize


def test_it_writes_a_png_with_the_luma_of_the_scan(tmp_path: Path) -> None:
    source = scan(tmp_path / "in" / "a.png")
    before = source.read_bytes()
    assert run("colorize", source, "--out", tmp_path / "out", "--device", "cpu") == 0
    result = tmp_path / "out" / "a.png"
    merged = Image.open(result)
    grey = np.asarray(Image.open(source).convert("L"))
    assert (np.asarray(merged.convert("L")) == grey).all()
    assert np.ptp(np.asarray(merged).astype(int), axis=-1).max() > 0
    assert merged.getxmp()["xmpmeta"]["RDF"]["Description"]["DigitalSourceType"] == (
        DIGITAL_SOURCE_TYPE
    )
    assert source.read_bytes() == before


def test_16_bits_become_a_tiff(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.tif", dtype=np.uint16)
    assert run("colorize", source, "--out", tmp_path / "out") == 0
    merged = open_picture(tmp_path / "out" / "a.tif").pixels
    assert merged.dtype == np.uint16
    assert (luma(merged) == open_picture(source).pixels).all()


def test_alpha_survives(tmp_path: Path) -> None:
    grey = np.asarray(Image.open(scan(tmp_path / "grey.png")))
    alpha = (grey * 3).astype(np.uint8)
    Image.fromarray(np.dstack([grey, alpha]), mode="LA").save(tmp_path / "a.png")
    assert run("colorize", tmp_path / "a.png", "--out", tmp_path / "out") == 0
    result = open_picture(tmp_path / "out" / "a.png")
    assert result.alpha is not None
    assert (result.alpha == alpha).all()
    assert (luma(result.pixels) == grey).all()


def test_a_toned_print_is_turned_to_luma_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey = np.asarray(Image.open(scan(tmp_path / "grey.png")))[..., None] / 255
    sepia = (40, 22, 10) + grey * (205, 203, 180)
    Image.fromarray(sepia.astype(np.uint8)).save(tmp_path / "a.png")
    assert run("colorize", tmp_path / "a.png", "--out", tmp_path / "out") == 0
    assert "(was toned)" in capsys.readouterr().out
    merged = Image.open(tmp_path / "out" / "a.png")
    expected = np.asarray(Image.open(tmp_path / "a.png").convert("L"))
    assert (np.asarray(merged.convert("L")) == expected).all()
    assert merged.getxmp()["xmpmeta"]["RDF"]["Description"]["SourceTone"] == "toned"


def test_strength_nought_stays_grey(tmp_path: Path) -> None:
    source = scan(tmp_path / "a.png")
    assert run("colorize", source, "--out", tmp_path / "o", "--strength", 0) == 0
    merged = open_picture(tmp_path / "o" / "a.png").pixels
    assert (merged == np.asarray(Image.open(source))[..., None]).all()


def test_a_bad_file_is_named_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = scan(tmp_path / "good.png"), tmp_path / "bad.jpg"
    bad.write_text("not a picture")
    files = [bad, tmp_path / "missing.png", tmp_path, good]
    assert run("colorize", *files, "--out", tmp_path / "out") == 1
    assert (tmp_path / "out" / "good.png").is_file()
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert f"{bad}: The content is not a picture" in told[0]
    assert f"{tmp_path / 'missing.png'}: There is no such file" in told[1]
    assert "This is a folder" in told[2]


def test_files_of_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    first, second = (
        scan(tmp_path / "a" / "x.png"),
        scan(tmp_path / "b" / "x.tif", seed=2),
    )
    for _ in range(2):  # a second run replaces its own results
        assert run("colorize", first, second, "--out", tmp_path / "out") == 0
        names = sorted(each.name for each in (tmp_path / "out").iterdir())
        assert names == ["x-2.png", "x.png"]
    for source, name in ((first, "x.png"), (second, "x-2.png")):
        merged = open_picture(tmp_path / "out" / name).pixels
        assert (luma(merged) == open_picture(source).pixels).all()


def test_a_source_is_never_replaced(tmp_path: Path) -> None:
    source = scan(tmp_path / "x.png")
    before = source.read_bytes()
    assert run("colorize", source, "--out", tmp_path) == 0
    assert source.read_bytes() == before
    assert (tmp_path / "x-2.png").is_file()


def test_the_file_of_another_scan_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.png").write_text("mine")
    scan(tmp_path / "x.png")
    assert run("colorize", tmp_path / "x.png", "--out", tmp_path / "out") == 1
    assert (tmp_path / "out" / "x.png").read_text() == "mine"
    assert "was not made from this scan" in capsys.readouterr().err


def test_names_are_told_apart_whatever_their_case(tmp_path: Path) -> None:
    files = [
        str(tmp_path / name) for name in ("A.jpg", "b/a.tif", "c/a-2.png", "A.jpg")
    ]
    stems = name_results(files, tmp_path / "out")
    assert list(stems.values()) == ["A", "a-2", "a-2-2"]


def test_out_must_be_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = scan(tmp_path / "a.png")
    assert run("colorize", source, "--out", source) == 2
    assert "cannot be a folder" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["colorize", "tag"])
def test_an_unknown_checkpoint_is_wrong_usage(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", tmp_path] if command == "colorize" else []
    assert run(command, scan(tmp_path / "a.png"), *out, "--checkpoint", "none") == 2
    assert "no checkpoint called 'none'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["paint"],
        ["colorize", "a.png"],
        ["colorize", "a.png", "--out", "x", "--strength", "much"],
        ["colorize", "a.png", "--out", "x", "--strength", "-1"],
        ["tag"],
        ["tag", "a.png", "--device", "abacus"],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_many_pictures_are_never_in_memory_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_line, "GROUP_FILES", 3)
    sizes = []
    predict = Colorizer.predict

    def counted(self: Colorizer, greys: list) -> list:
        sizes.append(len(greys))
        return predict(self, greys)

    monkeypatch.setattr(Colorizer, "predict", counted)
    files = [scan(tmp_path / f"{n}.png", seed=n) for n in range(7)]
    assert run("colorize", *files, "--out", tmp_path / "out") == 0
    assert sizes == [3, 3, 1]
    monkeypatch.setattr(command_line, "GROUP_PIXELS", 1)
    assert run("colorize", *files[:2], "--out", tmp_path / "out") == 0
    assert sizes[3:] == [1, 1]


def test_ctrl_c_ends_quietly(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Colorizer, "predict", interrupted)
    assert run("colorize", scan(tmp_path / "a.png"), "--out", tmp_path / "out") == 130
    assert "stopped" in capsys.readouterr().err


# tag


def test_tags_are_a_json_list_with_every_label(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [scan(tmp_path / "a.png"), scan(tmp_path / "b.tif", dtype=np.uint16)]
    assert run("tag", *files, "--json") == 0
    answers = json.loads(capsys.readouterr().out)
    assert [answer["file"] for answer in answers] == [str(file) for file in files]
    for answer in answers:
        assert set(answer) == {"file", "labels", "checkpoint"}
        assert answer["checkpoint"] == TAGGER.name
        assert set(answer["labels"]) == set(TAGGER.labels)
        assert all(0 <= score <= 1 for score in answer["labels"].values())


def test_a_bad_file_leaves_the_json_valid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = scan(tmp_path / "a.png"), tmp_path / "bad.png"
    bad.touch()
    assert run("tag", bad, good, "--json") == 1
    told = capsys.readouterr()
    assert [answer["file"] for answer in json.loads(told.out)] == [str(good)]
    assert f"{bad}: The file is empty" in told.err
    assert run("tag", bad, "--json") == 1
    assert json.loads(capsys.readouterr().out) == []


def test_without_json_tags_are_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("tag", scan(tmp_path / "a.png")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == str(tmp_path / "a.png")
    scores = [float(line.split()[-1].rstrip("%")) for line in lines[1:]]
    assert len(scores) == len(TAGGER.labels)
    assert scores == sorted(scores, reverse=True)


# card


def test_cards_describe_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("card", "--json") == 0
    cards = {card["name"]: card for card in json.loads(capsys.readouterr().out)}
    assert cards[COLORIZER.name]["sha256"] == COLORIZER.sha256
    assert cards[TAGGER.name]["task"] == "tagger"
    assert run("card") == 0
    shown = capsys.readouterr().out
    assert COLORIZER.sha256 in shown
    assert TAGGER.name in shown


# Without Django and databases


def test_it_needs_no_django_and_no_database(tmp_path: Path) -> None:
    """Blocked modules cannot be imported, so nothing here can have tried."""
    blocked = ("django", "pymongo", "django_q", "rest_framework", "psycopg")
    script = (
        f"import sys\nfor name in {blocked!r}: sys.modules[name] = None\n"
        "from colorizer.__main__ import main\nsys.exit(main(sys.argv[1:]))"
    )
    environment = {k: v for k, v in os.environ.items() if "DJANGO" not in k}
    answer = subprocess.run(
        [sys.executable, "-c", script, "tag", scan(tmp_path / "a.png"), "--json"],
        capture_output=True,
        check=True,
        env=environment,
    )
    assert len(json.loads(answer.stdout)) == 1


def test_help_and_cards_come_without_torch() -> None:
    script = (
        "import sys\nsys.modules['torch'] = None\nsys.argv = ['x', 'card']\n"
        "from runpy import run_module\n"
        "run_module('colorizer', run_name='__main__')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert COLORIZER.name in answer.stdout
