"""Cutting scans into tiles."""

import numpy as np
import pytest
from PIL import Image

from archive import pictures
from archive.pictures import pyramid


def opened(folder, array_or_image, name="scan.png", **options):
    path = folder / name
    image = (
        Image.fromarray(array_or_image)
        if isinstance(array_or_image, np.ndarray)
        else array_or_image
    )
    image.save(path, **options)
    return pictures.open_picture(path)


def put_together(tiles, factor, size):
    whole = Image.new(tiles[0].image.mode, size)
    for tile in tiles:
        if tile.factor == factor:
            side = pyramid.SIDE
            whole.paste(tile.image, (tile.column * side, tile.row * side))
    return np.asarray(whole)


def noise(width, height, *, channels=0, dtype=np.uint8):
    shape = (height, width, channels) if channels else (height, width)
    top = np.iinfo(dtype).max + 1
    return np.random.default_rng(7).integers(0, top, shape).astype(dtype)


def test_the_tiles_of_the_first_level_are_the_scan_pixel_for_pixel(tmp_path):
    drawn = noise(1300, 1100, channels=3)
    tiles = list(pictures.cut(opened(tmp_path, drawn)))
    assert (put_together(tiles, 1, (1300, 1100)) == drawn).all()


@pytest.mark.parametrize("size", [(1300, 1100), (1025, 511), (513, 1537), (40, 30)])
def test_each_level_is_half_the_one_before(tmp_path, size):
    drawn = noise(*size)
    tiles = list(pictures.cut(opened(tmp_path, drawn)))
    steps = pyramid.factors(*size)
    assert sorted({tile.factor for tile in tiles}) == steps
    level = Image.fromarray(drawn)
    for factor in steps:
        assert (put_together(tiles, factor, level.size) == np.asarray(level)).all()
        level = level.reduce(2)
    assert len([tile for tile in tiles if tile.factor == steps[-1]]) == 1


def test_sixteen_bits_have_the_tone_of_the_display_copy(tmp_path):
    for brightest in (65535, 4095):
        drawn = np.minimum(noise(600, 20, dtype=np.uint16), brightest)
        drawn[0, 0] = brightest
        picture = opened(tmp_path, drawn)
        whole = put_together(list(pictures.cut(picture)), 1, (600, 20))
        assert (whole == np.asarray(pictures.rendition(picture, 600))).all()
        assert whole[0, 0] == 255


def test_a_turned_scan_is_cut_upright_and_transparency_is_white(tmp_path):
    drawn = noise(60, 40, channels=3)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = opened(tmp_path, drawn, exif=exif)
    (tile,) = pictures.cut(turned)
    assert tile.image.size == (40, 60)
    clear = Image.fromarray(np.dstack([drawn, np.zeros((40, 60), np.uint8)]))
    (tile,) = pictures.cut(opened(tmp_path, clear))
    assert np.asarray(tile.image).min() == 255


def test_cmyk_becomes_what_the_display_copy_shows(tmp_path):
    inks = Image.fromarray(noise(30, 20, channels=4), mode="CMYK")
    picture = opened(tmp_path, inks, "scan.tif")
    (tile,) = pictures.cut(picture)
    assert tile.image.mode == "RGB"
    assert (np.asarray(tile.image) == np.asarray(pictures.rendition(picture, 30))).all()


def test_a_very_long_strip_keeps_rows_to_halve(tmp_path):
    assert pyramid.factors(600_000, 300)[-1] == pyramid.SIDE
