"""Accessions: a folder or an upload, examined first and then ingested file by file.

Every file is a step of its own: what is done is done, and a run that was interrupted
anywhere goes on with what is left. Two runs of the same accession at once do no harm:
the bytes of a file are entered once, whoever is quicker.

examining → examined → ingesting → finished; cancelled from any of the first three;
failed where the folder cannot be read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import background, sentences
from archive.embedded import cleaned
from archive.errors import NotInThisState, SourceUnreadable
from archive.ingest import incoming
from archive.ingest.discovery import discover
from archive.ingest.steps import Run
from archive.models import Accession, AccessionItem, Collection, MasterFile
from archive.vocabularies import AccessionState, ItemOutcome

if TYPE_CHECKING:
    from django.contrib.auth.models import User

#: How long a worker goes on before it makes way for other light work, in seconds.
SLICE = 600.0
_UNFINISHED = {
    AccessionState.EXAMINING,
    AccessionState.EXAMINED,
    AccessionState.INGESTING,
}


def open_folder(
    folder: Path | str, collection: Collection, *, by: User | None
) -> Accession:
    """Begin an accession of a folder; nothing is read of it yet.

    A folder of the program's own, such as the sample, is named relative to it.

    Raises:
        SourceUnreadable: it is no folder, or the archive's own data folder.
    """
    place = Path(folder).absolute()
    try:
        place = Path(folder).expanduser().absolute()
        is_folder = place.is_dir()
    except (OSError, RuntimeError):  # a name too long, or of a home that is not
        is_folder = False
    shown = cleaned(str(place))
    if not is_folder:
        raise SourceUnreadable(
            _(
                "There is no folder %(folder)s. Check the name; it must be on the "
                "machine that the archive runs on."
            )
            % {"folder": shown}
        )
    if place.resolve().is_relative_to(Path(settings.DATA_DIR).resolve()):
        raise SourceUnreadable(
            _("%(folder)s belongs to the archive itself and cannot be ingested.")
            % {"folder": shown}
        )
    if shown != str(place) or len(shown) > 1000:
        raise SourceUnreadable(
            _("The name of the folder is too long or not valid Unicode. Rename it.")
        )
    if place.is_relative_to(settings.BASE_DIR):
        shown = place.relative_to(settings.BASE_DIR).as_posix()
    return Accession.objects.create(collection=collection, source=shown, started_by=by)


def examine(
    folder: Path | str, collection: Collection, *, by: User | None
) -> Accession:
    """Examine a folder: a dry run, whose report is the items of the accession.

    Raises:
        SourceUnreadable: the folder cannot be read.
    """
    accession = open_folder(folder, collection, by=by)
    examine_accession(accession)
    return accession


def examine_accession(accession: Accession, *, seconds: float | None = None) -> bool:
    """Examine what has not been examined; nothing enters the archive.

    Args:
        accession: in the state examining.
        seconds: stop after so long; None goes on to the end.

    Returns:
        Whether it is done.

    Raises:
        SourceUnreadable: the folder cannot be read; the accession has failed.
    """
    if accession.state != AccessionState.EXAMINING:
        return True
    _list(accession)
    waiting = accession.items.filter(outcome=ItemOutcome.NEW, sha256="")
    run = Run(accession)
    for item in _each(waiting, AccessionState.EXAMINING, seconds):
        run.examine(item)
    accession.refresh_from_db()
    if accession.state == AccessionState.EXAMINING and waiting.exists():
        return False
    _finish(accession, AccessionState.EXAMINING, AccessionState.EXAMINED, run.said())
    return True


def ingest(accession: Accession, *, seconds: float | None = None) -> Accession:
    """Ingest every file that is new, in this process, and finish the accession.

    Interrupted, it is called again. A finished accession may be ingested again for
    the sake of the files that failed.

    Args:
        accession: examined, interrupted, or finished with failures.
        seconds: stop after so long with the accession still ingesting.

    Raises:
        NotInThisState: it is being examined, cancelled, or done.
    """
    _begin(accession)
    run = Run(accession)
    waiting = accession.items.filter(outcome=ItemOutcome.NEW)
    run.ingest(_each(waiting, AccessionState.INGESTING, seconds, run.is_back))
    accession.refresh_from_db()
    if accession.state == AccessionState.INGESTING and waiting.exists():
        return accession
    _link_duplicates(accession)
    _finish(accession, AccessionState.INGESTING, AccessionState.FINISHED, run.said())
    incoming.clear(accession)
    return accession


def ingest_folder(
    folder: Path | str, collection: Collection, *, by: User | None
) -> Accession:
    """Ingest a folder without an examination before, so that each file is read once.

    An accession of the same folder into the same collection that was examined, or
    interrupted, is gone on with.

    Raises:
        SourceUnreadable: the folder cannot be read.
    """
    opened = open_folder(folder, collection, by=by)
    earlier = (
        collection.accessions.filter(
            source=opened.source, uploaded=False, state__in=_UNFINISHED
        )
        .exclude(pk=opened.pk)
        .first()
    )
    if earlier is not None:
        opened.delete()
    accession = earlier or opened
    _list(accession)
    _move(accession, _UNFINISHED, AccessionState.INGESTING)
    return ingest(accession)


def start_examination(accession: Accession) -> None:
    """Have a worker examine the accession."""
    background.enqueue("archive.ingest.accessions.continue_examination", accession.pk)


def start_ingest(accession: Accession) -> None:
    """Have a worker ingest the accession; harmless while one does.

    Raises:
        NotInThisState: it is being examined, cancelled, or done.
    """
    _begin(accession)
    background.enqueue("archive.ingest.accessions.continue_ingest", accession.pk)


def continue_examination(accession_pk: int) -> None:
    """Examine for a while, and ask to be called again if more is left."""
    accession = Accession.objects.get(pk=accession_pk)
    try:
        done = examine_accession(accession, seconds=SLICE)
    except SourceUnreadable:
        return  # the accession says so itself
    if not done:
        start_examination(accession)


def continue_ingest(accession_pk: int) -> None:
    """Ingest for a while, and ask to be called again if more is left."""
    accession = Accession.objects.get(pk=accession_pk)
    if accession.state != AccessionState.INGESTING:
        return  # cancelled or finished since it was asked for
    ingest(accession, seconds=SLICE)
    if accession.state == AccessionState.INGESTING:
        start_ingest(accession)


def cancel(accession: Accession) -> Accession:
    """Stop an accession; what has been ingested stays in the archive.

    Raises:
        NotInThisState: it has ended already.
    """
    _move(accession, _UNFINISHED, AccessionState.CANCELLED, finished_at=timezone.now())
    incoming.clear(accession)
    return accession


def _each(
    waiting: QuerySet[AccessionItem],
    state: AccessionState,
    seconds: float | None,
    later: Callable[[str], bool] = lambda path: False,
) -> Iterator[AccessionItem]:
    """Yield what waits, while the accession is in the state and time is left.

    Args:
        waiting: items of one accession.
        state: the one in which the work goes on.
        seconds: how long to go on; None for ever.
        later: whether a path comes after all others.
    """
    until = None if seconds is None else time.monotonic() + seconds
    rows = list(waiting.values_list("pk", "path"))
    for pk, _path in sorted(rows, key=lambda row: (later(row[1]), row[1])):
        if until is not None and time.monotonic() >= until:
            return
        item = waiting.filter(pk=pk).select_related("accession").first()
        if item is None:
            continue  # another run was quicker
        if item.accession.state != state:
            return
        yield item


def _link_duplicates(accession: Accession) -> None:
    """Link what is twice in one folder to the photograph that was made of it."""
    for item in accession.items.filter(
        outcome=ItemOutcome.DUPLICATE, photograph=None
    ).exclude(sha256=""):
        master = MasterFile.objects.filter(sha256=item.sha256).first()
        if master is not None:
            item.photograph_id = master.photograph_id
            item.save(update_fields=["photograph"])


def _begin(accession: Accession) -> None:
    failed = accession.items.filter(outcome=ItemOutcome.FAILED)
    if accession.state == AccessionState.FINISHED and failed.exists():
        _move(accession, {AccessionState.FINISHED}, AccessionState.INGESTING)
        failed.update(outcome=ItemOutcome.NEW, code="", reason="")
        return
    _move(
        accession,
        {AccessionState.EXAMINED, AccessionState.INGESTING},
        AccessionState.INGESTING,
        reason=accession.reason,
    )


def _move(
    accession: Accession,
    before: set[AccessionState],
    state: AccessionState,
    **values: object,
) -> None:
    moved = Accession.objects.filter(pk=accession.pk, state__in=before).update(
        state=state, **values
    )
    accession.refresh_from_db()
    if not moved:
        raise NotInThisState(
            _(
                "This accession is %(state)s; that cannot be done with it now. Reload "
                "to see where it stands."
            )
            % {"state": sentences.inside(accession.get_state_display())}
        )


def _finish(
    accession: Accession, before: AccessionState, state: AccessionState, said: str
) -> None:
    """Move on, unless it was cancelled or finished by another run meanwhile."""
    ended = timezone.now() if state == AccessionState.FINISHED else None
    Accession.objects.filter(pk=accession.pk, state=before).update(
        state=state, reason=said, finished_at=ended
    )
    accession.refresh_from_db()


def _list(accession: Accession) -> None:
    """Note every candidate of the folder; those that are noted already stay."""
    if accession.uploaded:
        return
    try:
        found = (
            AccessionItem(
                accession=accession,
                path=candidate.path,
                size_bytes=candidate.size_bytes,
                outcome=ItemOutcome.UNREADABLE if candidate.code else ItemOutcome.NEW,
                code=candidate.code,
                reason=candidate.sentence,
            )
            for candidate in discover(incoming.root(accession))
        )
        while batch := list(islice(found, 500)):
            AccessionItem.objects.bulk_create(batch, ignore_conflicts=True)
    except SourceUnreadable as problem:
        Accession.objects.filter(pk=accession.pk).update(
            state=AccessionState.FAILED,
            reason=problem.sentence,
            finished_at=timezone.now(),
        )
        accession.refresh_from_db()
        raise
