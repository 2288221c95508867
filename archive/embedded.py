"""What a scan says of itself: EXIF, IPTC and XMP, cleaned and bounded.

Files come from anywhere: every value may be hostile. Nothing here raises; what cannot
be read is left out. XMP is parsed by `defusedxml` with its namespaces.

Scanners and cameras write when *they* worked. Such a date is never taken for the
photograph's: `DateTimeDigitized` is not read as a date at all, and a creation date is
believed only where it is at least a day before the digitization, or, where no
digitization is told, before digital cameras were common (1995).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from archive.models.description import Described
from archive.pictures.sniffing import ACCEPTED, DECODER_ERRORS
from archive.vocabularies import Rights

LONGEST_VALUE = 2000
LONGEST_TEXT = 20_000
MOST_VALUES = 200
_LARGEST_XMP = 1024**2
_BEFORE_DIGITAL_CAMERAS = 1995

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
}
_IPTC = {
    5: "ObjectName",
    25: "Keywords",
    40: "SpecialInstructions",
    55: "DateCreated",
    62: "DigitalCreationDate",
    80: "By-line",
    90: "City",
    92: "Sub-location",
    95: "Province-State",
    101: "Country",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    120: "Caption-Abstract",
}
_MEANINGLESS = re.compile(
    r"^(olympus digital camera|samsung|sony dsc|minolta digital camera|kodak digital "
    r"still camera|digital camera|exif_jpeg_picture|default|untitled|scanned image|"
    r"scan ?\d*|image ?\d*|created with .*|\{\"shape\".*)$",
    re.IGNORECASE | re.DOTALL,
)
_KEPT = "\n\t\u200c\u200d"  # the joiners are letters to Persian and Hindi
_DATE = re.compile(r"^(\d{4})[-:/]?(\d{2})?[-:/]?(\d{2})?(?:$|[T ])")

Values = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Embedded:
    """What was found in a file.

    Attributes:
        standards: `exif`, `iptc`, `xmp` → name → text or texts; JSON values.
        description: descriptive field of a photograph → its text.
    """

    standards: dict[str, Values] = field(default_factory=dict)
    description: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Embedded:
    """Return what a picture says of itself; empty where nothing can be read."""
    standards: dict[str, Values] = {"exif": {}, "iptc": {}, "xmp": {}}
    with suppress(*DECODER_ERRORS), Image.open(path, formats=ACCEPTED) as image:
        for name, reader in (("exif", _exif), ("iptc", _iptc), ("xmp", _xmp)):
            with suppress(*DECODER_ERRORS, ParseError, DefusedXmlException):
                standards[name] = reader(image)
    return Embedded(
        {name: values for name, values in standards.items() if values},
        _description(**standards),
    )


def cleaned(text: str, longest: int = LONGEST_VALUE) -> str:
    """Return text that can be stored and shown: no control characters, not too long.

    Line ends stay, as line feeds, and so do all scripts; what would reorder the text
    around it goes. Half characters become question marks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8")
    kept = (c for c in text if c in _KEPT or unicodedata.category(c)[0] != "C")
    text = unicodedata.normalize("NFC", "".join(kept)).strip()
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def fitting(name: str, text: str) -> str:
    """Return the text, cleaned and no longer than the descriptive field takes."""
    column = Described._meta.get_field(name)
    longest = getattr(column, "max_length", None)  # text columns have none
    return cleaned(text, longest or LONGEST_TEXT)


def _exif(image: Image.Image) -> Values:
    exif = image.getexif()
    found: Values = {}
    groups: Iterable[Mapping[int, Any]] = (exif, exif.get_ifd(ExifTags.IFD.Exif))
    for group in groups:
        for tag, value in group.items():
            name = ExifTags.TAGS.get(tag)
            if name is None or name in ("MakerNote", "UserComment", "XMLPacket"):
                continue
            if name.startswith("XP") and isinstance(value, bytes | tuple):
                value = bytes(value).decode("utf-16-le", "replace")
            if isinstance(value, str):
                _keep(found, name, _mended(value))
            elif isinstance(value, int | float):
                _keep(found, name, str(value))
    return found


