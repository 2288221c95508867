"""Applying and undoing batches: an item is a transaction, whoever kills the program.

planning → planned → applying → applied. What is done stays done; an interrupted batch
goes on with what waits, and two workers at once do each item once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import background
from archive.batches import changing
from archive.batches.operations import Operations
from archive.batches.planning import AT_ONCE, CHUNK, plan_edit, propose_edit, settle
from archive.batches.selections import Selection
from archive.errors import ArchiveError, NotInThisState
from archive.models import Batch, BatchItem
from archive.provenance import within
from archive.vocabularies import BatchAction, BatchKind, BatchOutcome, BatchState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

#: How long a worker goes on before it makes way for other light work, in seconds.
SLICE = 300.0
_REVERSE = {
    BatchAction.CHANGE: BatchAction.CHANGE,
    BatchAction.CREATE: BatchAction.DELETE,
    BatchAction.DELETE: BatchAction.CREATE,
}


def apply(batch: Batch, *, at_once: bool = False) -> Batch:
    """Make the changes of a preview; a large one is left to a worker.

    Called again for a batch that is being applied it goes on, harmlessly.

    Raises:
        NotInThisState: it is not a preview, or nothing in it would change.
    """
    waiting = batch.items.filter(outcome=BatchOutcome.WAITING).count()
    if batch.state == BatchState.PLANNED and not waiting:
        raise NotInThisState(_("Nothing would change."))
    moved = Batch.objects.filter(
        pk=batch.pk, state__in=[BatchState.PLANNED, BatchState.APPLYING]
    ).update(state=BatchState.APPLYING, applied_at=batch.applied_at or timezone.now())
    batch.refresh_from_db()
    if not moved:
        raise NotInThisState(
            _("This batch is “%(state)s” now; reload to see it.")
            % {"state": batch.get_state_display()}
        )
    if at_once or waiting <= AT_ONCE:
        run(batch)
        batch.refresh_from_db()
    else:
        background.enqueue("archive.batches.applying.continue_batch", batch.pk)
    return batch


def edit_at_once(selection: Selection, operations: Operations, *, by: User) -> Batch:
    """Make an edit without a preview between; it can be undone like any batch.

    A large one is left to a worker.

    Raises:
        InvalidDescription: nothing is selected or asked, or it cannot be meant.
    """
    batch = propose_edit(selection, operations, by=by, unseen=True)
    if batch.state == BatchState.PLANNED:
        _go_on(batch)
        run(batch)
    batch.refresh_from_db()
    return batch


def undo(batch: Batch, *, by: User) -> Batch:
    """Put back what a batch changed, as a batch of its own that can be undone too.

    What somebody changed since is left alone, and named in the report.

    Raises:
        NotInThisState: it is not applied, undone already, or changed nothing.
    """
    done = batch.items.filter(outcome=BatchOutcome.DONE).count()
    if batch.state != BatchState.APPLIED or not done:
        raise NotInThisState(_("There is nothing to undo in this batch."))
    with transaction.atomic():
        undoing, created = Batch.objects.get_or_create(
            reverts=batch,
            defaults={
                "kind": BatchKind.UNDO,
                "title": f"Undo of batch {batch.pk}: {batch.title[:400]}",
                "needs": batch.needs,
                "total": done,
                "started_by": by,
                "applied_at": timezone.now(),
            },
        )
        if not created:
            raise NotInThisState(_("This batch has been undone already."))
        if done > AT_ONCE:
            background.enqueue("archive.batches.applying.continue_batch", undoing.pk)
    if done <= AT_ONCE:
        continue_batch(undoing.pk)
    undoing.refresh_from_db()
    return undoing


def discard(batch: Batch) -> None:
    """Drop a preview; nothing was changed by it.

    Raises:
        NotInThisState: it has been applied.
    """
    dropped, _each = Batch.objects.filter(
        pk=batch.pk,
        state__in=[BatchState.PLANNING, BatchState.PLANNED, BatchState.FAILED],
        kind__in=[BatchKind.EDIT, BatchKind.IMPORT],
    ).delete()
    if not dropped:
        raise NotInThisState(_("This batch is applied; undo it instead."))


def stop(batch: Batch) -> None:
    """Stop a batch that is being applied; what it has changed can be undone.

    Raises:
        NotInThisState: it is not being applied.
    """
    if batch.state != BatchState.APPLYING:
        raise NotInThisState(_("This batch is not being applied now."))
    batch.items.filter(outcome=BatchOutcome.WAITING).update(
        outcome=BatchOutcome.LEFT, reason=gettext_noop("Stopped before its turn.")
    )
    _finish(batch)


def continue_batch(batch_pk: int) -> None:
    """Go on with a batch for a while, and ask to be called again if more is left."""
    batch = (
        Batch.objects.filter(pk=batch_pk)
        .select_related("started_by", "reverts__started_by")
        .first()
    )
    if batch is None:
        return  # discarded since
    if batch.state == BatchState.PLANNING:
        _plan(batch)
        if batch.kind == BatchKind.UNDO or batch.asked.get("unseen"):
            _go_on(batch)
    if batch.state == BatchState.APPLYING and not run(batch, seconds=SLICE):
        background.enqueue("archive.batches.applying.continue_batch", batch.pk)


def run(batch: Batch, *, seconds: float | None = None) -> bool:
    """Apply what waits; return whether nothing is left.

    Args:
        batch: in the state applying.
        seconds: stop after so long; None goes on to the end.
    """
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        items = list(batch.items.filter(outcome=BatchOutcome.WAITING)[:CHUNK])
        if not items:
            _finish(batch)
            return True
        for item in items:
            if until is not None and time.monotonic() >= until:
                return False
            with within(batch):
                _settle(item, batch)


def _settle(item: BatchItem, batch: Batch) -> None:
    """Do one item, once, in one transaction; or say why not."""
    english = translation.override(settings.LANGUAGE_CODE)  # the reason is kept
    try:
        with english, transaction.atomic():
            claimed = BatchItem.objects.filter(
                pk=item.pk, outcome=BatchOutcome.WAITING
            ).update(outcome=BatchOutcome.DONE, done_at=timezone.now())
            if claimed:
                _do(item, batch)
    except ArchiveError as problem:
        BatchItem.objects.filter(pk=item.pk, outcome=BatchOutcome.WAITING).update(
            outcome=BatchOutcome.LEFT, reason=problem.sentence
        )


def _do(item: BatchItem, batch: Batch) -> None:
    changed: dict[str, object] = {}
    if item.action == BatchAction.CREATE:
        changed["photograph"] = changing.create(item, batch.started_by)
    elif item.action == BatchAction.DELETE:
        changing.delete(item, batch.started_by)
    else:
        done, left = changing.change(item, batch)
        outcome = BatchOutcome.DONE
        if not done:
            outcome = BatchOutcome.LEFT if left else BatchOutcome.UNCHANGED
        changed |= {"outcome": outcome, "reason": left}
        if done or not left:
            changed["changes"] = done
    if changed:
        BatchItem.objects.filter(pk=item.pk).update(**changed)


def _plan(batch: Batch) -> None:
    if batch.kind == BatchKind.EDIT:
        plan_edit(batch)
    elif batch.reverts is not None:
        _plan_undo(batch, batch.reverts)


def _plan_undo(batch: Batch, reverted: Batch) -> None:
    """Write the reverse of each item that was done, the last one first."""
    done = reverted.items.filter(outcome=BatchOutcome.DONE).order_by("-row")
    last = done.first()
    fresh = []
    for item in done.iterator(CHUNK):
        assert last is not None  # noqa: S101  there is an item
        fresh.append(
            BatchItem(
                batch=batch,
                row=last.row - item.row,
                photograph_id=item.photograph_id,
                code=item.code,
                action=_REVERSE[BatchAction(item.action)],
                changes={
                    n: [after, before] for n, (before, after) in item.changes.items()
                },
            )
        )
        if len(fresh) == CHUNK:
            BatchItem.objects.bulk_create(fresh, ignore_conflicts=True)
            fresh = []
    BatchItem.objects.bulk_create(fresh, ignore_conflicts=True)
    settle(batch)


def _go_on(batch: Batch) -> None:
    """Begin with what is planned, where nobody has to look at it first."""
    Batch.objects.filter(pk=batch.pk, state=BatchState.PLANNED).update(
        state=BatchState.APPLYING, applied_at=batch.applied_at or timezone.now()
    )
    batch.refresh_from_db()


def _finish(batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk, state=BatchState.APPLYING).update(
        state=BatchState.APPLIED, finished_at=timezone.now()
    )
    batch.refresh_from_db()
