"""What a machine-made picture says of itself, and how it reaches the disk."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from archive.pictures import open_picture
from colorizer.vision import disclosure
from colorizer.vision.colour import Chroma, Tone, luma
from colorizer.vision.disclosure import (
    DIGITAL_SOURCE_TYPE,
    SENTENCE,
    Disclosure,
    PictureUnwritten,
    caption_strip,
    disclosed_master,
    file_extension,
    write_access_copy,
    write_picture,
    xmp_packet,
)
from colorizer.vision.merge import merge

STATEMENT = Disclosure(
    checkpoint="lite0-fpn",
    version="1.2",
    weights_sha256="ab" * 32,
    master_sha256="cd" * 32,
    created=datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC),
    source_tone=Tone.TONED,
)
HOSTILE = "</rdf:li><script>&amp;\"'\x00\x08\ud800\uffff]]> Ж 写 😀"


def merged(dtype: type = np.uint8) -> tuple[np.ndarray, np.ndarray]:
    """A grey picture and its colours."""
    chance = np.random.default_rng(6)
    grey = chance.integers(0, np.iinfo(dtype).max + 1, (30, 40), dtype=dtype)
    planes = chance.normal(0, 40, (2, 3, 4)).astype(np.float32)
    return grey, merge(grey, Chroma(*planes))


def xmp_of(path: Path) -> dict:
    with Image.open(path) as image:
        return image.getxmp()["xmpmeta"]["RDF"]["Description"]


# The packet


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg"])
def test_every_kind_of_file_carries_the_statement(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.jpg":
        write_access_copy(path, Image.fromarray(merged()[1]), STATEMENT)
    else:
        write_picture(
            path, merged(np.uint16 if "tif" in name else np.uint8)[1], STATEMENT
        )
    said = xmp_of(path)
    assert said["DigitalSourceType"] == DIGITAL_SOURCE_TYPE
    assert "lite0-fpn" in said["AISystemUsed"]
    assert said["AISystemVersionUsed"] == "1.2"
    assert said["CreateDate"] == "2026-05-04T03:02:01+00:00"
    assert said["source"] == "hash://sha256/" + "cd" * 32
    assert said["DerivedFrom"]["documentID"] == said["source"]
    assert said["WeightsSHA256"] == "ab" * 32
    assert said["ConfirmedByPerson"] == "False"
    assert said["SourceTone"] == "toned"
    assert SENTENCE in json.dumps(said["description"])
    assert disclosed_master(path) == "cd" * 32


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not here")
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg"])
def test_exiftool_reads_the_statement(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.jpg":
        write_access_copy(path, Image.fromarray(merged()[1]), STATEMENT)
    else:
        write_picture(
            path, merged(np.uint16 if "tif" in name else np.uint8)[1], STATEMENT
        )
    answer = subprocess.run(
        ["exiftool", "-j", "-G0", "-n", "-validate", "-warning", path],
        capture_output=True,
        check=True,
    )
    assert json.loads(answer.stdout)[0].get("ExifTool:Warning") is None
    answer = subprocess.run(
        ["exiftool", "-j", "-n", "-XMP:all", path], capture_output=True, check=True
    )
    said = json.loads(answer.stdout)[0]
    assert said["DigitalSourceType"] == DIGITAL_SOURCE_TYPE
    assert said["Description"] == f"{SENTENCE}."
    assert said["Source"] == "hash://sha256/" + "cd" * 32
    assert said["DerivedFromDocumentID"] == said["Source"]


def test_a_person_who_confirmed_is_named(tmp_path: Path) -> None:
    statement = replace(STATEMENT, confirmed_by="A. Curator", strength=0.8)
    write_picture(tmp_path / "a.png", merged()[1], statement)
    said = xmp_of(tmp_path / "a.png")
    assert said["ConfirmedByPerson"] == "True"
    assert said["ConfirmedBy"] == "A. Curator"
    assert said["Strength"] == "0.8"


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    statement = replace(
        STATEMENT, checkpoint=HOSTILE, version=HOSTILE, confirmed_by=HOSTILE
    )
    write_picture(tmp_path / "a.png", merged()[1], statement)
    said = xmp_of(tmp_path / "a.png")
    assert said["ConfirmedBy"] == "</rdf:li><script>&amp;\"']]> Ж 写 😀"
    assert "script" not in said
    assert said["DigitalSourceType"] == DIGITAL_SOURCE_TYPE


def test_the_packet_has_its_wrapper() -> None:
    packet = xmp_packet(STATEMENT)
    assert packet.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0Mp')
    assert packet.endswith(b'<?xpacket end="w"?>')


def test_a_file_of_anyone_else_discloses_nothing(tmp_path: Path) -> None:
    Image.new("L", (3, 3)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("hello")
    assert disclosed_master(tmp_path / "a.png") is None
    assert disclosed_master(tmp_path / "b.png") is None
    assert disclosed_master(tmp_path / "none.png") is None


# Pixels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_every_pixel_comes_back(tmp_path: Path, dtype: type, with_alpha: bool) -> None:
    grey, pixels = merged(dtype)
    alpha = grey[::-1].copy() if with_alpha else None
    path = tmp_path / f"a{file_extension(pixels)}"
    write_picture(path, pixels, STATEMENT, alpha=alpha)
    again = open_picture(path)
    assert again.pixels.dtype == dtype
    assert (again.pixels == pixels).all()
    assert (luma(again.pixels) == grey).all()
    assert (again.alpha is None) == (not with_alpha)
    if alpha is not None:
        assert (again.alpha == alpha).all()
    if dtype == np.uint8:
        plain = np.asarray(Image.open(path).convert("RGB").convert("L"))
        assert (plain == grey).all()
    else:
        assert (tifffile.imread(path)[..., :3] == pixels).all()


# Writing


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    write_picture(path, merged()[1], STATEMENT)
    assert open_picture(path).pixels.shape == (30, 40, 3)
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, name: str
) -> None:
    """A limit on the size of files, in a process of its own, stands for the disk."""
    path = tmp_path / name
    path.write_bytes(b"old")
    script = f"""
