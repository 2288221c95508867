import numpy as np
import pytest
import torch
from skimage.color import deltaE_ciede2000, rgb2lab
from sklearn.metrics import average_precision_score

from training.lab import lab_of
from training.metrics import (
    ColourScores,
    bootstrap_ratio,
    calibration_error,
    colourfulness,
    macro_map,
)

RNG = np.random.default_rng(0)


def _picture() -> np.ndarray:
    return RNG.integers(0, 256, (12, 14, 3), dtype=np.uint8)


def test_lab_is_scikit_images() -> None:
    rgb = _picture()
    batch = torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255
    ours = lab_of(batch)[0].permute(1, 2, 0).numpy()
    assert np.abs(ours - rgb2lab(rgb)).max() < 0.02


def test_delta_e_is_scikit_images_mean() -> None:
    scores, one, other = ColourScores(), _picture(), _picture()
    scores.add(one, other)
    expected = deltaE_ciede2000(rgb2lab(other), rgb2lab(one)).mean()
    assert scores.delta_e == [pytest.approx(expected)]


def test_the_true_picture_has_no_error() -> None:
    scores, one = ColourScores(), _picture()
    scores.add(one, one)
    assert scores.delta_e == [0.0]
    assert scores.ab_rmse == 0.0
    assert scores.auc(rebalanced=False) == scores.auc(rebalanced=True) == 100.0
    assert scores.ssim == [pytest.approx(1.0)]


def test_rebalanced_auc_gives_every_bin_one_vote() -> None:
    true = np.full((20, 20, 3), 128, np.uint8)
    true[0] = (200, 40, 40)  # one row of red in grey
    scores = ColourScores()
    scores.add(np.full_like(true, 128), true)
    assert scores.auc(rebalanced=True) < scores.auc(rebalanced=False) - 10


def test_grey_has_no_colourfulness() -> None:
    assert colourfulness(np.full((4, 4, 3), 90, np.uint8)) == 0.0
    assert colourfulness(_picture()) > 50


def test_the_bootstrap_is_paired() -> None:
    grey = RNG.uniform(5, 20, 200)
    ratio, low, high = bootstrap_ratio(grey * 0.9, grey)
    assert (ratio, low, high) == (pytest.approx(0.9),) * 3
    _, low, high = bootstrap_ratio(RNG.permutation(grey), grey)
    assert low < 1 < high


def test_macro_map_is_scikit_learns_over_known_pairs() -> None:
    chances = RNG.random((40, 3))
    truth = RNG.integers(-1, 2, (40, 3)).astype(np.int8)
    truth[:, 2] = -1
    mean, each = macro_map(chances, truth)
    expected = [
        average_precision_score(truth[known, i], chances[known, i])
        for i in (0, 1)
        for known in [truth[:, i] >= 0]
    ]
    assert each[:2] == expected
    assert np.isnan(each[2])
    assert mean == pytest.approx(np.mean(expected))


def test_calibration_error_sees_overconfidence() -> None:
    truth = (RNG.random((4000, 1)) < 0.3).astype(np.int8)
    assert calibration_error(np.full((4000, 1), 0.3), truth) < 0.03
    assert calibration_error(np.full((4000, 1), 0.9), truth) > 0.5
    truth[:] = -1
    truth[0] = 1
    assert calibration_error(np.full((4000, 1), 1.0), truth) == 0.0
