"""Distances between sets of pictures, against independent implementations."""

import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn.metrics.pairwise import polynomial_kernel

from training.frechet import (
    Lite0Features,
    colour_encoder,
    frechet_distance,
    kernel_distance,
)
from training.starting import published_backbone, published_weights
from training.starts import load_start

RNG = np.random.default_rng(0)


def test_frechet_distance_is_that_of_the_matrix_root() -> None:
    ours = RNG.normal(0.3, 1, (200, 6)) @ RNG.normal(size=(6, 6))
    true = RNG.normal(0, 1, (150, 6))
    root = scipy.linalg.sqrtm(np.cov(ours.T) @ np.cov(true.T)).real
    expected = ((ours.mean(0) - true.mean(0)) ** 2).sum() + np.trace(
        np.cov(ours.T) + np.cov(true.T) - 2 * root
    )
    assert frechet_distance(ours, true) == pytest.approx(expected)
    assert frechet_distance(true, true) == pytest.approx(0, abs=1e-9)


def test_it_works_with_fewer_pictures_than_features() -> None:
    ours, true = RNG.normal(size=(5, 40)), RNG.normal(1, 1, (7, 40))
    assert frechet_distance(ours, ours) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(ours, true) > 20


def test_kernel_distance_is_the_naive_unbiased_one() -> None:
    ours, true = RNG.normal(size=(9, 4)), RNG.normal(0.5, 1, (7, 4))
    kernel = {
        "degree": 3,
        "coef0": 1,
    }  # and gamma 1 / F, scikit-learn's default
    own = polynomial_kernel(ours, ours, **kernel)
    others = polynomial_kernel(true, true, **kernel)
    expected = (
        np.mean([own[i, j] for i in range(9) for j in range(9) if i != j])
        + np.mean([others[i, j] for i in range(7) for j in range(7) if i != j])
        - 2 * polynomial_kernel(ours, true, **kernel).mean()
    )
    assert kernel_distance(ours, true) == pytest.approx(expected)


def test_grey_pictures_give_the_same_features_in_colour_and_in_grey() -> None:
    colour = colour_encoder(published_weights()).eval()
    grey = load_start("lite0", 1).generator.encoder.eval()
    grey.load_state_dict(published_backbone())
    picture = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        ours, theirs = colour(picture.repeat(1, 3, 1, 1)), grey(picture)
    assert torch.allclose(ours.deep, theirs.deep, atol=1e-4)


def test_features_tell_colour_from_grey() -> None:
    rgb = RNG.integers(0, 256, (40, 30, 3), dtype=np.uint8)
    flat = np.repeat(rgb[..., :1], 3, axis=2)
    one, other = Lite0Features()([rgb, flat])
    assert one.shape == (1280,)
    assert np.abs(one - other).max() > 0.1
