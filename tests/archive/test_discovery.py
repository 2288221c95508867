"""What a folder holds that may be scans, and which are backs of which."""

import os
import sys
from pathlib import Path

import pytest

from archive.errors import SourceUnreadable
from archive.ingest.discovery import backs, discover, sidecars
from tests.archive import scans


@pytest.fixture
def folder(tmp_path: Path, data_dir: Path) -> Path:
    path = tmp_path / "scans"
    path.mkdir()
    return path


def found(folder: Path) -> list[str]:
    return [candidate.path for candidate in discover(folder)]


def test_it_looks_below_and_in_order(folder: Path) -> None:
    for name in ("b/2.jpg", "b/1.tif", "a.png", "ž/ý 3.jpg"):
        scans.grey(folder / name)
    assert found(folder) == ["a.png", "b/1.tif", "b/2.jpg", "ž/ý 3.jpg"]


def test_a_picture_without_an_extension_is_found_by_its_content(folder: Path) -> None:
    scans.grey(folder / "x.png").rename(folder / "x")
    (folder / "README").write_text("hello")
    assert found(folder) == ["x"]


def test_what_is_named_like_a_picture_is_listed_whatever_it_is(folder: Path) -> None:
    (folder / "x.jpg").write_text("not a picture")
    (folder / "y.tif").touch()
    assert found(folder) == ["x.jpg", "y.tif"]


def test_hidden_and_left_about_files_are_passed_over(folder: Path) -> None:
    for name in (
        ".hidden.jpg",
        "._x.tif",
        "Thumbs.db",
        "@eaDir/x.jpg",
        "__MACOSX/x.jpg",
        ".git/x.jpg",
    ):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\xff\xd8\xff")
    assert found(folder) == []


def test_links_are_listed_but_never_followed(folder: Path, tmp_path: Path) -> None:
    scans.grey(tmp_path / "elsewhere" / "secret.jpg")
    (folder / "link.jpg").symlink_to(tmp_path / "elsewhere" / "secret.jpg")
    (folder / "out").symlink_to(tmp_path / "elsewhere")
    (folder / "loop").symlink_to(folder)
    (folder / "broken.txt").symlink_to(folder / "nowhere")
    listed = list(discover(folder))
    assert [each.path for each in listed] == ["link.jpg", "loop", "out"]
    assert {each.code for each in listed} == {"link"}


def test_the_archives_own_data_folder_is_passed_over(data_dir: Path) -> None:
    scans.grey(data_dir / "masters" / "x.jpg")
    scans.grey(data_dir.parent / "y.jpg")
    assert found(data_dir.parent) == ["y.jpg"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes only on Linux")
def test_a_name_that_is_not_unicode_is_listed_with_a_reason(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.jpg")).write_bytes(b"x")
    (each,) = discover(folder)
    assert (each.path, each.code) == ("caf\\udce9.jpg", "unreadable_name")


def test_too_deep_a_path_is_listed_with_a_reason(folder: Path) -> None:
    deep = folder
    for _ in range(5):
        deep = deep / ("x" * 240)
    scans.grey(deep / "y.jpg")
    (each,) = discover(folder)
    assert each.code == "path_too_long"
    assert len(each.path) <= 1000


def test_a_missing_folder_is_told(folder: Path) -> None:
    with pytest.raises(SourceUnreadable, match="cannot be read"):
        list(discover(folder / "gone"))


def test_tables_are_found_below_too(folder: Path) -> None:
    (folder / "box").mkdir()
    for name in ("all.csv", "box/these.CSV", ".hidden.csv"):
        (folder / name).write_text("file\n")
    assert sidecars(folder) == ["all.csv", "box/these.CSV"]


@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("x.tif", "x_verso.tif"),
        ("x.tif", "x-back.jpg"),
        ("x.tif", "X Verso.TIF"),
        ("x_recto.tif", "x_verso.tif"),
        ("x-front.jpg", "x-back.jpg"),
        ("x_a.tif", "x_b.tif"),
        ("x.tif", "x_b.tif"),
        ("x_r.tif", "x_v.tif"),
        ("box/x.tif", "box/x.verso.tif"),
    ],
)
def test_backs_are_known_by_their_names(front: str, back: str) -> None:
    assert backs([front, back]) == {back: front}


@pytest.mark.parametrize(
    "paths",
    [
        ["x.tif", "y_verso.tif"],
        ["a/x.tif", "b/x_verso.tif"],
        ["x_a.tif", "x_b.tif", "x_c.tif"],
        ["x.tif", "x_a.tif", "x_b.tif"],
        ["x.tif", "xb.tif"],
        ["x.tif", "x.png", "x_verso.jpg"],
        ["outback.tif", "feedback.tif"],
        ["verso.tif", "back.tif"],
    ],
    ids=str,
)
def test_what_may_be_something_else_is_not_paired(paths: list[str]) -> None:
    assert backs(paths) == {}


def test_of_two_fronts_the_one_of_the_same_kind_is_chosen() -> None:
    paths = ["x.tif", "x.jpg", "x_verso.jpg"]
    assert backs(paths) == {"x_verso.jpg": "x.jpg"}
