"""Luma, tone and the small chroma plane."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from colorizer.vision.colour import (
    Chroma,
    ChromaUnreadable,
    Tone,
    eight_bits,
    lightness,
    luma,
    tone_of,
    white_of,
)


def noise(shape: tuple[int, ...], dtype: type = np.uint8) -> np.ndarray:
    limit = int(np.iinfo(dtype).max) + 1
    return np.random.default_rng(5).integers(0, limit, shape, dtype=dtype)


def scene() -> np.ndarray:
    """Blue sky over green land with a red house: unmistakably in colour."""
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[:60] = (90, 140, 210)
    picture[60:] = (70, 120, 40)
    picture[50:90, 60:100] = (170, 50, 40)
    shade = np.linspace(0.6, 1.1, 160)[None, :, None]
    return (picture * shade).clip(0, 255).astype(np.uint8)


def toned(dark: tuple, light: tuple) -> np.ndarray:
    grey = luma(scene())[..., None] / 255
    grain = np.random.default_rng(2).normal(0, 4, (120, 160, 1))
    return np.clip(
        np.add(dark, grey * np.subtract(light, dark)) + grain, 0, 255
    ).astype(np.uint8)


# Luma


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_luma_is_what_pillow_computes(pixels: np.ndarray) -> None:
    assert (luma(pixels) == np.asarray(Image.fromarray(pixels).convert("L"))).all()


@given(arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_luma_of_16_bits_uses_the_same_weights(pixels: np.ndarray) -> None:
    wide = pixels.astype(object)
    twin = (19595 * wide[..., 0] + 38470 * wide[..., 1] + 7471 * wide[..., 2]) + 32768
    assert (luma(pixels) == (twin // 65536).astype(np.uint16)).all()


def test_luma_of_16_bits_works_in_strips() -> None:
    pixels = noise((1100, 1000, 3), np.uint16)
    assert (luma(pixels)[1050:] == luma(pixels[1050:])).all()
    assert luma(np.full((1, 1, 3), 65535, np.uint16)) == 65535


def test_grey_passes_through() -> None:
    grey = noise((4, 5))
    assert luma(grey) is grey


def test_white_is_found_for_12_bits_in_16() -> None:
    assert white_of(np.zeros((2, 2), np.uint8)) == 255
    assert white_of(np.full((2, 2), 4095, np.uint16)) == 4095
    assert white_of(np.full((2, 2), 4096, np.uint16)) == 65535


def test_eight_bits_run_from_black_to_white() -> None:
    for white in (255, 4095, 65535):
        dtype = np.uint8 if white == 255 else np.uint16
        grey = np.asarray([[0, white]], dtype)
        assert eight_bits(grey).tolist() == [[0, 255]]


def test_lightness_is_that_of_scikit_image() -> None:
    grey = np.arange(256, dtype=np.uint8)[None]
    twin = rgb2lab(np.dstack([grey] * 3))[..., 0]
    assert np.abs(lightness(grey) - twin).max() < 1e-3
    wide = lightness(grey.astype(np.uint16) * 257)
    assert np.abs(wide - twin).max() < 1e-3


# Tone


def test_a_grey_scan_is_grey() -> None:
    assert tone_of(noise((8, 8))) is Tone.GREY
    assert tone_of(np.dstack([luma(scene())] * 3)) is Tone.GREY


def test_noise_does_not_colour_a_grey_scan() -> None:
    grey = np.dstack([luma(scene())] * 3).repeat(4, 0).repeat(4, 1)
    grain = np.random.default_rng(1).normal(0, 6, grey.shape)
    assert tone_of((grey + grain).clip(0, 255).astype(np.uint8)) is Tone.GREY


@pytest.mark.parametrize(
    ("dark", "light"),
    [
        ((40, 22, 10), (245, 225, 190)),  # sepia
        ((8, 20, 60), (225, 235, 245)),  # cyanotype
        ((10, 10, 10), (235, 215, 160)),  # yellowed paper
        ((60, 30, 50), (230, 230, 200)),  # split-toned
    ],
)
def test_a_toned_print_is_toned(dark: tuple, light: tuple) -> None:
    assert tone_of(toned(dark, light)) is Tone.TONED
    assert tone_of(toned(dark, light).astype(np.uint16) * 257) is Tone.TONED


def test_a_colour_photograph_is_in_colour() -> None:
    assert tone_of(scene()) is Tone.COLOUR
    assert tone_of(scene().astype(np.uint16) * 257) is Tone.COLOUR


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5000, 3), (5000, 1, 3)])
def test_any_shape_has_a_tone(shape: tuple) -> None:
    assert tone_of(noise(shape)) in Tone


# Chroma


def test_chroma_from_lab_is_that_of_the_colours() -> None:
    rgb = np.random.default_rng(3).uniform(0.02, 0.98, (12, 10, 3))
    lab = rgb2lab(rgb)
    chroma = Chroma.from_lab(lab[..., 0].astype(np.float32), lab[..., 1:])
    twin = Chroma.from_rgb(lab2rgb(lab) * 255)
    assert np.abs(chroma.cb - twin.cb).max() < 0.05
    assert np.abs(chroma.cr - twin.cr).max() < 0.05
    assert chroma.cb.dtype == np.float32


def test_grey_lab_has_no_chroma() -> None:
    levels = np.linspace(0, 100, 30, dtype=np.float32)[None]
    chroma = Chroma.from_lab(levels, np.zeros((1, 30, 2), np.float32))
    assert np.abs(chroma.cb).max() < 0.05
    assert np.abs(chroma.cr).max() < 0.05


def test_impossible_lab_stays_finite() -> None:
    levels = np.asarray([[0, 100, 50]], np.float32)
    for extreme in (-500, 500):
        ab = np.full((1, 3, 2), extreme, np.float32)
        assert np.isfinite(Chroma.from_lab(levels, ab).cb).all()


def test_chroma_survives_its_png() -> None:
    chance = np.random.default_rng(4)
    planes = chance.uniform(-127, 127, (2, 7, 5)).astype(np.float32)
    again = Chroma.from_png(Chroma(*planes).to_png())
    assert np.abs(again.cb - planes[0]).max() <= 1 / 500
    assert np.abs(again.cr - planes[1]).max() <= 1 / 500
    exact = Chroma.from_png(again.to_png())
    assert (exact.cb == again.cb).all()
    assert (exact.cr == again.cr).all()


@pytest.mark.parametrize("damage", ["nothing", "cut", "colour", "odd"])
def test_a_damaged_chroma_png_is_refused(damage: str) -> None:
    from io import BytesIO

    file = BytesIO()
    if damage == "colour":
        Image.new("RGB", (4, 4)).save(file, "PNG")
    elif damage == "odd":
        Image.new("I;16", (4, 3)).save(file, "PNG")
    elif damage == "cut":
        plane = np.ones((40, 40), np.float32)
        file.write(Chroma(plane, plane).to_png()[:60])
    with pytest.raises(ChromaUnreadable) as refused:
        Chroma.from_png(file.getvalue())
    assert refused.value.code == "chroma_unreadable"


def test_planes_that_do_not_fit_are_refused() -> None:
    plane = np.zeros((2, 2), np.float32)
    with pytest.raises(ValueError, match="one size"):
        Chroma(plane, plane[:1])
    with pytest.raises(ValueError, match="one size"):
        Chroma(plane[:0], plane[:0])
    with pytest.raises(ValueError, match="finite"):
        Chroma(plane, plane * np.nan)


def test_statistics_tell_colour_from_grey() -> None:
    zero = np.zeros((6, 6), np.float32)
    assert set(Chroma(zero, zero).statistics().values()) == {0.0}
    lively = Chroma.from_rgb(scene()).statistics()
    assert (
        lively["largest_chroma"] >= lively["chroma_95th"] >= lively["mean_chroma"] > 10
    )
    assert all(isinstance(value, float) for value in lively.values())


def test_colourfulness_is_that_of_hasler_and_suesstrunk() -> None:
    rgb = scene().astype(float)
    rg = rgb[..., 0] - rgb[..., 1]
    yb = (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2]
    twin = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert Chroma.from_rgb(scene()).statistics()["colourfulness"] == pytest.approx(
        twin, rel=1e-3
    )
