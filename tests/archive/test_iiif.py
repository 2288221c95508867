"""Addresses of tiles by the IIIF Image API."""

import pytest

from archive import iiif
from archive.iiif import Place

WIDE, HIGH = 1300, 1100


def at(region, size):
    return iiif.place(region, size, WIDE, HIGH)


@pytest.mark.parametrize(
    ("region", "size", "expected"),
    [
        ("0,0,512,512", "512,512", Place(1, 0, 0)),
        ("1024,1024,276,76", "276,76", Place(1, 2, 2)),
        ("1024,0,276,1024", "138,512", Place(2, 1, 0)),
        ("0,0,1300,1100", "325,275", Place(4, 0, 0)),
        ("full", "325,275", Place(4, 0, 0)),
    ],
)
def test_a_region_and_a_size_name_a_tile(region, size, expected):
    assert at(region, size) == expected


@pytest.mark.parametrize(
    ("region", "size"),
    [
        ("0,0,512,512", "256,256"),
        ("1,0,512,512", "512,512"),
        ("1536,0,512,512", "512,512"),
        ("0,0,512,512", "max,"),
        ("full", "max"),
        ("pct:0,0,50,50", "512,512"),
        ("0,0,512,512/..", "512,512"),
        ("0,0,0,0", "0,0"),
        ("99999999,0,512,512", "512,512"),
    ],
)
def test_what_names_no_tile_is_none(region, size):
    assert at(region, size) is None


def test_every_tile_that_the_information_offers_has_an_address():
    told = iiif.information("https://archive.example/masters/1/iiif", WIDE, HIGH)
    (offer,) = told["tiles"]
    found = set()
    for factor in offer["scaleFactors"]:
        step = offer["width"] * factor
        for left in range(0, WIDE, step):
            for top in range(0, HIGH, step):
                wide, high = min(step, WIDE - left), min(step, HIGH - top)
                size = f"{-(-wide // factor)},{-(-high // factor)}"
                found.add(at(f"{left},{top},{wide},{high}", size))
    assert None not in found
    assert len(found) == 9 + 4 + 1
