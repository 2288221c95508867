"""Access copies: the picture untouched, its caption below, and what XMP says."""

import datetime as dt
import shutil
import subprocess
from io import BytesIO

import numpy as np
import pytest
from defusedxml import ElementTree as ET
from PIL import Image

from archive import captions, describing, review
from archive.captions import Caption
from archive.errors import FixityBroken
from archive.models import Derivative
from archive.store import keep_derivative
from archive.vocabularies import Purpose, Rights
from colorizer.vision import disclosure
from tests.web import drawn

pytestmark = pytest.mark.django_db

RECORD = {
    "identifier": "GB1/1",
    "title": "Łódź & Αθήνα — Київ <1>",
    "creator": "Kessler",
    "date": "about 1923",
    "created": "1923-05",
    "description": "Before the flood.",
    "rights": Rights.CC_BY.value,
    "subject": ["bridge", "river"],
    "spatial": "Graz",
}


def picture(size=(900, 600)):
    return drawn.scene(7, size, coloured=True)


def lines(packet, name):
    found = ET.fromstring(packet).iter(captions._name(name))
    return ["".join(one.itertext()).strip() for one in found]


@pytest.mark.parametrize("size", [(900, 600), (600, 1600), (40, 30)])
def test_the_caption_is_below_and_no_pixel_is_covered(size):
    original = picture(size)
    sheet = captions.with_strip(original, Caption(RECORD, "Machine.").lines())
    left = (sheet.width - size[0]) // 2
    inside = sheet.crop((left, 0, left + size[0], size[1]))
    assert np.array_equal(np.asarray(inside), np.asarray(original))
    strip = np.asarray(sheet)[size[1] :]
    assert strip.min() < 100  # something is written
    assert sheet.height > size[1]


def test_the_lines_say_what_it_is():
    said = [text for text, _bold in Caption(RECORD, "Machine.").lines()]
    assert said == [
        RECORD["title"],
        "GB1/1 · Kessler, about 1923",
        "Rights: CC BY 4.0",
        "Machine.",
    ]
    assert [text for text, _ in Caption({"identifier": "X"}).lines()] == [
        "X",
        "Rights: not stated",
    ]


def test_xmp_has_the_fields_that_others_read():
    packet = captions.xmp(Caption(RECORD))
    assert lines(packet, "dc:title") == [RECORD["title"]]
    assert lines(packet, "dc:creator") == ["Kessler"]
    assert lines(packet, "dc:rights") == ["CC BY 4.0"]
    assert lines(packet, "xmpRights:WebStatement") == [Rights.CC_BY.value]
    assert lines(packet, "photoshop:DateCreated") == ["1923-05"]
    assert lines(packet, "Iptc4xmpCore:Location") == ["Graz"]
    assert lines(packet, "dc:identifier") == ["GB1/1"]
    assert not lines(packet, "Iptc4xmpExt:DigitalSourceType")
    vague = captions.xmp(Caption(RECORD | {"created": "1923~"}))
    assert not lines(vague, "photoshop:DateCreated")


def disclosed(colour, **more):
    return disclosure.xmp_packet(
        disclosure.Disclosure(
            checkpoint="drawn-colorizer",
            version="1",
            weights_sha256="ab" * 32,
            master_sha256=colour.master.sha256,
            created=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            **more,
        )
    )


@pytest.fixture
def copies(data_dir, tmp_path, curator):
    """Return the display copies of a photograph, the original and in colour."""
    one = drawn.photograph(tmp_path, size=(900, 600))
    describing.describe(one, {"title": "Boat", "rights": Rights.CC0.value}, by=curator)
    colorization = drawn.colours(one)
    colour = Derivative.objects.get(source=colorization, purpose="colour_display")
    stored = BytesIO()
    packet = disclosed(colour, hints=1, hinted_by=("secret-name",))
    picture().save(stored, "JPEG", xmp=packet)
    kept = keep_derivative(stored.getvalue(), ".jpg")
    Derivative.objects.filter(pk=colour.pk).update(sha256=kept.sha256)
    colour.refresh_from_db()
    plain = Derivative.objects.get(purpose=Purpose.DISPLAY)
    return one, plain, colour


def test_a_colour_copy_keeps_its_disclosure_and_says_who_confirmed(copies, curator):
    one, _plain, colour = copies
    caption = captions.of_photograph(one, colour)
    assert caption.colours.startswith(
        "Colours are a machine's interpretation, model drawn-colorizer version 1"
    )
    assert "no person has confirmed" in caption.colours
    review.accept_colorization(colour.source, by=curator)
    colour = Derivative.objects.get(pk=colour.pk)
    caption = captions.of_photograph(one, colour)
    assert "confirmed" not in caption.colours
    content = captions.access_copy(colour, caption)
    with Image.open(BytesIO(content)) as image:
        packet = image.info["xmp"]
        assert image.info["icc_profile"]
    assert lines(packet, "Iptc4xmpExt:DigitalSourceType") == [
        disclosure.DIGITAL_SOURCE_TYPE
    ]
    assert lines(packet, "Iptc4xmpExt:AISystemVersionUsed") == ["1"]
    assert lines(packet, "autochrome:ConfirmedByPerson") == ["True"]
    assert lines(packet, "dc:description") == [caption.colours]
    assert lines(packet, "photoshop:Instructions") == [caption.colours]
    assert b"secret-name" not in content


def test_names_are_blanked_without_moving_a_byte(copies):
    _one, _plain, colour = copies
    content = colour.path.read_bytes()
    assert b"secret-name" in content
    blanked = captions.without_names(content)
    assert b"secret-name" not in blanked
    assert len(blanked) == len(content)
    with Image.open(BytesIO(blanked)) as image:
        assert lines(image.info["xmp"], "autochrome:Checkpoint")


def test_a_colour_copy_without_disclosure_gets_one(copies):
    one, _plain, colour = copies
    packet = captions.xmp(
        captions.of_photograph(one, colour), b"broken", made_by="drawn 1"
    )
    assert lines(packet, "Iptc4xmpExt:DigitalSourceType")
    assert lines(packet, "Iptc4xmpExt:AISystemUsed") == ["Autochrome, drawn 1"]


def test_an_original_says_nothing_of_machines(copies):
    one, plain, _colour = copies
    caption = captions.of_photograph(one, plain)
    assert caption.colours == ""
    content = captions.access_copy(plain, caption)
    assert b"DigitalSourceType" not in content
    plain.path.unlink()
    with pytest.raises(FixityBroken, match="gone or damaged"):
        captions.access_copy(plain, caption)


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="there is no exiftool")
def test_another_program_reads_it(copies, tmp_path):
    one, _plain, colour = copies
    file = tmp_path / "copy.jpg"
    file.write_bytes(captions.access_copy(colour, captions.of_photograph(one, colour)))
    said = subprocess.run(
        ["exiftool", "-XMP:all", str(file)], capture_output=True, text=True, check=True
    ).stdout
    assert "Boat" in said
    assert "compositeWithTrainedAlgorithmicMedia" in said


def test_a_copy_is_handed_out_by_role(client, viewer, stranger, copies):
    from django.urls import reverse

    _one, plain, colour = copies
    address = reverse("archive:access_copy", args=[colour.pk])
    client.force_login(viewer)
    answer = client.get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert "machine colours.jpg" in answer["Content-Disposition"]
    assert client.get(reverse("archive:access_copy", args=[0])).status_code == 404
    plain.path.unlink()
    gone = client.get(reverse("archive:access_copy", args=[plain.pk]))
    assert gone.status_code == 404
    client.force_login(stranger)
    assert client.get(address).status_code == 403
