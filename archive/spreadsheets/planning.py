"""The dry run of an import: what each row would change, or what is wrong with it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import background
from archive.batches import values
from archive.batches.operations import permissions
from archive.batches.planning import (
    CHUNK,
    forget,
    labels_of,
    settle,
    state_of,
    with_terms,
)
from archive.embedded import cleaned
from archive.models import Batch, BatchItem, Collection, Photograph
from archive.sidecar import rights_of
from archive.spreadsheets.cells import CANNOT_TELL, CLEAR, NO, YES, read, split
from archive.spreadsheets.reading import NotASpreadsheet, Row, opened
from archive.vocabularies import (
    BatchAction,
    BatchKind,
    BatchOutcome,
    BatchState,
    Policy,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User

#: Files up to this size are examined while the person waits.
AT_ONCE_BYTES = 256 * 1024
_UNLIMITED = 10**9
Changes = dict[str, list[Any]]


def propose_import(
    file: IO[bytes], name: str, *, create: bool, by: User, at_once: bool = False
) -> Batch:
    """Preview an import; nothing is changed. A large one is examined by a worker.

    Args:
        file: the CSV, read from where it stands.
        name: what the curator calls it.
        create: whether a row with a new code makes a record without a picture.
        by: the person.
        at_once: examine even a large one here and now.
    """
    forget(by)
    _folder().mkdir(parents=True, exist_ok=True)
    place = _folder() / f"{uuid.uuid4().hex}.csv"
    with place.open("xb") as copy:
        shutil.copyfileobj(file, copy)
    batch = Batch.objects.create(
        kind=BatchKind.IMPORT,
        title=(gettext_noop("Import of %(name)s") % {"name": cleaned(name, 200)})[:500],
        asked={"file": place.name, "create": create},
        started_by=by,
    )
    if at_once or place.stat().st_size <= AT_ONCE_BYTES:
        with translation.override(settings.LANGUAGE_CODE):  # the reasons are kept
            plan_import(batch)
    else:
        background.enqueue("archive.spreadsheets.planning.continue_import", batch.pk)
    return batch


def continue_import(batch_pk: int) -> None:
    """Examine the file of an import, in a worker."""
    batch = Batch.objects.filter(pk=batch_pk, state=BatchState.PLANNING).first()
    if batch is not None:
        plan_import(batch)


def plan_import(batch: Batch) -> None:
    """Write an item for each row: from what to what, or what is wrong with it."""
    place = (
        Path(settings.INCOMING_DIR) / "spreadsheets" / Path(batch.asked["file"]).name
    )
    try:
        with opened(place) as spreadsheet:
            batch.notes = _notes(spreadsheet.headings, spreadsheet.unknown)
            _plan(batch, spreadsheet.rows)
    except NotASpreadsheet as problem:
        batch.items.all().delete()
        batch.state, batch.notes = BatchState.FAILED, [problem.sentence]
        batch.save(update_fields=["state", "notes"])
    else:
        settle(batch)
    with suppress(OSError):
        place.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.INCOMING_DIR) / "spreadsheets"


def _plan(batch: Batch, rows: Iterator[Row]) -> None:
    collections = set(Collection.objects.values_list("reference_code", flat=True))
    seen: dict[str, int] = {}
    while part := list(islice(rows, CHUNK)):
        codes = [_text(row.cells.get("reference_code", "")) for row in part]
        known = {
            photograph.reference_code: photograph
            for photograph in with_terms(
                Photograph.objects.filter(reference_code__in=set(codes))
            )
        }
        items = []
        for row, code in zip(part, codes, strict=True):
            item = BatchItem(batch=batch, row=row.number, code=code[:200])
            earlier = seen.setdefault(code, row.number)
            if earlier != row.number and code:
                _refuse(
                    item, {"": _("Row %(row)s has the same code.") % {"row": earlier}}
                )
            else:
                _examine(item, row, known.get(code), collections)
            items.append(item)
        BatchItem.objects.bulk_create(items, ignore_conflicts=True)
        Batch.objects.filter(pk=batch.pk).update(total=len(seen))


def _examine(
    item: BatchItem, row: Row, photograph: Photograph | None, collections: set[str]
) -> None:
    wanted, wrong = _wanted(row)
    if row.overlong:
        wrong[""] = _("The row has more cells than there are headings.")
    place = wanted.get("collection")
    if place and place not in collections:
        wrong["collection"] = _("There is no collection %(code)s.") % {"code": place}
    if photograph is None:
        item.action = BatchAction.CREATE
        item.changes = _of_new({"reference_code": item.code, **wanted})
        wrong |= _not_creatable(item, place)
    else:
        item.photograph = photograph
        item.changes = _of_known(photograph, wanted)
    needed = permissions(item.changes)
    if item.action == BatchAction.CREATE:
        needed.add("archive.add_photograph")
    if not item.batch.started_by.has_perms(needed):
        wrong[""] = _("Your role does not allow all that the row changes.")
    if wrong:
        _refuse(item, wrong)
    elif not item.changes:
        item.outcome = BatchOutcome.UNCHANGED


def _not_creatable(item: BatchItem, place: str | None) -> dict[str, str]:
    """Return why a row that no photograph is known for cannot make one."""
    if not item.code:
        return {"reference_code": _("The row names no photograph.")}
    if not item.batch.asked.get("create"):
        return {"reference_code": _("There is no photograph with this code.")}
    wrong = values.problems({"reference_code": item.code})
    if not place:
        wrong["collection"] = _(
            "There is no photograph with this code yet; to make a record of it, name "
            "its collection."
        )
    return wrong


def _wanted(row: Row) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the row's cells mean by field, and what is wrong with them."""
    wanted: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, cell in row.cells.items():
        if name in {"reference_code", "file"} or not cell.strip():
            continue
        text = "" if cell.strip().lower() == CLEAR else _text(cell)
        if name in Policy.values:
            if text.casefold() not in YES | NO:
                wrong[name] = str(CANNOT_TELL)
            wanted[name] = text.casefold() in YES
        elif name == "terms":
            wanted[name] = split(text)
            if any(len(label) > 200 for label in wanted[name]):
                wrong[name] = _("A term is longer than 200 letters.")
        elif name == "collection":
            wanted[name] = text
            if not text:
                wrong[name] = _("A photograph is always in a collection.")
        elif name == "rights" and text:
            wanted[name] = rights_of(text) or text
        else:
            wanted[name] = text
    texts = {name: text for name, text in wanted.items() if name in values.TEXTS}
    return wanted, wrong | values.problems(texts)


