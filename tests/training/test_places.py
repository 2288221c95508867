"""Masks teach a tagger where its labels are to be seen."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.training.conftest import draw_sets
from tests.training.test_runs import quiet
from training.augment import luma, squared
from training.losses.places import ENOUGH, GRAIN, place_bce, still_present
from training.pack import Masked, Pack, prepare
from training.recipes import Transfer
from training.sources import CLASSES, LABELS, VOC_LABELS, VOID
from training.transfer import Transferring, whole

DOG, SHEEP, SEA = (LABELS.index(label) for label in ("dog", "sheep", "sea"))
OF_DOG, OF_SHEEP = (CLASSES["voc"].index(label) for label in ("dog", "sheep"))


def test_place_bce_equals_its_naive_twin() -> None:
    torch.manual_seed(0)
    regions = torch.randn(2, len(LABELS), 2, 3)
    classes = torch.randint(0, 21, (2, 2 * GRAIN, 3 * GRAIN))
    classes[0, :GRAIN, :GRAIN] = VOID
    classes[1, :, :5] = VOID
    classes[1, :, 9:] = OF_DOG
    total = weights = 0.0
    for b in range(2):
        for y in range(2):
            for x in range(3):
                rows, columns = (slice(at * GRAIN, (at + 1) * GRAIN) for at in (y, x))
                place = classes[b, rows, columns].flatten().tolist()
                known = [each for each in place if each != VOID]
                if not known:
                    continue
                weight = len(known) / len(place)
                for label in VOC_LABELS:
                    number = CLASSES["voc"].index(label)
                    share = known.count(number) / len(known)
                    target = min(1.0, share / ENOUGH)
                    score = regions[b, LABELS.index(label), y, x].item()
                    chance = 1 / (1 + math.exp(-score))
                    each = target * math.log(chance)
                    each += (1 - target) * math.log(1 - chance)
                    total -= weight * each
                    weights += weight
    found = place_bce(regions, classes.float())
    assert found.item() == pytest.approx(total / weights, rel=1e-5)


def test_void_and_labels_without_masks_get_no_gradient() -> None:
    regions = torch.zeros(2, len(LABELS), 1, 2, requires_grad=True)
    classes = torch.full((2, GRAIN, 2 * GRAIN), float(VOID))
    classes[1, :, :GRAIN] = OF_SHEEP
    place_bce(regions, classes).backward()
    grad = regions.grad
    assert grad is not None
    assert not grad[0].any()
    assert not grad[1, :, :, 1].any()
    assert not grad[1, SEA].any()
    assert grad[1, SHEEP, 0, 0] < 0 < grad[1, DOG, 0, 0]
    assert place_bce(regions, torch.full_like(classes, VOID)).item() == 0


def test_what_was_cut_off_is_absent() -> None:
    classes = torch.zeros(3, 4, 4)
    classes[0, 0, 0] = OF_DOG
    classes[2] = VOID
    truth = torch.full((3, len(LABELS)), -1, dtype=torch.int8)
    truth[:, [DOG, SHEEP]] = torch.tensor([1, 1], dtype=torch.int8)
    truth[0, SHEEP] = 0
    left = still_present(truth, classes)
    assert left[0, [DOG, SHEEP]].tolist() == [1, 0]
    assert left[1, [DOG, SHEEP]].tolist() == [0, 0]  # a mask, and no dog in it
    assert left[2, [DOG, SHEEP]].tolist() == [1, 1]  # no mask
    assert (left[:, SEA] == -1).all()
    assert truth[1, DOG] == 1  # as it was given


def test_picture_and_mask_are_squared_alike() -> None:
    rng = np.random.default_rng(0)
    classes = np.kron(rng.integers(0, 2, (4, 6)), np.ones((16, 16))).astype(np.uint8)
    picture = np.dstack([*[classes * 200] * 3, classes])
    assert np.array_equal(squared(picture, 64)[..., :3], squared(picture[..., :3], 64))
    for seed in range(8):
        cut = whole(picture, 64, np.random.default_rng(seed), 0.5)
        assert cut.shape == (64, 64, 4)
        sure = (cut[..., 0] < 40) | (cut[..., 0] > 160)
        assert np.array_equal(cut[sure][:, 0] > 100, cut[sure][:, 3] == 1)


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Return pictures that are bright where there is a dog, on one side."""
    root = tmp_path_factory.mktemp("halves")
    draw_sets(root)
    for folder in ("images", "masks"):
        (root / "voc" / folder).mkdir(exist_ok=True)
    rows = ["id,split,labels,gray"]
    rng = np.random.default_rng(0)
    for number in range(8):
        picture = rng.integers(20, 60, (64, 64, 3), np.uint8)
        mask = np.zeros((64, 64), np.uint8)
        side = slice(0, 32) if number % 2 else slice(32, 64)
        if number < 6:
            picture[:, side] += 150
            mask[:, side] = OF_DOG
        name = f"half{number}"
        Image.fromarray(picture).save(root / "voc" / "images" / f"{name}.jpg")
        Image.fromarray(mask).save(root / "voc" / "masks" / f"{name}.png")
        rows.append(f"{name},train_aug,{'dog' if number < 6 else ''},0")
    (root / "voc" / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    pack = prepare(root, root / "pack", ["voc", "scenes"])
    for entry in pack.entries:
        entry.split = "fit"
    return pack


def test_pictures_without_a_mask_are_void(halves: Pack) -> None:
    drawn = Masked(halves.folder)
    for entry in drawn.entries:
        picture = drawn.picture(entry)
        assert picture.shape[2] == 4
        assert (picture[..., 3] == VOID).all() == (entry.source == "scenes")


def test_a_tagger_learns_where_its_label_is(halves: Pack, tmp_path: Path) -> None:
    recipe = Transfer(
        "places",
        steps=60,
        sources={"voc": 1.0, "scenes": 1.0},
        generator="residual_fpn",
        batch=8,
        size=64,
        rate=1e-2,
        encoder_rate=2e-3,
        first_trained_block=0,
        thaw_from=0.0,
        aged_share=0.0,
        warmup=1,
        average=0.0,
        keep_every=100,
        dropout=0.0,
        attention=0.75,
        masks=1.0,
        seed=1,
    )
    learning = Transferring(recipe, halves, tmp_path, "scratch", quiet)
    learning.run()
    entry = next(e for e in halves.entries if e.file.endswith("half1.jpg"))
    picture = torch.from_numpy(halves.picture(entry).copy()).permute(2, 0, 1)[None]
    grey = (luma(picture.float()) - 127) / 128
    with torch.inference_mode():
        left, right = learning.network.eval().seen(grey).regions[0, DOG].mean(0)
    assert left > 0 > right
