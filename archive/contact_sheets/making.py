"""Making contact sheets: some hundred photographs a file, so that memory is bounded."""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from archive import background, sheet
from archive.batches import Selection
from archive.captions import colours_of
from archive.contact_sheets.layout import Layout
from archive.contact_sheets.writing import Entry, Frame, write
from archive.errors import InvalidDescription
from archive.models import Collection, ContactSheet, Derivative, Photograph
from archive.vocabularies import Policy, Purpose, ReviewState, Rights

if TYPE_CHECKING:
    from django.contrib.auth.models import User

#: Photographs in one PDF; more of them come as several in a ZIP.
PART = 600
#: Up to so many are made while the person waits.
AT_ONCE = 40
CHUNK = 100
KEPT = dt.timedelta(days=3)


def request_sheet(selection: Selection, layout: Layout, *, by: User) -> ContactSheet:
    """Have a contact sheet made; a small one is ready when this returns.

    Raises:
        InvalidDescription: nothing is selected.
    """
    total = selection.count()
    if not total:
        sentence = _("No photograph is selected.")
        raise InvalidDescription(sentence, {"selection": sentence})
    forget(by)
    asked = {
        "selection": selection.as_json(),
        "paper": layout.paper,
        "columns": layout.columns,
        "colours": layout.colours,
        "language": get_language() or settings.LANGUAGE_CODE,
    }
    made = ContactSheet.objects.create(
        title=_title(selection), asked=asked, total=total, started_by=by
    )
    if total <= AT_ONCE:
        make(made.pk)
        made.refresh_from_db()
    else:
        background.enqueue("archive.contact_sheets.making.make", made.pk)
    return made


def make(pk: int) -> None:
    """Make the files of a contact sheet; again it begins where a file is missing."""
    made = ContactSheet.objects.filter(pk=pk, state=ContactSheet.State.MAKING).first()
    if made is None:
        return
    layout = Layout.from_json(made.asked)
    try:
        keys = Selection.from_json(made.asked["selection"]).primary_keys()
        made.folder.mkdir(parents=True, exist_ok=True)
        with translation.override(made.asked.get("language", settings.LANGUAGE_CODE)):
            files = _parts(made, keys, layout)
        place = files[0] if len(files) == 1 else _bundled(made.folder, files)
    except (OSError, Collection.DoesNotExist) as problem:
        made.state = ContactSheet.State.FAILED
        made.reason = gettext_noop("It could not be made (%(why)s).") % {"why": problem}
        shutil.rmtree(made.folder, ignore_errors=True)
    else:
        made.state = ContactSheet.State.READY
        made.file, made.size_bytes = place.name, place.stat().st_size
        made.total = made.done = len(keys)
        made.pages = layout.pages(len(keys))
    made.save()


def forget(by: User) -> None:
    """Drop a person's contact sheets of some days ago, with their files."""
    old = ContactSheet.objects.filter(
        started_by=by, started_at__lt=timezone.now() - KEPT
    )
    for one in old:
        shutil.rmtree(one.folder, ignore_errors=True)
        one.delete()


def _parts(made: ContactSheet, keys: list[int], layout: Layout) -> list[Path]:
    size = PART // layout.a_page * layout.a_page or layout.a_page  # whole pages
    about = _("%(count)s photographs · %(day)s · Autochrome") % {
        "count": number_format(len(keys), force_grouping=True),
        "day": timezone.localdate().isoformat(),
    }
    files = []
    for number, start in enumerate(range(0, len(keys), size), start=1):
        place = made.folder / f"contact-sheet-{number:03}.pdf"
        part = keys[start : start + size]
        if not place.exists():
            frame = Frame(
                made.title, about, layout.pages(start) + 1, layout.pages(len(keys))
            )
            write(place, _entries(part, layout), layout, frame)
        files.append(place)
        ContactSheet.objects.filter(pk=made.pk).update(done=start + len(part))
    return files


def _entries(keys: list[int], layout: Layout) -> Iterator[Entry]:
    """Yield what is printed; the queries depend on the number of chunks alone."""
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        large = _copies(part, layout) if layout.columns <= 3 or layout.colours else {}
        for cell in sheet.cells(part):
            copy = large.get(cell.photograph.pk, cell.copy)
            yield _entry(cell, copy)


def _entry(cell: sheet.Cell, copy: Derivative | None) -> Entry:
    photograph = cell.photograph
    rights = photograph.rights
    stated = str(Rights(rights).label) if rights in Rights.values else rights
    restricted = (str(policy.label) for policy in cell.restrictions)
    coded = _joined(photograph.reference_code, photograph.date_text)
    return Entry(
        picture=copy.path if copy else None,
        title=photograph.title or _("Untitled"),
        lines=(
            coded,
            photograph.creator,
            " · ".join(filter(None, (stated, *restricted))),
        ),
        label=_label(copy),
    )


def _joined(*words: str) -> str:
    return " · ".join(filter(None, words))


def _label(copy: Derivative | None) -> str:
    if copy is None or not colours_of(copy):
        return ""
    return _("Colours: a machine’s interpretation (%(model)s)") % {
        "model": copy.made_by
    }


def _copies(keys: list[int], layout: Layout) -> dict[int, Derivative]:
    """Return the copies that are large enough, accepted colours first if asked."""
    purposes = [Purpose.DISPLAY]
    if layout.colours:
        purposes.append(Purpose.COLOUR_DISPLAY)
    found: dict[int, Derivative] = {}
    barred = set(
        Photograph.objects.filter(pk__in=keys)
        .restricted(Policy.DO_NOT_COLORIZE)
        .order_by()
        .values_list("pk", flat=True)
    )
    copies = (
        Derivative.objects.filter(
            master__photograph__in=keys, master__side="recto", purpose__in=purposes
        )
        .select_related("master", "source__steering")
        .order_by("pk")
    )
    for copy in copies:
        accepted = copy.source and copy.source.review_state == ReviewState.ACCEPTED
        key = copy.master.photograph_id
        if copy.purpose == Purpose.DISPLAY:
            found.setdefault(key, copy)
        elif accepted and key not in barred:
            found[key] = copy
    return found


def _bundled(folder: Path, files: list[Path]) -> Path:
    place = folder / "contact-sheets.zip"
    partial = place.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as bundle:
        for file in files:
            bundle.write(file, file.name)
    partial.replace(place)
    for file in files:
        file.unlink()
    return place


def _title(selection: Selection) -> str:
    if selection.collection is not None:
        return str(Collection.objects.get(pk=selection.collection))[:500]
    return _("Selected photographs")
