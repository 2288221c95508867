"""What every machine-made picture says of itself, and how it is written to disk.

A file that leaves the archive carries an XMP packet with IPTC's digital source type
and AI properties (IPTC Photo Metadata Standard 2025.1), the SHA-256 of the scan and
of the weights, and, where it is shown to people, a caption strip outside the picture.

Files appear whole or not at all: they are written beside their place, synchronised
with the disk and then renamed.
"""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final
from xml.etree import ElementTree as ET

import numpy as np
import tifffile
from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeET
from PIL import Image, ImageCms, ImageDraw, ImageFont, PngImagePlugin

from colorizer.vision.colour import Samples, Tone

SENTENCE: Final = "Colours are a machine's interpretation"
DIGITAL_SOURCE_TYPE: Final = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/"
    "compositeWithTrainedAlgorithmicMedia"
)

_NAMESPACES: Final = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stRef": "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "autochrome": "urn:autochrome:disclosure:1",
}
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MASTER: Final = "MasterSHA256"
_XMP_TAG: Final = 700
_GRADES: Final = ("illustrative", "documented")
_DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

for _prefix, _uri in _NAMESPACES.items():
    ET.register_namespace(_prefix, _uri)


class PictureUnwritten(Exception):
    """A picture could not be written; nothing of it was left behind.

    Attributes:
        code: `disk_full` or `unwritable`.
        sentence: What a curator can do about it.
    """

    def __init__(self, path: Path, error: OSError) -> None:
        """Tell a full disk from a place that may not be written."""
        # numpy reports a short write, which only a full disk makes, without a number.
        full = error.errno in _DISK_FULL or str(error).endswith(" written")
        self.code = "disk_full" if full else "unwritable"
        reason = error.strerror or str(error)
        self.sentence = (
            f"There is no room on the disk for {path.name}; free some and try again."
            if full
            else f"{path} could not be written ({reason}); check the folder."
        )
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Where the colours of a picture come from.

    Attributes:
        checkpoint: Name of the checkpoint that made the colours.
        version: Its version.
        weights_sha256: SHA-256 of its weights, hexadecimal.
        master_sha256: SHA-256 of the scan's file, hexadecimal.
        created: When the picture was made; with a time zone.
        confirmed_by: The person who accepted the colours; None while nobody has.
        source_tone: What the colours of the scan were. Toned and coloured scans are
            turned to luma before they are colorized.
        strength: Factor on the predicted chroma.
        hints: How many colour hints of people the model followed.
        hinted_by: Whose they were.
        documented_by: The source that a person named for the colours; None where
            they are an illustration.
    """

    checkpoint: str
    version: str
    weights_sha256: str
    master_sha256: str
    created: datetime
    confirmed_by: str | None = None
    source_tone: Tone | None = None
    strength: float = 1.0
    hints: int = 0
    hinted_by: tuple[str, ...] = ()
    documented_by: str | None = None

    @property
    def sentence(self) -> str:
        """What people read beside the picture."""
        said = SENTENCE
        if self.hints:
            hints = f"{self.hints} colour hint{'' if self.hints == 1 else 's'}"
            said = f"{said}, steered by a person with {hints}"
        if self.documented_by:
            return f"{said}. Documented by: {self.documented_by.rstrip('.')}."
        return f"{said}."


def xmp_packet(disclosure: Disclosure) -> bytes:
    """The XMP packet of a colorized picture, UTF-8, with its packet wrapper.

    Any text is safe: it is escaped, and characters that XML forbids are left out.
    """
    meta = ET.Element(_name("x:xmpmeta"))
    rdf = ET.SubElement(meta, _name("rdf:RDF"))
    description = ET.SubElement(rdf, _name("rdf:Description"), {_name("rdf:about"): ""})
    created = disclosure.created.isoformat(timespec="seconds")
    master = f"hash://sha256/{disclosure.master_sha256}"
    confirmed = disclosure.confirmed_by is not None
    properties = {
        "Iptc4xmpExt:DigitalSourceType": DIGITAL_SOURCE_TYPE,
        "Iptc4xmpExt:AISystemUsed": f"Autochrome, checkpoint {disclosure.checkpoint}",
        "Iptc4xmpExt:AISystemVersionUsed": disclosure.version,
        "dc:source": master,
        "xmp:CreateDate": created,
        "xmp:CreatorTool": "Autochrome",
        "autochrome:Checkpoint": disclosure.checkpoint,
        "autochrome:WeightsSHA256": disclosure.weights_sha256,
        f"autochrome:{_MASTER}": disclosure.master_sha256,
        "autochrome:Strength": f"{disclosure.strength:g}",
        "autochrome:ConfirmedByPerson": str(confirmed),
        "autochrome:ColourHints": str(disclosure.hints),
        "autochrome:Grade": _GRADES[bool(disclosure.documented_by)],
    }
    if disclosure.hinted_by:
        properties["autochrome:SteeredBy"] = ", ".join(disclosure.hinted_by)
    if disclosure.documented_by:
        properties["autochrome:GradeSource"] = disclosure.documented_by
    if disclosure.confirmed_by is not None:
        properties["autochrome:ConfirmedBy"] = disclosure.confirmed_by
    if disclosure.source_tone is not None:
        properties["autochrome:SourceTone"] = disclosure.source_tone.value
    for name, value in properties.items():
        ET.SubElement(description, _name(name)).text = _NOT_XML.sub("", value)
    _add_sentence(description, disclosure.sentence)
    derived = ET.SubElement(description, _name("xmpMM:DerivedFrom"))
    derived.set(_name("rdf:parseType"), "Resource")
    ET.SubElement(derived, _name("stRef:documentID")).text = _NOT_XML.sub("", master)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f"{ET.tostring(meta, encoding='unicode')}\n"
        '<?xpacket end="w"?>'
    ).encode()


def _add_sentence(description: ET.Element, sentence: str) -> None:
    languages = ET.SubElement(
        ET.SubElement(description, _name("dc:description")), _name("rdf:Alt")
    )
    for language in ("x-default", "en-GB"):
        item = ET.SubElement(languages, _name("rdf:li"), {_XML_LANG: language})
        item.text = _NOT_XML.sub("", sentence)


def _name(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def disclosed_master(path: Path) -> str | None:
    """The SHA-256 of the scan that a file of ours was made from.

    Returns:
        None for a file that is missing, is no picture, or says nothing of the kind.
    """
    try:
        with Image.open(path, formats=("PNG", "TIFF", "JPEG")) as image:
            packet = image.info.get("xmp", b"")
            meta = SafeET.fromstring(packet)
    except (OSError, SyntaxError, ValueError, DefusedXmlException):
        return None
    found: str | None = meta.findtext(f".//{_name(f'autochrome:{_MASTER}')}")
    return found


def file_extension(pixels: Samples) -> str:
    """The extension of what `write_picture` writes: .png for 8 bits, .tif for 16."""
    return ".png" if pixels.dtype == np.uint8 else ".tif"


def write_picture(
    path: Path,
    pixels: Samples,
    disclosure: Disclosure,
    *,
    alpha: Samples | None = None,
) -> None:
    """Write a merged picture without loss, with its disclosure.

    8 bits become PNG, 16 bits uncompressed TIFF; both say that they are sRGB. The
    caller gives the path the matching `file_extension`.

    Args:
        path: Where; an existing file is replaced in one step.
        pixels: (H, W, 3), uint8 or uint16, sRGB.
        disclosure: What to say of it.
        alpha: (H, W) of the same type, or None.

    Raises:
        PictureUnwritten: Disk full, no permission; nothing is left behind.
    """
    packet = xmp_packet(disclosure)
    if alpha is not None:
        pixels = np.dstack([pixels, alpha])
    with _replacing(path) as file:
        if pixels.dtype == np.uint8:
            chunks = PngImagePlugin.PngInfo()
            chunks.add(b"sRGB", b"\0")  # perceptual intent
            chunks.add_itxt("XML:com.adobe.xmp", packet.decode())
            image = Image.fromarray(pixels)
            image.save(file, format="PNG", pnginfo=chunks, compress_level=_LEVEL)
        else:
            tifffile.imwrite(
                file,
                pixels,
                photometric="rgb",
                extrasamples=None if alpha is None else ["unassalpha"],
                iccprofile=_SRGB_PROFILE,
                extratags=[(_XMP_TAG, "B", len(packet), packet, True)],
                metadata=None,
                software="Autochrome",
            )


_LEVEL: Final = 3
_SRGB_PROFILE: Final = ImageCms.ImageCmsProfile(
    ImageCms.createProfile("sRGB")
).tobytes()


def write_access_copy(
    path: Path, image: Image.Image, disclosure: Disclosure, *, quality: int = 88
) -> None:
    """Write a JPEG for screens, with its disclosure.

    JPEG does not keep luma exactly: it is for access, never for keeping.

    Raises:
        PictureUnwritten: Disk full, no permission; nothing is left behind.
    """
    content = BytesIO()
    image.convert("RGB").save(  # with optimize=True Pillow fails on noisy pictures
        content,
        format="JPEG",
        quality=quality,
        subsampling=0,
        icc_profile=_SRGB_PROFILE,
        xmp=xmp_packet(disclosure),
    )
    with _replacing(path) as file:
        file.write(content.getbuffer())


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends well."""
    partial = path.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        try:
            with partial.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            _synchronise_folder(path.parent)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise PictureUnwritten(path, error) from error


def _synchronise_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_PAPER, _INK = "#ffffff", "#222222"
_NARROWEST = 240
_SMALLEST_TYPE, _LARGEST_TYPE = 13, 96


def caption_strip(image: Image.Image, text: str = f"{SENTENCE}.") -> Image.Image:
    """The picture with a line of text on white paper below it.

    The picture itself is not scaled, and no pixel of it is covered. The type grows
    with the picture; text that is too long is wrapped; the paper is never narrower
    than 240 pixels, so that it can be read under the smallest picture.
    """
    size = max(
        _SMALLEST_TYPE, min(_LARGEST_TYPE, min(image.width, 2 * image.height) // 42)
    )
    font = ImageFont.load_default(size)
    width = max(image.width, _NARROWEST)
    lines = _wrapped(text, font, width - 2 * size)
    line_height = round(size * 1.4)
    strip = size + line_height * len(lines)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    sheet = Image.new(mode, (width, image.height + strip), _PAPER)
    sheet.paste(image.convert(mode), (0, 0))
    pen = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        top = image.height + size // 2 + number * line_height
        pen.text((size, top), line, fill=_INK, font=font)
    return sheet


def _wrapped(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