def _of_known(photograph: Photograph, wanted: dict[str, Any]) -> Changes:
    before = state_of(photograph)
    changes: Changes = {
        name: [before[name], value]
        for name, value in wanted.items()
        if name != "terms" and _differs(before[name], value)
    }
    texts = {name: to for name, (_from, to) in changes.items() if name in values.TEXTS}
    if "date_edtf" not in wanted:
        for name, to in values.date_followed(texts).items():
            if before[name] != to:
                changes[name] = [before[name], to]
    if "terms" in wanted:
        borne = {label.casefold(): label for label in labels_of(photograph)}
        told = {label.casefold(): label for label in wanted["terms"]}
        gone = [label for key, label in borne.items() if key not in told]
        new = [label for key, label in told.items() if key not in borne]
        if gone or new:
            changes["terms"] = [gone, new]
    return changes


def _of_new(wanted: dict[str, Any]) -> Changes:
    texts = {name: to for name, to in wanted.items() if name in values.TEXTS}
    told = {**wanted, **values.date_followed(texts)}
    nothing: dict[type, Any] = {bool: False, list: []}
    return {
        name: [nothing.get(type(value), ""), value]
        for name, value in told.items()
        if value
    }


def _differs(before: Any, value: Any) -> bool:
    """Say whether a cell means something else than what stands in the catalogue.

    Line ends, and blanks around a text, do not survive every spreadsheet.
    """
    return bool(before != value and (before is True or _clean(str(before)) != value))


def _text(cell: str) -> str:
    return _clean(read(cell.strip(" ")))


def _clean(text: str) -> str:
    return cleaned(text, _UNLIMITED)


def _refuse(item: BatchItem, wrong: dict[str, str]) -> None:
    item.outcome = BatchOutcome.REFUSED
    item.reason = "\n".join(
        _("Row %(row)s, “%(column)s”: %(why)s")
        % {"row": item.row, "column": name, "why": said}
        if name
        else _("Row %(row)s: %(why)s") % {"row": item.row, "why": said}
        for name, said in wrong.items()
    )


def _notes(headings: list[str], unknown: list[str]) -> list[str]:
    notes = []
    if unknown:
        listed = ", ".join(f"“{heading}”" for heading in unknown[:20])
        notes.append(
            _("Unknown columns were left out: %(columns)s.") % {"columns": listed}
        )
    if "file" in headings:
        notes.append(_("The column with file names is for reading only."))
    twice = {name for name in headings if name and headings.count(name) > 1}
    if twice:
        notes.append(
            _("Named twice, the first column counts: %(columns)s.")
            % {"columns": ", ".join(sorted(twice))}
        )
    return notes
