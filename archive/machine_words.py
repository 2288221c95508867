"""Settling how the archive takes a machine's words: mapped, blocked, trusted from.

What is settled is attributed, an event, and can be taken back. Nothing here accepts or
publishes anything: a threshold only says what a person is offered to accept together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import review_order
from archive.errors import InvalidDescription, NotInThisState
from archive.models import Event, MachineWord, Suggestion, Term
from archive.provenance import record
from archive.vocabularies import EventType, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FEWEST = 10
"""Decisions that a learnt threshold must rest on."""
SHARE = 0.9
"""Of them that must have been acceptances."""
SETTLED, UNDONE = "word settled", "word settling undone"
FIELDS = ("stands_for", "blocked", "threshold")


@dataclass(frozen=True)
class Learnt:
    """The score from which people nearly always accepted, and what it rests on."""

    threshold: float
    accepted: int
    rejected: int


def settle(
    word: MachineWord, values: dict[str, Any], *, revision: int, by: User
) -> MachineWord:
    """Map a word to a term, block it, or set its threshold.

    Args:
        word: which.
        values: some of `stands_for` (a Term or None), `blocked` and `threshold` (0-1,
            or None for the learnt one).
        revision: of the word as the person saw it.
        by: the person.

    Raises:
        InvalidDescription: a value cannot be meant.
        NotInThisState: somebody settled it meanwhile.
    """
    _check(word, values)
    with transaction.atomic():
        return _settle(word, values, revision, by=by, action=SETTLED)


def undo(word: MachineWord, *, revision: int, by: User) -> MachineWord:
    """Take back what was settled last; again, what was settled before.

    Raises:
        NotInThisState: there is nothing to take back, or somebody settled it meanwhile.
    """
    with transaction.atomic():
        last = undoable(word)
        if last is None:
            raise NotInThisState(_("Nothing was settled about this word."))
        values = {name: before for name, (before, _after) in last.changes.items()}
        if values.get("stands_for") is not None:
            values["stands_for"] = Term.objects.get(pk=values["stands_for"])
        return _settle(
            word, values, revision, by=by, action=UNDONE, note=f"event {last.pk}"
        )


def undoable(word: MachineWord) -> Event | None:
    """Return what was settled last and not taken back; None where nothing was."""
    undone = 0
    told = Event.objects.filter(term=word.term_id, action__in=[SETTLED, UNDONE])
    last: Event | None = None
    for event in told.order_by("-pk"):
        if event.action == UNDONE:
            undone += 1
        elif undone:
            undone -= 1
        else:
            last = event
            break
    return last


def learn() -> int:
    """Learn every word's threshold from the decisions; return how many have one."""
    rows = (
        Suggestion.objects.filter(
            state__in=[ReviewState.ACCEPTED, ReviewState.REJECTED]
        )
        .order_by("term", "-score")
        .values_list("term", "score", "state")
    )
    found = {
        term: learnt((score, state == ReviewState.ACCEPTED) for _, score, state in said)
        for term, said in itertools.groupby(rows.iterator(), key=lambda row: row[0])
    }
    now = timezone.now()
    words = list(MachineWord.objects.order_by("pk"))
    changed = []
    for word in words:
        new = found.get(word.pk)
        if word.learnt_threshold != (new.threshold if new else None):
            changed.append(word.pk)
        word.learnt_threshold = new.threshold if new else None
        word.learnt_accepted = new.accepted if new else 0
        word.learnt_rejected = new.rejected if new else 0
        word.learnt_at = now
    with transaction.atomic():
        MachineWord.objects.bulk_update(
            words,
            ["learnt_threshold", "learnt_accepted", "learnt_rejected", "learnt_at"],
        )
        for term in changed:
            review_order.settle_word(term)
    return sum(word.learnt_threshold is not None for word in words)


def learnt(decisions: Iterable[tuple[float, bool]]) -> Learnt | None:
    """Return the lowest score from which nearly all were accepted; None if too few.

    Args:
        decisions: score, and whether it was accepted; the highest score first.
    """
    accepted = rejected = 0
    best = None
    for score, together in itertools.groupby(decisions, key=lambda one: one[0]):
        for _score, was_accepted in together:
            accepted += was_accepted
            rejected += not was_accepted
        count = accepted + rejected
        if count >= FEWEST and accepted >= SHARE * count:
            best = Learnt(score, accepted, rejected)
    return best


def _check(word: MachineWord, values: dict[str, Any]) -> None:
    threshold, term = values.get("threshold"), values.get("stands_for")
    if threshold is not None and not 0 <= threshold <= 1:
        sentence = _("A threshold lies between 0 and 100 %.")
        raise InvalidDescription(sentence, {"threshold": sentence})
    if term is not None and term.pk == word.pk:
        sentence = _("A word stands for itself already: choose another term.")
        raise InvalidDescription(sentence, {"stands_for": sentence})


def _settle(
    word: MachineWord,
    values: dict[str, Any],
    revision: int,
    *,
    by: User,
    action: str,
    note: str = "",
) -> MachineWord:
    now = MachineWord.objects.select_related("term").get(pk=word.pk)
    changes = {
        name: [_plain(getattr(now, name)), _plain(values[name])]
        for name in FIELDS
        if name in values and _plain(getattr(now, name)) != _plain(values[name])
    }
    mine = MachineWord.objects.filter(pk=word.pk, revision=revision)
    if not mine.update(revision=F("revision") + 1, **values):
        raise NotInThisState(
            _("Nothing was changed: somebody settled this word meanwhile. Reload.")
        )
    if changes:
        record(
            EventType.METADATA_MODIFICATION,
            action,
            now.term,
            by=by,
            changes=changes,
            note=note,
        )
    if "blocked" in changes:
        _wait(word.pk, wait=not values["blocked"])
    if "threshold" in changes or "blocked" in changes:
        review_order.settle_word(word.pk)
    settled: MachineWord = MachineWord.objects.select_related("term", "stands_for").get(
        pk=word.pk
    )
    return settled


def _wait(term: int, *, wait: bool) -> None:
    """Let a word's suggestions wait again, or for nobody."""
    states = (ReviewState.AWAITING, ReviewState.BLOCKED)
    before, after = states[::-1] if wait else states
    Suggestion.objects.filter(term=term, state=before).update(state=after)


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Term) else value


def trusted() -> Q:
    """Return what holds for suggestions at or above their word's own threshold."""
    return Q(score__gte=F("term__machine_word__threshold")) | Q(
        term__machine_word__threshold=None,
        score__gte=F("term__machine_word__learnt_threshold"),
    )
