"""Access copies that say what they are: a caption below the picture, and in XMP.

The picture itself is a screen copy from the store; nothing is drawn over it. A copy
in colour keeps the disclosure that it was stored with, and says it in words too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeET
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageDraw, ImageFont

from archive.errors import FixityBroken
from archive.models import Derivative, Photograph, Publication
from archive.vocabularies import ReviewState, Rights

FONTS = Path(__file__).with_name("fonts")
PLAIN, BOLD = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf"
QUALITY = 90
DIGITAL_SOURCE_TYPE = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/"
    "compositeWithTrainedAlgorithmicMedia"
)
_PAPER, _INK, _PALE = "#ffffff", "#222222", "#595959"
_LONGEST = 2000
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_SPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "autochrome": "urn:autochrome:disclosure:1",
}
# Said anew here; and the people's names in a disclosure stay in the archive.
_REPLACED = (
    *("dc:title", "dc:rights", "dc:description", "dc:identifier"),
    *("autochrome:SteeredBy", "autochrome:ConfirmedBy"),
)
_NAMES = re.compile(rb"<autochrome:(SteeredBy|ConfirmedBy)>[^<]*</autochrome:\1>")
for _prefix, _uri in _SPACES.items():
    ET.register_namespace(_prefix, _uri)


@dataclass(frozen=True)
class Caption:
    """What an access copy says of its picture.

    Attributes:
        record: Dublin Core terms, as `archive.publishing` writes them.
        colours: what is said of a machine's colours; "" for the original.
        confirmed: a person accepted the colours.
    """

    record: dict[str, Any]
    colours: str = ""
    confirmed: bool = False

    @property
    def rights(self) -> str:
        """The rights statement in words."""
        uri = self.record.get("rights", "")
        return str(Rights(uri).label) if uri in Rights.values else uri

    def lines(self) -> list[tuple[str, bool]]:
        """Return the lines of the strip, and which of them are bold."""
        record = self.record
        made = ", ".join(filter(None, (record.get("creator"), record.get("date"))))
        about = " · ".join(filter(None, (record["identifier"], made)))
        rights = _("Rights: %(rights)s") % {"rights": self.rights or _("not stated")}
        lines = [(record.get("title", ""), True), (about, False), (rights, False)]
        return [line for line in [*lines, (self.colours, True)] if line[0]]


def of_photograph(photograph: Photograph, copy: Derivative) -> Caption:
    """Return the caption of a copy by the working record, for those who may see it."""
    from archive.publishing import dublin_core  # noqa: PLC0415  it records, as we do not

    return Caption(dublin_core(photograph), colours_of(copy), _accepted(copy))


def of_publication(publication: Publication, copy: Derivative) -> Caption:
    """Return the caption of a copy by what is published, and by nothing else."""
    return Caption(publication.record, colours_of(copy), _accepted(copy))


def without_names(content: bytes) -> bytes:
    """Return a stored copy's bytes with the people's names in its XMP blanked out."""
    return _NAMES.sub(lambda found: b" " * len(found[0]), content)


def _accepted(copy: Derivative) -> bool:
    return (copy.source or copy).review_state == ReviewState.ACCEPTED


def colours_of(copy: Derivative) -> str:
    """Return what is said of a copy's colours; "" for a copy of the original."""
    if not copy.machine_interpretation:
        return ""
    made = copy.source or copy
    model, _space, version = made.made_by.rpartition(" ")
    said = _(
        "Colours are a machine's interpretation, model %(model)s version %(version)s"
    )
    words = said % {"model": model or version, "version": version if model else "?"}
    if made.steered:
        words = f"{words}, {made.steered_words}"
    if not _accepted(copy):
        words = _("%(words)s; no person has confirmed them") % {"words": words}
    return f"{words}."


def access_copy(copy: Derivative, caption: Caption) -> bytes:
    """Return a JPEG of a screen copy with its caption below and in its XMP.

    Raises:
        FixityBroken: the stored copy is gone or damaged.
    """
    try:
        with Image.open(copy.path, formats=("JPEG",)) as stored:
            packet = stored.info.get("xmp", b"")
            picture = stored.convert("RGB")
    except (OSError, SyntaxError) as problem:
        raise FixityBroken(
            _("The stored copy of %(code)s is gone or damaged; make it again.")
            % {"code": caption.record["identifier"]}
        ) from problem
    content = BytesIO()
    with_strip(picture, caption.lines()).save(
        content,
        "JPEG",
        quality=QUALITY,
        subsampling=0,
        icc_profile=_SRGB,
        xmp=xmp(caption, packet, made_by=copy.made_by),
    )
    return content.getvalue()


