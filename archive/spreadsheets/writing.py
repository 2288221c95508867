"""Writing descriptions as CSV, a few hundred photographs in memory at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.db.models import Prefetch

from archive.batches.planning import labels_of, state_of, with_terms
from archive.models import MasterFile, Photograph
from archive.spreadsheets.cells import COLUMNS, joined, written
from archive.vocabularies import Policy

CHUNK = 300
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Dialect:
    """How the file is written: the delimiter's name, and a mark for Excel or none."""

    delimiter: str = "comma"
    byte_order_mark: bool = False


def lines(keys: list[int], dialect: Dialect | None = None) -> Iterator[str]:
    """Yield the file in pieces: headings, then a row for each photograph in order.

    Three queries for some hundred photographs, however many there are.

    Args:
        keys: primary keys; those that are gone are left out.
        dialect: UTF-8 text with commas by default.
    """
    dialect = dialect or Dialect()
    if dialect.byte_order_mark:
        yield BYTE_ORDER_MARK
    yield _line([column.name for column in COLUMNS], dialect)
    fronts = Prefetch("masters", MasterFile.objects.rectos().defer("embedded"))
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        photographs = with_terms(Photograph.objects.filter(pk__in=part))
        found = photographs.prefetch_related(fronts).in_bulk()
        yield "".join(_line(_row(found[key]), dialect) for key in part if key in found)


def _row(photograph: Photograph) -> list[str]:
    values: dict[str, Any] = state_of(photograph)
    for policy in Policy:
        values[policy.value] = "yes" if values[policy.value] else "no"
    values["terms"] = joined(labels_of(photograph))
    values["filename"] = next(
        (front.original_name for front in photograph.masters.all()), ""
    )
    return [written(values[column.name]) for column in COLUMNS]


def _line(cells: list[str], dialect: Dialect) -> str:
    text = StringIO()
    csv.writer(text, delimiter=DELIMITERS[dialect.delimiter]).writerow(cells)
    return text.getvalue()
