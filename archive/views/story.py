"""Provenance as a story: each event as a sentence, newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from archive.models import Event, Photograph
from archive.vocabularies import EventOutcome, Grade, Policy, ReviewState, Rights

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHAPTER = 40
_LONGEST = 1000

# What a program does, though a person asked for it.
_CHANGES_TOLD = {
    "described",
    "moved",
    "tagged",
    "hint placed",
    "hint changed",
    "hint removed",
    "steering cleared",
    "steering undone",
    "steering restored",
    "strength set",
    "graded",
}
_MACHINES_OWN = {"derived", "remade", "tagged", "digested", "verified"}


@dataclass(frozen=True)
class Change:
    """One field of a description: what it was, and what it became."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One event, told.

    Attributes:
        at: when.
        who: the person, or the program where no person asked for it.
        deed: what was done, as the rest of a sentence that begins with `who`.
        by_machine: whether a program did it.
        failed: whether it did not succeed.
        changes: what from and what to.
        note: what else was recorded.
    """

    at: dt.datetime
    who: str
    deed: str
    by_machine: bool
    failed: bool
    changes: list[Change] = field(default_factory=list)
    note: str = ""


def told(photograph: Photograph, *, whole: bool = False) -> tuple[list[Entry], bool]:
    """Return the photograph's story, and whether there is more than is told."""
    longest = _LONGEST if whole else CHAPTER
    events = list(
        photograph.events.select_related("agent", "term", "derivative", "master")
        .defer("master__embedded")
        .order_by("-at", "-id")[: longest + 1]
    )
    chapters = groupby(events[:longest], key=_together)
    entries = [_entry(*same) for _key, same in chapters]
    return entries, len(events) > longest


def named(person: User) -> str:
    """Return how a person is called in the archive."""
    return person.get_full_name() or person.get_username()


def per_cent(score: float) -> str:
    """Return a probability in per cent; never 0 or 100 where it is neither."""
    if 0 < score < 0.005:
        return "<1\N{NO-BREAK SPACE}%"
    if 0.995 <= score < 1:
        return ">99\N{NO-BREAK SPACE}%"
    return f"{100 * score:.0f}\N{NO-BREAK SPACE}%"


def _together(event: Event) -> tuple[Any, ...]:
    """Return what the files made in one go have in common; of others, only itself."""
    if event.action != "derived":
        return (event.pk,)
    moment = event.at.replace(second=0, microsecond=0)
    return (event.action, event.software, event.agent_id, event.master_id, moment)


def _entry(event: Event, *earlier: Event) -> Entry:
    """Tell an event, with those that happened together with it, newest first."""
    person = named(event.agent) if event.agent else ""
    by_machine = not person or event.action in _MACHINES_OWN
    deed = _deed(event, *earlier)
    if by_machine and person:
        deed = _("%(deed)s, asked for by %(who)s") % {"deed": deed, "who": person}
    return Entry(
        at=event.at,
        who=event.software if by_machine else person,
        deed=deed,
        by_machine=by_machine,
        failed=event.outcome == EventOutcome.FAILURE,
        changes=_changes(event),
        note=next((each.note for each in (event, *earlier) if each.note), ""),
    )


def _deed(event: Event, *earlier: Event) -> str:
    of_term = f"“{event.term.label}”" if event.term else ""
    subject = of_term or (_("the colorization") if event.derivative else "")
    restrictions = ", ".join(
        f"“{Policy(name).label}”" for name in event.changes if name in Policy.values
    )
    made = _listed(
        [
            each.derivative.get_purpose_display().lower()
            for each in reversed((event, *earlier))
            if each.derivative
        ]
    )
    deeds = {
        "ingested": _("brought the scan into the archive"),
        "described": _("changed the description"),
        "assigned": _("assigned the term %(what)s") % {"what": of_term},
        "unassigned": _("took off the term %(what)s") % {"what": of_term},
        "accepted": _("accepted %(what)s") % {"what": subject},
        "rejected": _("rejected %(what)s") % {"what": subject},
        "superseded": _("set aside %(what)s") % {"what": subject},
        "decision undone": _("took back the decision on %(what)s") % {"what": subject},
        "restricted": _("set the restriction %(what)s") % {"what": restrictions},
        "released": _("lifted the restriction %(what)s") % {"what": restrictions},
        "moved": _("moved the photograph to another collection"),
        "tagged": _("suggested tags"),
        "published": _("published the photograph"),
        "withdrawn": _("withdrew the photograph from publication"),
        "derived": _("made the %(what)s") % {"what": made},
        "remade": _("made the lost %(what)s again") % {"what": made},
        "digested": _("took the checksum of the scan"),
        "verified": _("found the scan as it was ingested, byte for byte"),
        "found broken": _("found the scan changed or missing"),
        "hint placed": _("placed a colour hint"),
        "hint changed": _("changed a colour hint"),
        "hint removed": _("removed a colour hint"),
        "steering cleared": _("removed every colour hint"),
        "steering undone": _("undid a change of the colour hints"),
        "steering restored": _("restored a change of the colour hints"),
        "strength set": _("set the strength of the colours"),
        "proposed": _("proposed %(what)s for review") % {"what": subject},
        "graded": _("graded %(what)s") % {"what": subject},
    }
    return deeds.get(event.action, event.action)


def _changes(event: Event) -> list[Change]:
    if event.action not in _CHANGES_TOLD:
        return []
    return [
        Change(_field(name), _value(pair[0]), _value(pair[1]))
        for name, pair in event.changes.items()
        if isinstance(pair, list) and len(pair) == 2
    ]


def _listed(words: list[str]) -> str:
    """Join words as a sentence does."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {
        "first": ", ".join(words[:-1]),
        "last": words[-1],
    }


def _field(name: str) -> str:
    if name in Photograph.DESCRIPTIVE_FIELDS or name == "collection":
        label = Photograph._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        return str(label)
    return {"suggested": _("suggested")}.get(name, name.replace("_", " "))


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{label} {per_cent(score)}" for label, score in value.items())
    if value in Rights.values:
        return str(Rights(value).label)
    if value in Grade.values:
        return str(Grade(value).label)
    if value in ReviewState.values:
        return str(ReviewState(value).label)
    return "" if value is None else str(value)