def with_strip(picture: Image.Image, lines: list[tuple[str, bool]]) -> Image.Image:
    """Return the picture, unscaled, above white paper with the lines on it."""
    size = max(14, min(48, min(picture.width, 2 * picture.height) // 55))
    width, margin = max(picture.width, 320), size
    written = [
        (part, bold)
        for text, bold in lines
        for part in _wrapped(text, _font(bold, size), width - 2 * margin)
    ]
    step = round(size * 1.45)
    paper = Image.new(
        "RGB", (width, picture.height + 2 * margin + step * len(written)), _PAPER
    )
    paper.paste(picture, ((width - picture.width) // 2, 0))
    pen = ImageDraw.Draw(paper)
    for number, (text, bold) in enumerate(written):
        place = (margin, picture.height + margin + number * step)
        pen.text(place, text, fill=_INK if bold else _PALE, font=_font(bold, size))
    return paper


def xmp(caption: Caption, packet: bytes = b"", *, made_by: str = "") -> bytes:
    """Return an XMP packet that says what the caption says, and keeps the given one."""
    meta, about = _opened(packet)
    record = caption.record
    disclosed = about.find(_name("Iptc4xmpExt:DigitalSourceType")) is not None
    confirmed = about.find(_name("autochrome:ConfirmedByPerson"))
    if confirmed is not None:
        confirmed.text = str(caption.confirmed)
    for name in _REPLACED:
        for old in about.findall(_name(name)):
            about.remove(old)
    said = " ".join(
        filter(None, (record.get("description", "")[:_LONGEST], caption.colours))
    )
    _put(about, "dc:title", record.get("title"), "Alt")
    _put(about, "dc:description", said, "Alt")
    _put(about, "dc:rights", caption.rights, "Alt")
    _put(about, "dc:creator", record.get("creator"), "Seq")
    _put(about, "dc:subject", record.get("subject"), "Bag")
    date = record.get("created", "")
    for name, value in {
        "dc:identifier": record["identifier"],
        "xmpRights:WebStatement": record.get("rights"),
        "photoshop:DateCreated": date if _ISO.fullmatch(date) else "",
        "photoshop:Instructions": caption.colours,
        "Iptc4xmpCore:Location": record.get("spatial"),
    }.items():
        _put(about, name, value)
    if caption.colours and not disclosed:
        _put(about, "Iptc4xmpExt:DigitalSourceType", DIGITAL_SOURCE_TYPE)
        _put(about, "Iptc4xmpExt:AISystemUsed", f"Autochrome, {made_by}")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f"{ET.tostring(meta, encoding='unicode')}\n"
        '<?xpacket end="w"?>'
    ).encode()


_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _opened(packet: bytes) -> tuple[ET.Element, ET.Element]:
    """Return the packet's root and its first description; new ones for none."""
    try:
        meta = SafeET.fromstring(packet)
        about = meta.find(f".//{_name('rdf:Description')}")
        if about is not None:
            return meta, about
    except (ET.ParseError, ValueError, DefusedXmlException):
        pass
    meta = ET.Element(_name("x:xmpmeta"))
    rdf = ET.SubElement(meta, _name("rdf:RDF"))
    return meta, ET.SubElement(rdf, _name("rdf:Description"), {_name("rdf:about"): ""})


def _put(about: ET.Element, name: str, value: Any, container: str = "") -> None:
    if not value:
        return
    element = ET.SubElement(about, _name(name))
    if not container:
        element.text = _NOT_XML.sub("", value)
        return
    inside = ET.SubElement(element, _name(f"rdf:{container}"))
    for text in value if isinstance(value, list) else [value]:
        attributes = {_XML_LANG: "x-default"} if container == "Alt" else {}
        item = ET.SubElement(inside, _name("rdf:li"), attributes)
        item.text = _NOT_XML.sub("", text)


def _name(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{_SPACES[prefix]}}}{local}"


def _font(bold: bool, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BOLD if bold else PLAIN, size)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:6]
