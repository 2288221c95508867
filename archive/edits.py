"""Edits of a description as a person sees them: saved while writing, undone in steps.

Each save is an event of its own, and none is ever changed. Saves of one person that
follow one another within some minutes are one edit: the story tells them as one, and
undo takes back at once those of them that changed the same fields.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from archive import describing
from archive.errors import ArchiveError, EditedMeanwhile, InvalidDescription
from archive.models import Event, Photograph

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DESCRIBED = "described"
UNDONE = "description undone"
#: Saves further apart are two edits.
PAUSE = dt.timedelta(minutes=10)
_REMEMBERED = 200
_ATTEMPTS = 3
# Fields that mean something only together: both are kept, or both are left.
_PAIRS = {"date_text": "date_edtf", "date_edtf": "date_text"}


class NothingToUndo(ArchiveError):
    """The person has changed nothing here that is not undone already."""

    code = "nothing_to_undo"


@dataclass(frozen=True)
class Conflict:
    """What somebody else saved in a field since the person looked at it."""

    theirs: str
    event: Event | None


@dataclass
class Outcome:
    """What became of each field that a person changed.

    Attributes:
        photograph: as it stands now.
        saved: the fields that were saved, and those that hold the same already.
        conflicts: the fields that somebody else has changed; left as they are.
        refused: the fields whose value cannot be meant, each with a sentence.
    """

    photograph: Photograph
    saved: list[str] = field(default_factory=list)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass
class Step:
    """What undo takes back at once: each field's value before and after."""

    changes: dict[str, list[Any]]
    at: dt.datetime


def save(
    photograph: Photograph,
    typed: Mapping[str, str],
    seen: Mapping[str, str],
    *,
    by: User,
) -> Outcome:
    """Save what a person changed, as far as nobody else changed the same fields.

    Args:
        photograph: the photograph; its stored values are read again.
        typed: field to its new text.
        seen: field to the text that the person changed.
        by: the person.

    Raises:
        EditedMeanwhile: others save all the time; nothing was changed.
    """
    outcome = Outcome(photograph)
    for attempt in range(1, _ATTEMPTS + 1):
        photograph.refresh_from_db()
        current = photograph.descriptive_values()
        touched = {
            name
            for name, value in typed.items()
            if current[name] not in (seen[name], value)
        }
        touched |= {_PAIRS[name] for name in touched if name in _PAIRS} & typed.keys()
        changes = {
            name: value
            for name, value in typed.items()
            if name not in touched and name not in outcome.refused
        }
        try:
            changes = _describe(photograph, changes, outcome, by)
        except EditedMeanwhile:
            if attempt == _ATTEMPTS:
                raise
            continue
        break
    outcome.saved = list(changes)
    events = _events(photograph) if touched else []
    for name in sorted(touched):
        event = next((each for each in events if name in each.changes), None)
        outcome.conflicts[name] = Conflict(current[name], event)
    return outcome


def undoable(photograph: Photograph, by: User) -> Step | None:
    """Return what undo would take back of what this person changed."""
    steps: list[Step] = []
    extends = False
    mine = [each for each in _events(photograph) if each.agent_id == by.pk]
    for event in reversed(mine):
        if event.action == UNDONE:
            del steps[-1:]
            extends = False
            continue
        last = steps[-1] if steps and extends else None
        if last and last.changes.keys() == event.changes.keys() and near(last, event):
            last.changes = merged(last.changes, event.changes)
            last.at = event.at
        else:
            steps.append(Step(dict(event.changes), event.at))
        extends = True
    return steps[-1] if steps else None


def undo(photograph: Photograph, *, by: User) -> Step:
    """Take back the last step of what this person changed, as a change of its own.

    Raises:
        NothingToUndo: there is none.
        EditedMeanwhile: somebody has changed the same fields since.
    """
    photograph.refresh_from_db()
    step = undoable(photograph, by)
    if step is None:
        raise NothingToUndo(
            _(
                "There is nothing to undo: you have changed nothing in this "
                "description that is not undone already."
            )
        )
    current = photograph.descriptive_values()
    if any(current[name] != pair[1] for name, pair in step.changes.items()):
        raise EditedMeanwhile(
            _(
                "Someone else changed the same fields after you. Nothing was undone: "
                "look at the provenance, and change by hand what should be otherwise."
            )
        )
    before = {name: pair[0] for name, pair in step.changes.items()}
    describing.describe(photograph, before, by=by, action=UNDONE)
    return step


def near(earlier: Step | Event, later: Event) -> bool:
    """Whether two saves belong to one edit."""
    return later.at - earlier.at <= PAUSE


def merged(
    earlier: Mapping[str, list[Any]], later: Mapping[str, list[Any]]
) -> dict[str, list[Any]]:
    """Return from what and to what two successive changes lead together."""
    together = {name: list(pair) for name, pair in earlier.items()}
    for name, (before, after) in later.items():
        together[name] = [together.get(name, [before])[0], after]
    return together


def _describe(
    photograph: Photograph, changes: dict[str, str], outcome: Outcome, by: User
) -> dict[str, str]:
    """Save the changes but for those that cannot be meant; return what was saved."""
    try:
        describing.describe(photograph, changes, by=by)
    except InvalidDescription as refusal:
        wrong = refusal.fields.keys() & changes.keys()
        outcome.refused |= {name: refusal.fields[name] for name in wrong}
        if not wrong:
            raise
        rest = {name: value for name, value in changes.items() if name not in wrong}
        return _describe(photograph, rest, outcome, by)
    return changes


def _events(photograph: Photograph) -> list[Event]:
    """Return the latest changes of the description, newest first."""
    events: Iterable[Event] = (
        photograph.events.filter(action__in=[DESCRIBED, UNDONE])
        .select_related("agent")
        .order_by("-at", "-id")[:_REMEMBERED]
    )
    return list(events)
