"""What befalls a photograph in training, by chance that can be repeated."""

import numpy as np
import pytest
import torch
from PIL import Image

from training import decay
from training.augment import (
    aged,
    crop,
    luma,
    mixed_grey,
    mounted,
    normalised,
    pasted,
)
from training.chance import Chance
from training.decay import Decay

RNG = np.random.default_rng(0)


def smooth(side: int = 48) -> np.ndarray:
    coarse = RNG.integers(60, 200, (4, 4), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image)


def batch(count: int = 6) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randint(0, 256, (count, 3, 16, 16)).float()


def chance(*places: int) -> Chance:
    return Chance.of(1, 2, 3, places)


def test_a_pictures_luck_is_not_its_neighbours() -> None:
    rgb, worn = batch(), Decay(1.0, 1.0, 1.0)
    whole = mixed_grey(rgb, 0.7, chance(*range(6)), worn)
    parts = [
        mixed_grey(rgb[:4], 0.7, chance(0, 1, 2, 3), worn),
        mixed_grey(rgb[4:], 0.7, chance(4, 5), worn),
    ]
    assert torch.allclose(whole, torch.cat(parts), atol=1e-6)
    assert not torch.equal(whole, mixed_grey(rgb, 0.7, chance(*range(1, 7)), worn))


def test_a_lone_generator_ages_as_the_chance_of_one_picture_does() -> None:
    alone = aged(batch(1), np.random.default_rng(5))
    assert torch.equal(alone, aged(batch(1), Chance([np.random.default_rng(5)])))


@pytest.mark.parametrize(("share", "old"), [(0.0, 0), (1.0, 6)])
def test_so_many_are_aged(share: float, old: int) -> None:
    rgb = batch()
    grey = mixed_grey(rgb, share, chance(*range(6)))
    plain = normalised(luma(rgb).round())
    changed = (grey != plain).flatten(1).any(1).sum()
    assert changed == old


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_defects_come_as_often_as_they_are_asked_for(share: float) -> None:
    grey = torch.from_numpy(np.stack([smooth()] * 5)).float()[:, None]
    for defect in ("scratches", "downscale", "jpeg"):
        found = Decay(**{defect: share})(grey, chance(*range(5)))
        assert found.shape == grey.shape
        changed = (found != grey).flatten(1).any(1)
        assert changed.all() if share else not changed.any()


def test_scratches_are_few_and_strong() -> None:
    picture = smooth()
    found = decay.scratched(picture, np.random.default_rng(3))
    changed = found != picture
    assert 0 < changed.mean() < 0.4
    assert set(np.unique(found[changed])) <= {20, 235}


def test_a_small_copy_has_lost_its_finest_detail() -> None:
    noise = RNG.integers(0, 256, (48, 48), dtype=np.uint8)
    found = decay.downscaled(noise, np.random.default_rng(0))
    assert found.shape == noise.shape
    assert np.diff(found.astype(float)).std() < np.diff(noise.astype(float)).std() / 2


def test_compression_keeps_what_the_picture_shows() -> None:
    picture = smooth()
    found = decay.recompressed(picture, np.random.default_rng(0))
    assert 0 < np.abs(found.astype(float) - picture).mean() < 6


def test_a_turned_crop_has_no_empty_corner() -> None:
    white = np.full((40, 60, 3), 255, np.uint8)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        assert crop(white, 24, rng, least=0.5, turn=45.0).min() == 255


def test_a_crop_is_turned_about_its_middle() -> None:
    ramp = np.repeat(np.arange(0, 240, 4, dtype=np.uint8)[:, None], 60, 1)
    picture = np.stack([ramp] * 3, -1)
    level = crop(picture, 30, np.random.default_rng(0), least=1.0, turn=0.0)
    turned = crop(picture, 30, np.random.default_rng(0), least=1.0, turn=30.0)
    assert np.ptp(level[15, :, 0]) <= 4
    assert np.ptp(turned[15, :, 0]) > 8
    assert abs(int(turned[15, 15, 0]) - int(level[15, 15, 0])) <= 8


def test_a_mount_is_grey_and_leaves_the_middle() -> None:
    rgb = torch.randint(0, 256, (8, 3, 40, 40)).float()
    before = rgb.clone()
    found = mounted(rgb, Chance.of(0, 0, 4, range(8)), 1.0)
    assert torch.equal(rgb, before)
    changed = (found != rgb).any(1)
    assert changed.any()
    assert not changed[:, 8:32, 8:32].any()
    edges = found.permute(0, 2, 3, 1)[changed]
    assert torch.allclose(edges, edges.mean(1, keepdim=True).expand(-1, 3), atol=1e-3)
    assert torch.equal(mounted(rgb, Chance.of(0, 0, 4, range(8)), 0.0), rgb)


def test_a_pasted_piece_is_a_rectangle_of_the_next_picture() -> None:
    rgb = torch.randint(0, 256, (6, 3, 40, 32)).float()
    before = rgb.clone()
    found = pasted(rgb, Chance.of(0, 0, 5, range(6)), 1.0)
    assert torch.equal(rgb, before)
    for place, picture in enumerate(found):
        own = (picture == rgb[place]).all(0)
        other = (picture == rgb[(place + 1) % 6]).all(0)
        assert bool((own | other).all())
        rows, columns = (~own).any(1), (~own).any(0)
        assert 0.2 < float(rows.float().mean()) < 0.8
        assert torch.equal(~own, rows[:, None] & columns[None])
    assert torch.equal(pasted(rgb, Chance.of(0, 0, 5, range(6)), 0.0), rgb)