import resource
from pathlib import Path
import numpy as np
from PIL import Image
from tests.vision.test_disclosure import STATEMENT
from colorizer.vision.disclosure import *
noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
path = Path({str(path)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))
try:
    if path.suffix == ".jpg":
        write_access_copy(path, Image.fromarray(noise), STATEMENT)
    else:
        depth = np.uint8 if path.suffix == ".png" else np.uint16
        write_picture(path, noise.astype(depth), STATEMENT)
except PictureUnwritten as error:
    print(error.code, error.sentence)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("disk_full There is no room on the disk for a.")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureUnwritten) as refused:
        write_access_copy(tmp_path / "no" / "a.jpg", Image.new("L", (2, 2)), STATEMENT)
    assert refused.value.code == "unwritable"
    assert "a.jpg" in refused.value.sentence


def test_an_error_while_encoding_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(disclosure.tifffile, "imwrite", broken)
    with pytest.raises(ZeroDivisionError):
        write_picture(tmp_path / "a.tif", merged(np.uint16)[1], STATEMENT)
    assert list(tmp_path.iterdir()) == []


# The caption strip


@pytest.mark.parametrize(
    "size", [(1, 1), (40, 300), (240, 100), (800, 600), (4000, 3000), (9000, 20)]
)
def test_the_strip_is_outside_the_picture(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (120, 30, 60))
    captioned = caption_strip(image)
    assert captioned.width == max(240, size[0])
    assert captioned.height >= size[1] + 26
    assert captioned.crop((0, 0, *size)).tobytes() == image.tobytes()
    strip = np.asarray(
        captioned.crop((0, size[1], *captioned.size)).convert("L"), dtype=int
    )
    ink = strip < 110
    assert ink.sum() > 100
    assert not ink[:, [0, -1]].any()
    assert not ink[[0, -1]].any()


def test_long_captions_are_wrapped() -> None:
    image = Image.new("L", (240, 100), 255)
    short, long = caption_strip(image, "One."), caption_strip(image, "Words " * 40)
    assert long.height > short.height * 1.5
    assert long.width == 240


def test_alpha_survives_the_strip() -> None:
    image = Image.new("RGBA", (300, 50), (1, 2, 3, 0))
    captioned = caption_strip(image)
    assert captioned.getpixel((5, 5)) == (1, 2, 3, 0)
    assert captioned.getpixel((299, captioned.height - 1)) == (255, 255, 255, 255)


def test_a_captioned_access_copy_can_be_written(tmp_path: Path) -> None:
    image = caption_strip(Image.fromarray(merged()[1]))
    write_access_copy(tmp_path / "a.jpg", image, STATEMENT)
    content = BytesIO((tmp_path / "a.jpg").read_bytes())
    assert Image.open(content).size == image.size
