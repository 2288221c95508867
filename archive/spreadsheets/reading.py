"""Reading CSV as spreadsheets write it, row by row and never all at once."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from archive.errors import ArchiveError
from archive.sidecar import MOST_ROWS
from archive.spreadsheets.cells import column_of

LARGEST_BYTES = 100 * 1024**2
_CHUNK = 1024**2
_DELIMITERS = ",;\t|"


class NotASpreadsheet(ArchiveError):
    """The file cannot be read as CSV with a column of reference codes."""

    code = "not_a_spreadsheet"


@dataclass(frozen=True)
class Row:
    """One row: its number in the spreadsheet, and the cells by field.

    Attributes:
        number: counted from 1 with the headings.
        cells: field to what is written; the first column of that meaning.
        overlong: it has more cells than there are headings.
    """

    number: int
    cells: dict[str, str]
    overlong: bool = False


@dataclass
class Spreadsheet:
    """A file that is being read.

    Attributes:
        headings: column by column the field that it means; "" for none.
        unknown: headings that mean nothing here.
        rows: those below the headings; can be read once.
    """

    headings: list[str]
    unknown: list[str]
    rows: Iterator[Row]


@contextmanager
def opened(path: Path) -> Iterator[Spreadsheet]:
    """Read a file: UTF-8, UTF-16 or Windows-1252; commas, semicolons, tabs or bars.

    Raises:
        NotASpreadsheet: it is too large, empty, broken, or names no photograph.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise NotASpreadsheet(
                _("The file has more than %(most)s MiB. Import it in parts.")
                % {"most": LARGEST_BYTES // 1024**2}
            )
        encoding = encoding_of(path)
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            yield _spreadsheet(file)
    except OSError as problem:
        raise NotASpreadsheet(
            _("The file cannot be read (%(why)s).") % {"why": problem.strerror}
        ) from problem
    except csv.Error as problem:
        raise NotASpreadsheet(
            _("It is not a sound CSV file (%(why)s).") % {"why": problem}
        ) from problem


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file, by its marks, its zeros, or its bytes."""
    with path.open("rb") as file:
        head = file.read(4096)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if head[1::2].count(0) > len(head) // 4:
            return "utf-16-le"
        if head[::2].count(0) > len(head) // 4:
            return "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _spreadsheet(file: TextIO) -> Spreadsheet:
    first = file.readline()
    told = first.strip().lower()
    if told.startswith("sep=") and len(told) == 5:  # Excel's own, not a row to it
        delimiter, start = told[4], file.tell()
        heading = file.readline()
        file.seek(start)
    else:
        delimiter, heading = "", first
        file.seek(0)
    if not delimiter:
        delimiter = max(_DELIMITERS, key=lambda mark: _known(heading, mark))
    lines = enumerate(csv.reader(file, delimiter=delimiter), start=1)
    written: list[str] = next((line for _n, line in lines if _filled(line)), [])
    headings = [column_of(heading) for heading in written]
    if "reference_code" not in headings:
        raise NotASpreadsheet(
            _(
                "It has no column “reference_code”, so that no row could be matched "
                "with a photograph."
            )
        )
    unknown = [
        heading.strip()[:60]
        for heading, name in zip(written, headings, strict=True)
        if not name and heading.strip()
    ]
    return Spreadsheet(headings, unknown, _rows(lines, headings))


def _rows(lines: Iterator[tuple[int, list[str]]], headings: list[str]) -> Iterator[Row]:
    for count, (number, line) in enumerate(lines):
        if count >= MOST_ROWS:
            raise NotASpreadsheet(
                _("It has more than %(most)s rows. Import it in parts.")
                % {"most": f"{MOST_ROWS:,}"}
            )
        if not _filled(line):
            continue
        cells: dict[str, str] = {}
        for name, cell in zip(headings, line, strict=False):
            if name and name not in cells:
                cells[name] = cell
        yield Row(number, cells, _filled(line[len(headings) :]))


def _known(heading: str, mark: str) -> int:
    cells = next(csv.reader([heading], delimiter=mark), [])
    return sum(bool(column_of(cell)) for cell in cells)


def _filled(cells: list[str]) -> bool:
    return any(cell.strip() for cell in cells)