def _mended(text: str) -> str:
    """Pillow reads EXIF text as Latin-1; most programs write UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _iptc(image: Image.Image) -> Values:
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    found: Values = {}
    block = IptcImagePlugin.getiptcinfo(image) or {}
    for (record, dataset), value in block.items():
        if record == 2 and dataset in _IPTC:
            texts = [
                _decoded(v) for v in (value if isinstance(value, list) else [value])
            ]
            _keep(found, _IPTC[dataset], texts if len(texts) > 1 else texts[0])
    return found


def _decoded(value: bytes) -> str:
    value = value[: 4 * LONGEST_VALUE]
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _xmp(image: Image.Image) -> Values:
    packet = image.info.get("xmp") or b""
    if isinstance(packet, str):
        packet = packet.encode()
    if not packet or len(packet) > _LARGEST_XMP:
        return {}
    found: Values = {}
    root = fromstring(packet.rstrip(b"\x00 "))
    for described in root.iter(f"{_RDF}Description"):
        for name, value in described.attrib.items():
            _keep(found, _prefixed(name), value)
        for child in described:
            texts = _texts(child)
            if texts:
                _keep(
                    found, _prefixed(child.tag), texts if len(texts) > 1 else texts[0]
                )
    found.pop("", None)
    return found


def _texts(element: Element) -> list[str]:
    items = element.findall(f"*/{_RDF}li")
    if items:
        language = "{http://www.w3.org/XML/1998/namespace}lang"
        preferred = [item for item in items if item.get(language) == "x-default"]
        return [item.text for item in preferred or items if item.text]
    return [element.text] if element.text and element.text.strip() else []


def _prefixed(name: str) -> str:
    namespace, _brace, local = name.removeprefix("{").rpartition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else ""


def _keep(found: Values, name: str, value: str | list[str]) -> None:
    if not name or name in found or len(found) >= MOST_VALUES:
        return
    if isinstance(value, list):
        texts = [text for item in value[:MOST_VALUES] if (text := cleaned(item))]
        if texts:
            found[name] = texts
    elif text := cleaned(value):
        found[name] = text


def _description(exif: Values, iptc: Values, xmp: Values) -> dict[str, str]:
    """Choose the text of each descriptive field: XMP before IPTC before EXIF."""
    date = _date(exif, iptc, xmp)
    chosen = {
        "title": _first(
            xmp.get("dc:title"),
            iptc.get("ObjectName"),
            xmp.get("photoshop:Headline"),
            iptc.get("Headline"),
            exif.get("XPTitle"),
        ),
        "creator": _first(
            xmp.get("dc:creator"),
            iptc.get("By-line"),
            exif.get("Artist"),
            exif.get("XPAuthor"),
        ),
        "description": _first(
            xmp.get("dc:description"),
            iptc.get("Caption-Abstract"),
            exif.get("ImageDescription"),
            exif.get("XPComment"),
        ),
        "date_text": date,
        "date_edtf": date,
        "place": _place(iptc, xmp),
        "rights": _rights(xmp),
    }
    return {name: fitting(name, text) for name, text in chosen.items() if text}


def _first(*values: str | list[str] | None) -> str:
    for value in values:
        text = "; ".join(value) if isinstance(value, list) else value or ""
        if text and not _MEANINGLESS.match(text):
            return text
    return ""


def _place(iptc: Values, xmp: Values) -> str:
    parts = (
        _first(xmp.get("Iptc4xmpCore:Location"), iptc.get("Sub-location")),
        _first(xmp.get("photoshop:City"), iptc.get("City")),
        _first(xmp.get("photoshop:State"), iptc.get("Province-State")),
        _first(xmp.get("photoshop:Country"), iptc.get("Country")),
    )
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _rights(xmp: Values) -> str:
    for name in ("xmpRights:WebStatement", "dc:rights"):
        uri = _first(xmp.get(name)).replace("https://", "http://", 1)
        for candidate in (uri, f"{uri}/"):
            if candidate in Rights.values:
                return candidate
    return ""


def _date(exif: Values, iptc: Values, xmp: Values) -> str:
    """Return the day, month or year of the photograph as EDTF, or ""."""
    scanned = _as_date(
        exif.get("DateTimeDigitized"),
        xmp.get("exif:DateTimeDigitized"),
        iptc.get("DigitalCreationDate"),
        xmp.get("xmp:CreateDate"),
    )
    for value in (
        xmp.get("photoshop:DateCreated"),
        iptc.get("DateCreated"),
        xmp.get("exif:DateTimeOriginal"),
        exif.get("DateTimeOriginal"),
    ):
        taken = _as_date(value)
        if not taken:
            continue
        if (
            (taken < scanned[: len(taken)])
            if scanned
            else (int(taken[:4]) < _BEFORE_DIGITAL_CAMERAS)
        ):
            return taken
    return ""


def _as_date(*values: str | list[str] | None) -> str:
    """Return the first value that is a date: `1871`, `1871-06` or `1871-06-30`."""
    for value in values:
        match = _DATE.match(value) if isinstance(value, str) else None
        if not match or match[1] == "0000":
            continue
        year, month, day = match[1], match[2] or "00", match[3] or "00"
        if month == "00":
            return year
        with suppress(ValueError):
            dt.date(int(year), int(month), int(day) or 1)
            return f"{year}-{month}" if day == "00" else f"{year}-{month}-{day}"
    return ""
