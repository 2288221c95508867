"""Tiles of scans and of their colours, as a browser gets them."""

from io import BytesIO

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from archive import tiles
from archive.store import keep_derivative
from colorizer.vision.colour import Chroma, luma
from colorizer.vision.merge import merge
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db
WIDE, HIGH = 700, 600
EDGE = ("512,512,188,88", "188,88")


@pytest.fixture
def master(data_dir, tmp_path):
    found = drawn.photograph(tmp_path, size=(WIDE, HIGH)).masters.get()
    tiles.make(found.pk)
    return found


@pytest.fixture
def colorization(master):
    across = np.linspace(-30, 30, 9, dtype=np.float32)
    plane = np.repeat(across[None, :], 7, axis=0)
    stored = keep_derivative(Chroma(plane, -plane).to_png(), ".png")
    return catalogue.colorization(master, sha256=stored.sha256)


def tile(kind, pk, region, size):
    name = {"master": "archive:master_tile", "colour": "colorizer:colour_tile"}[kind]
    return reverse(name, args=[pk, region, size])


def pixels(response):
    return np.asarray(Image.open(BytesIO(response.content)))


def test_a_tile_shows_its_part_of_the_scan(client, viewer, master):
    client.force_login(viewer)
    response = client.get(tile("master", master.pk, *EDGE))
    assert response["Content-Type"] == "image/jpeg"
    assert "immutable" in response["Cache-Control"]
    assert response["Cache-Control"].startswith("private")
    scan = np.asarray(Image.open(master.path))[512:, 512:]
    shown = pixels(response)
    assert shown.shape == scan.shape
    assert np.abs(shown.astype(int) - scan).max() < 12
    again = client.get(
        tile("master", master.pk, *EDGE), HTTP_IF_NONE_MATCH=response["ETag"]
    )
    assert again.status_code == 304


def test_a_colour_tile_is_what_the_whole_picture_has_there(
    client, viewer, colorization
):
    client.force_login(viewer)
    name = (colorization.pk, *EDGE)
    shown = pixels(client.get(tile("colour", *name)))
    grey = pixels(client.get(tile("master", colorization.master_id, *EDGE)))
    assert np.abs(luma(shown).astype(int) - grey).max() <= 4  # a JPEG of a JPEG
    whole = np.zeros((HIGH, WIDE), np.uint8)
    whole[512:, 512:] = grey
    chroma = Chroma.from_png(colorization.path.read_bytes())
    expected = merge(whole, chroma)[512:, 512:]
    assert np.abs(shown.astype(int) - expected).mean() < 3
    assert np.ptp(shown.astype(int), axis=2).max() > 10


def test_a_colour_tile_says_that_it_is_a_machines(client, viewer, colorization):
    client.force_login(viewer)
    response = client.get(tile("colour", colorization.pk, *EDGE))
    comment = Image.open(BytesIO(response.content)).info["comment"]
    assert comment == b"Colours are a machine's interpretation"


def test_the_information_is_of_level_0_and_names_its_own_address(
    client, viewer, colorization
):
    client.force_login(viewer)
    for name, pk in (
        ("archive:master_iiif", colorization.master_id),
        ("colorizer:colour_iiif", colorization.pk),
    ):
        address = reverse(name, args=[pk])
        told = client.get(address).json()
        assert (told["width"], told["height"]) == (WIDE, HIGH)
        assert told["profile"] == "level0"
        assert told["id"] == f"http://testserver{address}".removesuffix("/info.json")


def test_who_may_not_see_masters_sees_no_tile(client, stranger, colorization):
    addresses = [
        tile("master", colorization.master_id, *EDGE),
        tile("colour", colorization.pk, *EDGE),
        reverse("archive:master_iiif", args=[colorization.master_id]),
        reverse("colorizer:colour_iiif", args=[colorization.pk]),
        reverse("archive:tiles", args=[colorization.master_id]),
    ]
    assert [client.get(address).status_code for address in addresses] == [302] * 5
    client.force_login(stranger)
    assert [client.get(address).status_code for address in addresses] == [403] * 5
    prepare = reverse("archive:tiles_prepare", args=[colorization.master_id])
    assert client.post(prepare).status_code == 403


def test_what_is_not_there_is_missing(client, viewer, colorization):
    client.force_login(viewer)
    assert client.get(tile("master", 999, *EDGE)).status_code == 404
    assert client.get(tile("colour", 999, *EDGE)).status_code == 404
    odd = tile("master", colorization.master_id, "1,1,512,512", "512,512")
    assert client.get(odd).status_code == 404
    colorization.path.unlink()
    assert client.get(tile("colour", colorization.pk, *EDGE)).status_code == 404
    for file in tiles.folder().iterdir():
        file.unlink()
    lost = tile("master", colorization.master_id, *EDGE)
    assert client.get(lost).status_code == 404
    information = reverse("archive:master_iiif", args=[colorization.master_id])
    assert client.get(information).status_code == 404


def test_tiles_are_asked_for_by_post_and_their_state_is_told(client, viewer, master):
    client.force_login(viewer)
    for file in tiles.folder().iterdir():
        file.unlink()
    told = reverse("archive:tiles", args=[master.pk])
    prepare = reverse("archive:tiles_prepare", args=[master.pk])
    assert client.get(told).json()["state"] == "absent"
    assert client.get(prepare).status_code == 405
    assert client.post(prepare).json()["state"] == "ready"
    assert client.get(told).json()["state"] == "ready"
    assert client.post(told).status_code == 405


def test_the_page_offers_zoom_only_to_those_who_may_see_masters(client, viewer, master):
    client.force_login(viewer)
    page = client.get(master.photograph.get_absolute_url()).content.decode()
    assert f'data-iiif="/masters/{master.pk}/iiif"' in page
    assert "openseadragon.min.js" in page
    assert '<script src="/static/vendor' not in page
    assert "openseadragon" not in client.get("/review/").content.decode()
