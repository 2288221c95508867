"""The columns that a table of photographs can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archive.sheet import Cell
from archive.vocabularies import MEDIA_TYPES, Rights


@dataclass(frozen=True)
class Column:
    """A column: its name in choices, its heading, and its text for one photograph."""

    name: str
    label: str
    text: Callable[[Cell], str]


def _front(cell: Cell) -> str:
    kind, size = cell.file
    return f"{MEDIA_TYPES.get(kind, kind)}, {size}" if kind else ""


def _rights(cell: Cell) -> str:
    rights = cell.photograph.rights
    return str(Rights(rights).label) if rights in Rights.values else rights


# The reference code, the picture and the state are always there.
COLUMNS = {
    column.name: column
    for column in (
        Column("title", "Title", lambda cell: cell.photograph.title or "Untitled"),
        Column("date", "Date", lambda cell: cell.photograph.date_text),
        Column("creator", "Creator", lambda cell: cell.photograph.creator),
        Column("place", "Place", lambda cell: cell.photograph.place),
        Column(
            "collection", "Collection", lambda cell: str(cell.photograph.collection)
        ),
        Column("terms", "Terms", lambda cell: ", ".join(cell.terms)),
        Column("extent", "Medium", lambda cell: cell.photograph.extent_and_medium),
        Column("rights", "Rights", _rights),
        Column("file", "File", _front),
        Column("added", "Added", lambda cell: f"{cell.photograph.created_at:%Y-%m-%d}"),
    )
}
USUAL = ["title", "date", "creator", "place"]


def chosen(names: list[str]) -> list[Column]:
    """Return the columns of those names in their order; the usual ones for none."""
    found = [column for name, column in COLUMNS.items() if name in names]
    return found or [COLUMNS[name] for name in USUAL]
