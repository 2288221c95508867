"""Segmentation: masks in the pack, a loss without void, and what a run comes to."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from tests.training.conftest import draw, draw_sets
from tests.training.test_runs import WIDTHS, quiet, recipe, run_training
from training.compare import FROZEN
from training.errors import EmptySplit, RecipeInvalid, UnknownLabel
from training.metrics import mean_iou
from training.pack import Masked, Pack, prepare
from training.pretrain import Pretraining
from training.recipes.transfers import Segment
from training.segment import (
    Segmenting,
    confusions,
    crop_masked,
    void_free_cross_entropy,
)
from training.sources import CLASSES, VOID, read_mask


def draw_masked(root: Path, source: str = "voc", pictures: int = 8) -> None:
    """Draw sets whose masks say: class 0 left, class 1 right, void between."""
    if source == "voc":
        draw_sets(root, voc=pictures)
        files = sorted((root / "voc" / "images").glob("*.jpg"))
    else:
        for number in range(pictures):
            split = "test" if number % 4 == 3 else "train"
            draw(root / "camvid" / split / f"{number}.jpg", number)
        for split in ("train", "val", "test"):
            (root / "camvid" / split).mkdir(parents=True, exist_ok=True)
        files = sorted((root / "camvid").glob("*/*.jpg"))
    for file in files:
        width, height = Image.open(file).size
        mask = np.zeros((height, width), np.uint8)
        mask[:, width // 2 :] = 1
        mask[:, width // 2 - 1 : width // 2 + 1] = VOID if source == "voc" else 11
        place = {
            "voc": root / "voc" / "masks" / f"{file.stem}.png",
            "camvid": file.parent.with_name(f"{file.parent.name}annot")
            / f"{file.stem}.png",
        }[source]
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).save(place)


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    root = tmp_path_factory.mktemp("masked")
    draw_masked(root)
    return prepare(root, root / "pack", ["voc", "scenes"])


def segments(**changes: object) -> Segment:
    given = {
        "steps": 2,
        "sources": {"voc": 1.0},
        "batch": 2,
        "size": 32,
        "warmup": 1,
        "widths": WIDTHS,
        "working_size": 64,
        **changes,
    }
    return Segment("drawn-segments", **given)  # type: ignore[arg-type]


def test_masks_are_packed_at_their_own_size(tmp_path: Path) -> None:
    draw(tmp_path / "camvid" / "train" / "wide.jpg", 1, (400, 240))
    for split in ("val", "test"):
        (tmp_path / "camvid" / split).mkdir(parents=True)
    mask = np.full((240, 400), 11, np.uint8)
    mask[:100] = 3
    (tmp_path / "camvid" / "trainannot").mkdir()
    Image.fromarray(mask).save(tmp_path / "camvid" / "trainannot" / "wide.png")
    pack = prepare(tmp_path, tmp_path / "pack", ["camvid"])
    [entry] = pack.entries
    assert min(entry.height, entry.width) == 176
    packed = pack.mask(entry)
    assert packed.shape == (240, 400)
    assert np.array_equal(np.unique(packed), [3, VOID])
    assert Masked(pack.folder).picture(entry).shape == (
        *pack.picture(entry).shape[:2],
        4,
    )


def test_only_pictures_with_masks_are_chosen(masked: Pack) -> None:
    chosen = masked.select("fit", masked=True)
    assert {entry.source for entry in chosen} == {"voc"}
    with pytest.raises(EmptySplit):
        masked.select("fit", masked=True, sources=["scenes"])


@pytest.mark.parametrize(("value", "size"), [(77, (8, 6)), (1, (9, 6))])
def test_a_mask_that_does_not_fit_is_refused(
    tmp_path: Path, value: int, size: tuple[int, int]
) -> None:
    file = tmp_path / "mask.png"
    Image.fromarray(np.full((6, 8), value, np.uint8)).save(file)
    with pytest.raises(UnknownLabel, match=r"mask\.png"):
        read_mask(file, "voc", size)


def test_a_palette_mask_gives_its_indices(tmp_path: Path) -> None:
    file = tmp_path / "mask.png"
    image = Image.fromarray(np.array([[0, 20, 255]], np.uint8))
    image.putpalette([7] * 768)
    image.save(file)
    assert read_mask(file, "voc", (3, 1)).tolist() == [[0, 20, VOID]]


def test_picture_and_mask_are_cut_alike() -> None:
    rng = np.random.default_rng(0)
    classes = np.kron(rng.integers(0, 2, (4, 5), dtype=np.uint8), np.ones((16, 16)))
    classes = classes.astype(np.uint8)
    picture = np.dstack([*[classes * 200] * 3, classes])
    for seed in range(8):
        cut = crop_masked(picture, 32, np.random.default_rng(seed), 0.5)
        inside = (cut[..., 0] < 40) | (cut[..., 0] > 160)
        assert inside.mean() > 0.5
        assert np.array_equal(cut[inside][:, 0] > 100, cut[inside][:, 3] == 1)
        assert set(np.unique(cut[..., 3])) <= {0, 1}


def test_void_counts_for_nothing() -> None:
    scores = torch.randn(2, 5, 6, 6, requires_grad=True)
    classes = torch.randint(0, 5, (2, 6, 6))
    classes[:, :3] = VOID
    loss = void_free_cross_entropy(scores, classes)
    flat = scores[:, :, 3:].permute(0, 2, 3, 1).reshape(-1, 5)
    expected = F.cross_entropy(flat, classes[:, 3:].reshape(-1))
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    loss.backward()
    assert scores.grad is not None
    assert scores.grad[:, :, :3].abs().max() == 0
    nothing = torch.full((2, 6, 6), VOID)
    assert void_free_cross_entropy(scores, nothing).item() == 0.0


def test_mean_iou_is_the_naive_one() -> None:
    rng = np.random.default_rng(0)
    truth, found = rng.integers(0, 4, 500), rng.integers(0, 4, 500)
    confusion = np.zeros((6, 6), np.int64)
    np.add.at(confusion, (truth, found), 1)
    mean, each = mean_iou(confusion)
    naive = [
        ((truth == c) & (found == c)).sum() / ((truth == c) | (found == c)).sum()
        for c in range(4)
    ]
    assert each[:4] == pytest.approx(naive)
    assert np.isnan(each[4:]).all()
    assert mean == pytest.approx(np.mean(naive))


def test_every_place_with_a_class_is_judged(tmp_path: Path, masked: Pack) -> None:
    learning = Segmenting(segments(), masked, tmp_path, "scratch", quiet)
    held = masked.select("held", masked=True)
    found = confusions(learning.network, masked, held, 64)
    for entry, one in zip(held, found, strict=True):
        mask = masked.mask(entry)
        assert one.sum() == (mask != VOID).sum()
        assert one.sum(1)[:2].tolist() == [(mask == 0).sum(), (mask == 1).sum()]


def test_it_learns_where_left_and_right_are(tmp_path: Path) -> None:
    # Brightness follows the class, so that a few steps suffice.
    draw_masked(tmp_path, pictures=12)
    for file in (tmp_path / "voc" / "images").glob("*.jpg"):
        rgb = np.asarray(Image.open(file)).copy() // 3
        rgb[:, rgb.shape[1] // 2 :] += 150
        Image.fromarray(rgb).save(file, quality=95)
    pack = prepare(tmp_path, tmp_path / "pack", ["voc"])
    for entry in pack.entries:
        entry.split = "held" if entry.file.endswith(("v3.jpg", "v7.jpg")) else "fit"
    chosen = segments(steps=40, batch=4, rate=5e-3, average=0.8)
    learning = Segmenting(chosen, pack, tmp_path / "run", "scratch", quiet)
    before = np.trace(learning.measure().sum(0))
    learning.run()
    after = learning.measure().sum(0)
    assert np.trace(after) > max(before, 0.8 * after.sum())


def test_a_generator_is_taken_over_with_its_decoder(
    tmp_path: Path, masked: Pack
) -> None:
    Pretraining(recipe(steps=1), masked, tmp_path / "colour", quiet).run()
    coloured = str(tmp_path / "colour")
    learning = Segmenting(segments(), masked, tmp_path / "run", coloured, quiet)
    state = torch.load(tmp_path / "colour" / "state.pt", weights_only=True)["average"]
    for key in ("encoder.blocks.0.project.conv.weight", "decoder.merge4.norm.bias"):
        assert torch.equal(learning.network.state_dict()[key], state[key])
    assert learning.network.bins == len(CLASSES["voc"]) == 21
    assert learning.run()
    assert learning.state()["pretrained"] == "drawn at step 1"


def test_a_frozen_encoder_stays_as_it_is_and_the_decoder_learns(
    tmp_path: Path, masked: Pack
) -> None:
    frozen = segments(first_trained_block=FROZEN)
    learning = Segmenting(frozen, masked, tmp_path, "scratch", quiet)
    before = {k: v.clone() for k, v in learning.network.named_parameters()}
    assert learning.run()
    for name, weight in learning.network.named_parameters():
        stayed = torch.equal(weight, before[name])
        assert stayed == name.startswith("encoder."), name


def test_pictures_of_rare_labels_are_drawn_more_often(
    tmp_path: Path, masked: Pack
) -> None:
    plain = segments(balance=0.0)
    equal = Segmenting(plain, masked, tmp_path / "a", "scratch", quiet)
    assert len(set(equal.batches.weights)) == 1
    even = Segmenting(segments(balance=1.0), masked, tmp_path / "b", "scratch", quiet)
    entries = even.batches.entries
    counts = Counter(label for entry in entries for label in entry.present)
    for entry, weight in zip(entries, even.batches.weights, strict=True):
        assert weight == pytest.approx(1 / min(counts[each] for each in entry.present))


def test_one_set_is_segmented_at_a_time(tmp_path: Path, masked: Pack) -> None:
    both = segments(sources={"voc": 1.0, "camvid": 1.0})
    with pytest.raises(RecipeInvalid, match="no other"):
        Segmenting(both, masked, tmp_path, "scratch", quiet)


def test_the_command_writes_the_measure(tmp_path: Path) -> None:
    draw_masked(tmp_path, "camvid")
    prepare(tmp_path, tmp_path / "pack", ["camvid"])
    text = (
        'name = "drawn"\nsteps = 1\nbatch = 2\nsize = 32\nwidths = [8, 8, 8, 8]\n'
        "working_size = 64\n[sources]\ncamvid = 1.0\n"
    )
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    words = ["segment", tmp_path / "recipe.toml", "--start", "scratch"]
    done = run_training(*words, "--pack", tmp_path / "pack", "--run", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "run" / "iou.csv").open(encoding="utf-8") as lines:
        [row] = csv.DictReader(lines)
    assert row["start"] == "scratch"
    assert row["track"] == "S"
    assert int(row["pictures"]) == 2
    assert 0.0 <= float(row["mean_iou"]) <= 1.0
