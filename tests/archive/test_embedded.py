"""What scans say of themselves, and what is believed of it."""

from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from archive import embedded
from tests.archive import scans

DESCRIPTION, ARTIST, ORIGINAL, DIGITIZED = 0x010E, 0x013B, 0x9003, 0x9004


def with_exif(path: Path, **values: object) -> Path:
    exif = Image.Exif()
    names = {"description": DESCRIPTION, "artist": ARTIST}
    for name, tag in names.items():
        if name in values:
            exif[tag] = values[name]
    for name, tag in {"original": ORIGINAL, "digitized": DIGITIZED}.items():
        if name in values:
            exif.get_ifd(0x8769)[tag] = values[name]
    return scans.grey(path, exif=exif)


def packet(properties: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" '
        'xmlns:exif="http://ns.adobe.com/exif/1.0/">'
        f"{properties}</rdf:RDF></x:xmpmeta>"
    ).encode()


def with_xmp(path: Path, properties: str) -> Path:
    return scans.grey(path, xmp=packet(properties))


def iptc(*datasets: tuple[int, bytes]) -> bytes:
    return b"".join(
        bytes((0x1C, 2, number)) + len(value).to_bytes(2, "big") + value
        for number, value in datasets
    )


def with_iptc(path: Path, *datasets: tuple[int, bytes]) -> Path:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[33723] = iptc(*datasets)
    tags.tagtype[33723] = 7
    return scans.grey(path, tiffinfo=tags)


def test_a_plain_file_says_nothing(tmp_path: Path) -> None:
    assert embedded.read(scans.grey(tmp_path / "x.png")) == embedded.Embedded()


def test_exif_fills_creator_and_description(tmp_path: Path) -> None:
    found = embedded.read(
        with_exif(
            tmp_path / "x.jpg", description="Harbour", artist="Ana Novák".encode()
        )
    )
    assert found.description == {"creator": "Ana Novák", "description": "Harbour"}
    assert found.standards["exif"]["Artist"] == "Ana Novák"


def test_iptc_fills_place_and_caption(tmp_path: Path) -> None:
    path = with_iptc(
        tmp_path / "x.tif",
        (5, b"Market day"),
        (80, "José Ruiz".encode()),
        (90, b"Quito"),
        (101, b"Ecuador"),
        (120, "Caf\xe9 and stalls".encode("latin-1")),
        (25, b"market"),
        (25, b"people"),
    )
    found = embedded.read(path)
    assert found.description == {
        "title": "Market day",
        "creator": "José Ruiz",
        "place": "Quito, Ecuador",
        "description": "Café and stalls",
    }
    assert found.standards["iptc"]["Keywords"] == ["market", "people"]


def test_xmp_goes_before_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ARTIST] = "Scanner operator"
    path = scans.grey(
        tmp_path / "x.jpg",
        exif=exif,
        xmp=packet(
            "<rdf:Description><dc:creator><rdf:Seq><rdf:li>A. Braun</rdf:li>"
            "<rdf:li>Workshop</rdf:li></rdf:Seq></dc:creator></rdf:Description>"
        ),
    )
    assert embedded.read(path).description["creator"] == "A. Braun; Workshop"


def test_the_default_language_of_xmp_is_chosen(tmp_path: Path) -> None:
    path = with_xmp(
        tmp_path / "x.jpg",
        '<rdf:Description><dc:title><rdf:Alt><rdf:li xml:lang="de">Hafen</rdf:li>'
        '<rdf:li xml:lang="x-default">Harbour</rdf:li></rdf:Alt></dc:title>'
        "</rdf:Description>",
    )
    assert embedded.read(path).description["title"] == "Harbour"


def test_a_rights_statement_is_taken_only_if_it_is_known(tmp_path: Path) -> None:
    known = '<rdf:Description xmpRights:WebStatement="{}"/>'
    cc0 = "https://creativecommons.org/publicdomain/zero/1.0"
    path = with_xmp(tmp_path / "x.jpg", known.format(cc0))
    assert embedded.read(path).description == {
        "rights": "http://creativecommons.org/publicdomain/zero/1.0/"
    }
    other = with_xmp(tmp_path / "y.jpg", known.format("https://example.org/rights"))
    assert embedded.read(other).description == {}


def test_the_date_of_the_scan_is_not_the_photographs(tmp_path: Path) -> None:
    scanned = "2019:03:04 10:00:00"
    for name, values in {
        "digitized only": {"digitized": scanned},
        "both the same": {"digitized": scanned, "original": scanned},
        "recent": {"original": scanned},
    }.items():
        path = with_exif(tmp_path / f"{name}.jpg", **values)
        assert "date_text" not in embedded.read(path).description, name


def test_a_date_long_before_the_scan_is_believed(tmp_path: Path) -> None:
    path = with_exif(
        tmp_path / "x.jpg",
        original="1931:06:02 00:00:00",
        digitized="2019:03:04 10:00:00",
    )
    said = embedded.read(path).description
    assert (said["date_text"], said["date_edtf"]) == ("1931-06-02", "1931-06-02")


@pytest.mark.parametrize(
    ("written", "read"),
    [("18710000", "1871"), ("18710600", "1871-06"), ("00000000", None)],
)
def test_iptc_dates_may_be_partial(
    tmp_path: Path, written: str, read: str | None
) -> None:
    path = with_iptc(tmp_path / "x.tif", (55, written.encode()))
    assert embedded.read(path).description.get("date_edtf") == read


def test_impossible_dates_are_left_out(tmp_path: Path) -> None:
    path = with_exif(tmp_path / "x.jpg", original="1931:13:45 00:00:00")
    assert "date_text" not in embedded.read(path).description


@pytest.mark.parametrize("said", ["OLYMPUS DIGITAL CAMERA", "Scan 12", "untitled"])
def test_what_machines_write_by_themselves_is_no_description(
    tmp_path: Path, said: str
) -> None:
    found = embedded.read(with_exif(tmp_path / "x.jpg", description=said))
    assert found.description == {}


def test_huge_values_are_cut(tmp_path: Path) -> None:
    found = embedded.read(with_exif(tmp_path / "x.jpg", artist="x" * 30_000))
    assert len(found.description["creator"]) == 300
    assert len(found.standards["exif"]["Artist"]) == embedded.LONGEST_VALUE


def test_control_characters_are_removed() -> None:
    said = "Ge\x00or\x1b[31mge\u202e Sand\r\nParis\ud800"
    assert embedded.cleaned(said) == "Geor[31mge Sand\nParis?"


def test_an_entity_bomb_is_not_expanded(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + packet(
        "<rdf:Description><dc:title>&b;</dc:title></rdf:Description>"
    )
    path = scans.grey(tmp_path / "x.jpg", xmp=bomb)
    assert embedded.read(path) == embedded.Embedded()


def test_broken_xmp_does_not_hide_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ARTIST] = "Ana"
    path = scans.grey(tmp_path / "x.jpg", exif=exif, xmp=b"<x:xmpmeta")
    assert embedded.read(path).description == {"creator": "Ana"}


def test_what_is_no_picture_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(b"\xff\xd8\xff" + b"\x00" * 40)
    assert embedded.read(path) == embedded.Embedded()
