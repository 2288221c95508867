"""Decisions taken together: many suggestions or colorizations at once, and undone so.

Each thing still moves by a conditional update, so what another person decided
meanwhile is left as it is, and told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import review
from archive.errors import NotInThisState
from archive.models import (
    Assignment,
    Derivative,
    Event,
    MachineWord,
    ReviewBatch,
    Suggestion,
)
from archive.provenance import prepared
from archive.vocabularies import EventType, ReviewState

if TYPE_CHECKING:
    import datetime as dt

    from django.contrib.auth.models import User

PORTION = 500
DECISIONS = (ReviewState.ACCEPTED, ReviewState.REJECTED)


def decide_suggestions(
    keys: Sequence[int], decision: ReviewState, *, by: User, words: str
) -> ReviewBatch:
    """Accept or reject suggestions, all that still wait.

    Args:
        keys: of the suggestions.
        decision: accepted or rejected.
        by: the person.
        words: what is decided, in English; pages translate it.

    Returns:
        The batch, with the suggestions that were decided in it.

    Raises:
        NotInThisState: none of them waits any more.
    """
    at = timezone.now()
    decided: list[int] = []
    with transaction.atomic():
        for portion in _portions(keys):
            decided += _decide(portion, decision, by=by, at=at)
        if not decided:
            raise _nothing_waits()
        return ReviewBatch.objects.create(
            at=at, by=by, decision=decision, words=words[:300], suggestions=decided
        )


def decide_colorizations(
    keys: Sequence[int], decision: ReviewState, *, by: User, words: str
) -> ReviewBatch:
    """Accept or reject colorizations, some dozens at most, all that still wait.

    Raises:
        NotInThisState: none of them waits any more.
    """
    verb = (
        review.accept_colorization
        if decision is ReviewState.ACCEPTED
        else review.reject_colorization
    )
    decided: list[int] = []
    with transaction.atomic():
        found = Derivative.objects.colorizations().filter(pk__in=list(keys))
        for colorization in found.select_related("master__photograph").order_by("pk"):
            try:
                verb(colorization, by=by)
            except NotInThisState:
                continue
            decided.append(colorization.pk)
        if not decided:
            raise _nothing_waits()
        return ReviewBatch.objects.create(
            by=by, decision=decision, words=words[:300], colorizations=decided
        )


def undo(batch: ReviewBatch, *, by: User) -> int:
    """Take back what a batch decided, where nobody decided otherwise since.

    Returns:
        How many things wait again.

    Raises:
        NotInThisState: it was undone already.
    """
    with transaction.atomic():
        now = timezone.now()
        mine = ReviewBatch.objects.filter(pk=batch.pk, undone_at=None)
        if not mine.update(undone_at=now, undone_by=by):
            raise NotInThisState(_("Nothing was changed: this was undone already."))
        undone = 0
        for portion in _portions(batch.suggestions):
            undone += _undo(batch, portion, by=by)
        kept = Derivative.objects.filter(
            pk__in=batch.colorizations,
            review_state=batch.decision,
            decided_by=batch.by_id,
        )
        for colorization in kept.select_related("master__photograph"):
            try:
                review.undo_colorization(colorization, by=by)
            except NotInThisState:  # published meanwhile
                continue
            undone += 1
    batch.refresh_from_db()
    return undone


def _decide(
    keys: Sequence[int], decision: ReviewState, *, by: User, at: dt.datetime
) -> list[int]:
    """Decide on those of some hundreds that wait; return which they were."""
    Suggestion.objects.awaiting().filter(pk__in=keys).update(
        state=decision, decided_by=by, decided_at=at, decision_reason=""
    )
    moved = list(
        Suggestion.objects.filter(
            pk__in=keys, state=decision, decided_by=by, decided_at=at
        ).select_related("photograph", "term")
    )
    means = dict(
        MachineWord.objects.filter(
            term__in={each.term_id for each in moved}, stands_for__isnull=False
        ).values_list("term_id", "stands_for_id")
    )
    if decision is ReviewState.ACCEPTED:
        Assignment.objects.bulk_create(
            [
                Assignment(
                    photograph_id=each.photograph_id,
                    term_id=means.get(each.term_id, each.term_id),
                    assigned_by=by,
                    suggestion=each,
                )
                for each in moved
            ],
            ignore_conflicts=True,  # borne already: nothing to add
        )
    _record(moved, decision.value, (ReviewState.AWAITING, decision), by=by)
    return [each.pk for each in moved]


def _undo(batch: ReviewBatch, keys: Sequence[int], *, by: User) -> int:
    standing = Suggestion.objects.filter(
        pk__in=keys,
        state=batch.decision,
        decided_by=batch.by_id,
        decided_at=batch.at,
    )
    moved = list(standing.select_related("photograph", "term"))
    Assignment.objects.filter(suggestion__in=[each.pk for each in moved]).delete()
    blocked = set(
        MachineWord.objects.filter(blocked=True).values_list("term_id", flat=True)
    )
    for state, chosen in (
        (ReviewState.AWAITING, [e.pk for e in moved if e.term_id not in blocked]),
        (ReviewState.BLOCKED, [e.pk for e in moved if e.term_id in blocked]),
    ):
        Suggestion.objects.filter(pk__in=chosen, state=batch.decision).update(
            state=state, decided_by=None, decided_at=None, decision_reason=""
        )
    decided = ReviewState(batch.decision)
    _record(moved, "decision undone", (decided, ReviewState.AWAITING), by=by)
    return len(moved)


def _record(
    moved: Iterable[Suggestion],
    action: str,
    change: tuple[ReviewState, ReviewState],
    *,
    by: User,
) -> None:
    Event.objects.bulk_create(
        prepared(
            EventType.METADATA_MODIFICATION,
            action,
            each.photograph,
            by=by,
            term=each.term,
            changes={"suggestion": [state.value for state in change]},
        )
        for each in moved
    )


def _nothing_waits() -> NotInThisState:
    return NotInThisState(_("Nothing was changed: none of these waits any more."))


def _portions(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + PORTION] for start in range(0, len(keys), PORTION))
