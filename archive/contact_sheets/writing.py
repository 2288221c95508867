"""Writing one PDF: pages of pictures with captions, in an embedded font."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image
from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from archive.captions import BOLD, PLAIN
from archive.contact_sheets.layout import FOOT, HEAD, MARGIN, Layout

rl_config.useA85 = 0  # pictures stay the bytes that they are
_PLAIN, _BOLD = "DejaVu", "DejaVu-Bold"
_INK, _PALE, _LINE, _EMPTY = 0.13, 0.35, 0.75, 0.9
_QUALITY = 82


@dataclass(frozen=True)
class Entry:
    """One photograph on the sheet.

    Attributes:
        picture: the file of its copy; None where there is none.
        title: in bold, two lines at most.
        lines: a line each: code and date, creator, rights.
        label: what is said of a machine's colours; "" for an original.
    """

    picture: Path | None
    title: str
    lines: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True)
class Frame:
    """What stands on every page: heading, line below it, and the pages' numbers."""

    title: str
    about: str
    first_page: int
    pages: int


def write(place: Path, entries: Iterable[Entry], layout: Layout, frame: Frame) -> None:
    """Write the pages of some hundred photographs, which are held in memory.

    Args:
        place: the file; it is there when it is whole.
        entries: in order.
        layout: of the paper.
        frame: of these pages.
    """
    for name, file in ((_PLAIN, PLAIN), (_BOLD, BOLD)):
        registerFont(TTFont(name, file))
    partial = place.with_suffix(".partial")
    canvas = Canvas(str(partial), pagesize=layout.size, pageCompression=1, lang="en-GB")
    canvas.setTitle(frame.title)
    canvas.setCreator("Autochrome")
    page = frame.first_page
    number = 0
    for number, entry in enumerate(entries):
        if number % layout.a_page == 0:
            if number:
                canvas.showPage()
                page += 1
            _frame(canvas, layout, frame, page)
        _entry(canvas, layout, entry, *layout.place(number % layout.a_page))
    canvas.showPage()
    canvas.save()
    partial.replace(place)


def _frame(canvas: Canvas, layout: Layout, frame: Frame, page: int) -> None:
    width, height = layout.size
    top = height - MARGIN
    canvas.setFillGray(_INK)
    _line(canvas, MARGIN, top - 11, frame.title, width - 2 * MARGIN, _BOLD, 13)
    canvas.setFillGray(_PALE)
    _line(canvas, MARGIN, top - 24, frame.about, width - 2 * MARGIN, _PLAIN, 8)
    canvas.setStrokeGray(_LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, top - HEAD + 10, width - MARGIN, top - HEAD + 10)
    canvas.setFont(_PLAIN, 8)
    said = _("Page %(page)s of %(pages)s") % {"page": page, "pages": frame.pages}
    canvas.drawRightString(width - MARGIN, MARGIN + FOOT / 4 - 8, said)
    if layout.colours:
        canvas.drawString(
            MARGIN,
            MARGIN + FOOT / 4 - 8,
            _("Colours marked so are a machine’s interpretation, not a record."),
        )


def _entry(
    canvas: Canvas, layout: Layout, entry: Entry, left: float, top: float
) -> None:
    width, height = layout.cell_width, layout.picture_height
    _picture(canvas, layout, entry, left, top)
    size, below = layout.type_size, top - height
    lines = [(text, _BOLD, _INK) for text in _wrapped(entry.title, size, width)]
    if entry.label:
        lines += [(text, _BOLD, _INK) for text in _wrapped(entry.label, size, width)]
    lines += [(text, _PLAIN, _PALE) for text in entry.lines if text]
    for text, font, grey in lines[: layout.caption_lines]:
        below -= layout.leading
        canvas.setFillGray(grey)
        _line(canvas, left, below, text, width, font, size)


def _picture(
    canvas: Canvas, layout: Layout, entry: Entry, left: float, top: float
) -> None:
    width, height = layout.cell_width, layout.picture_height
    content = _content(entry.picture, layout.pixels) if entry.picture else None
    if content is None:
        canvas.setFillGray(_EMPTY)
        canvas.rect(left, top - height, width, height, stroke=0, fill=1)
        canvas.setFillGray(_PALE)
        canvas.setFont(_PLAIN, layout.type_size)
        canvas.drawCentredString(
            left + width / 2, top - height / 2, _("no screen copy")
        )
        return
    reader = ImageReader(content)
    wide, high = reader.getSize()
    scale = min(width / wide, height / high)
    shown = wide * scale, high * scale
    canvas.drawImage(reader, left, top - height, *shown)


def _content(file: Path, longest: int) -> BytesIO | None:
    """Return a JPEG no larger than print can use; None where the file is no picture."""
    try:
        with Image.open(file, formats=("JPEG",)) as picture:
            if max(picture.size) <= longest * 1.25:
                return BytesIO(file.read_bytes())
            picture.draft("RGB", (longest, longest))
            small = picture.convert("L" if picture.mode == "L" else "RGB")
    except OSError:
        return None
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    content = BytesIO()
    small.save(content, "JPEG", quality=_QUALITY)
    content.seek(0)
    return content


def _line(
    canvas: Canvas,
    left: float,
    base: float,
    text: str,
    width: float,
    font: str,
    size: float,
) -> None:
    canvas.setFont(font, size)
    canvas.drawString(left, base, _fitted(text, font, size, width))


def _fitted(text: str, font: str, size: float, width: float) -> str:
    text = " ".join(text.split())
    if stringWidth(text, font, size) <= width:
        return text
    while text and stringWidth(f"{text}…", font, size) > width:
        text = text[: -max(1, len(text) // 12)].rstrip()
    return f"{text}…"


def _wrapped(text: str, size: float, width: float, most: int = 2) -> list[str]:
    """Return the text in lines; what is over the last one is cut when it is drawn."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        fits = stringWidth(longer, _BOLD, size) <= width
        if lines and (fits or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
