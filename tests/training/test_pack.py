import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.conftest import draw, draw_sets
from training.duplicates import near_duplicates
from training.errors import DatasetMissing, EmptySplit, TrainingRefused, UnknownLabel
from training.names import ABSENT, CALTECH, NAMED, WNIDS
from training.pack import Pack, prepare
from training.sources import VOC_LABELS, pictures_of
from training.splits import split_of

SETS = ["voc", "scenes", "bsds"]


def test_it_keeps_every_picture_as_it_was(drawn: Path, pack: Pack) -> None:
    entry = next(e for e in pack.entries if e.file == "voc/images/v1.jpg")
    with Image.open(drawn / entry.file) as opened:
        assert np.array_equal(pack.picture(entry), np.asarray(opened.convert("RGB")))


def test_it_shrinks_the_shorter_side_and_keeps_the_aspect(tmp_path: Path) -> None:
    draw(tmp_path / "bsds" / "wide.png", 1, (720, 360))
    packed = prepare(tmp_path, tmp_path / "pack", ["bsds"])
    assert packed.picture(packed.entries[0]).shape == (176, 352, 3)


def test_the_sets_own_evaluation_pictures_are_held(pack: Pack) -> None:
    held = {e.file for e in pack.entries if e.split == "held"}
    assert {"voc/images/v3.jpg", "bsds/b0.jpg", "scenes/test/sea/0.jpg"} <= held
    assert not any(file.startswith("scenes/train") for file in held)


def test_splits_depend_on_the_name_alone() -> None:
    names = [f"voc/images/{i}.jpg" for i in range(2000)]
    tuned = [n for n in names if split_of(n) == "tune"]
    assert tuned == [n for n in reversed(names) if split_of(n) == "tune"][::-1]
    assert 0.04 < len(tuned) / len(names) < 0.08


def test_grey_and_toned_pictures_teach_no_colour(tmp_path: Path) -> None:
    draw(tmp_path / "bsds" / "colour.png", 5)
    with Image.open(tmp_path / "bsds" / "colour.png") as opened:
        grey = opened.convert("L")
    grey.point(lambda v: 255 - v).save(tmp_path / "bsds" / "grey.png")
    tint = np.stack([np.asarray(grey) * share for share in (1.0, 0.85, 0.7)], -1)
    sepia = Image.fromarray(tint.astype(np.uint8)).rotate(180)
    sepia.save(tmp_path / "bsds" / "sepia.png")
    packed = prepare(tmp_path, tmp_path / "pack", ["bsds"])
    colour = {Path(e.file).stem: e.colour for e in packed.entries}
    assert colour["colour"]
    assert not colour["grey"]


def test_near_duplicates_of_held_pictures_leave_training(tmp_path: Path) -> None:
    draw_sets(tmp_path)
    with Image.open(tmp_path / "bsds" / "b0.jpg") as opened:
        copy = opened.resize((60, 74)).point(lambda v: min(255, int(v * 1.05)))
        copy.save(tmp_path / "voc" / "images" / "v0.jpg", quality=60)
    packed = prepare(tmp_path, tmp_path / "pack", SETS)
    entry = next(e for e in packed.entries if e.file == "voc/images/v0.jpg")
    assert (entry.split, entry.repeats) == ("out", "bsds/b0.jpg")
    original = next(e for e in packed.entries if e.file == "bsds/b0.jpg")
    assert original.split == "held"


def test_alike_hashes_of_different_pictures_are_no_duplicates() -> None:
    rng = np.random.default_rng(0)
    thumbnails = rng.integers(0, 256, (2, 16, 16), dtype=np.uint8)
    hashes = np.array([7, 7], np.uint64)
    assert near_duplicates(hashes, thumbnails) == {}
    assert near_duplicates(hashes, thumbnails[[0, 0]]) == {1: 0}


def test_it_names_the_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissing, match="bsds"):
        prepare(tmp_path, tmp_path / "pack", ["bsds"])
    with pytest.raises(DatasetMissing, match="prepare"):
        Pack(tmp_path)
    with pytest.raises(DatasetMissing, match="nowhere"):
        prepare(tmp_path, tmp_path / "pack", ["nowhere"])


def test_it_names_the_label_that_is_unknown(tmp_path: Path) -> None:
    draw_sets(tmp_path)
    table = tmp_path / "voc" / "labels.csv"
    table.write_text("id,split,labels\nv0,train_aug,unicorn\n", encoding="utf-8")
    with pytest.raises(UnknownLabel, match="unicorn"):
        prepare(tmp_path, tmp_path / "pack", ["voc"])


def test_it_names_the_picture_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bsds").mkdir()
    (tmp_path / "bsds" / "torn.jpg").write_bytes(b"no picture")
    with pytest.raises(TrainingRefused, match=r"torn\.jpg"):
        prepare(tmp_path, tmp_path / "pack", ["bsds"])


def test_an_empty_split_is_refused(pack: Pack) -> None:
    with pytest.raises(EmptySplit, match="bsds"):
        pack.select("fit", sources=["bsds"])


def test_the_hash_follows_the_pixels(tmp_path: Path, drawn: Path, pack: Pack) -> None:
    copy = tmp_path / "sets"
    shutil.copytree(drawn, copy)
    assert prepare(copy, tmp_path / "same", SETS).hash == pack.hash
    draw(copy / "bsds" / "b0.jpg", 999, (64, 80))
    assert prepare(copy, tmp_path / "other", SETS).hash != pack.hash


@pytest.mark.parametrize(
    ("source", "stem", "label"),
    [
        ("varied", "n01514668_cock", "bird"),
        ("varied", "n01622779_great_grey_owl", "bird"),
        ("varied", "n01629819_European_fire_salamander", None),
        ("varied", "n02058221_albatross", "bird"),
        ("varied", "n02066245_grey_whale", None),
        ("varied", "n02113978_Mexican_hairless", "dog"),
        ("varied", "n02114367_timber_wolf", None),
        ("varied", "n04147183_schooner", "boat"),
        ("varied", "n016_holiday", None),
        ("objects", "schooner__image_0007", "boat"),
        ("objects", "Motorbikes__image_0007", "motorbike"),
        ("objects", "flamingo_head__image_0007", "bird"),
        ("objects", "sunflower__image_0007", None),
    ],
)
def test_names_say_what_is_shown(source: str, stem: str, label: str | None) -> None:
    assert NAMED[source](stem) == label


def test_every_label_that_a_name_gives_is_one() -> None:
    assert set(WNIDS) == set(VOC_LABELS)
    assert set(CALTECH.values()) | set(ABSENT) <= set(VOC_LABELS)


def test_a_named_picture_shows_no_other_animal_and_perhaps_a_person(
    tmp_path: Path,
) -> None:
    draw(tmp_path / "varied" / "n01514668_cock.png", 1)
    draw(tmp_path / "varied" / "n03991062_pot.png", 2)
    draw(tmp_path / "varied" / "n07697537_hotdog.png", 3)
    cock, pot, hotdog = pictures_of(tmp_path, "varied")
    assert cock.present == ("bird",)
    assert {"bird", "dog", "train"} <= set(cock.known)
    assert not {"person", "chair", "sea"} & set(cock.known)
    assert pot.present == ("pottedplant",)
    assert {"pottedplant", "bird"} <= set(pot.known)
    assert hotdog.present == hotdog.known == ()
