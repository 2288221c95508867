"""Provenance as a story: each event as a sentence, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from archive import edits, sentences
from archive.differences import Difference, difference
from archive.models import Event, Photograph
from archive.vocabularies import EventOutcome, Grade, Policy, ReviewState, Rights

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHAPTER = 40
_LONGEST = 1000

# What a program does, though a person asked for it.
_CHANGES_TOLD = {
    "described",
    "description undone",
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
_DECISIONS = {"accepted", "rejected", "decision undone", "superseded"}
_MACHINES_OWN = {"derived", "remade", "tagged", "digested", "verified"}


@dataclass(frozen=True)
class Change:
    """One field of a description: what it was, and what it became."""

    field: str
    before: str
    after: str

    @property
    def difference(self) -> Difference:
        """The words that changed."""
        return difference(self.before, self.after)


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
        since: when the first of several saves was made that are told as one edit.
    """

    at: dt.datetime
    who: str
    deed: str
    by_machine: bool
    failed: bool
    changes: list[Change] = field(default_factory=list)
    note: str = ""
    since: dt.datetime | None = None

    @property
    def day(self) -> dt.date:
        """The day, where the archive is."""
        return timezone.localdate(self.at)


def told(photograph: Photograph, *, whole: bool = False) -> tuple[list[Entry], bool]:
    """Return the photograph's story, and whether there is more than is told."""
    longest = _LONGEST if whole else CHAPTER
    events = list(
        photograph.events.select_related("agent", "term", "derivative", "master")
        .defer("master__embedded")
        .order_by("-at", "-id")[: longest + 1]
    )
    models = dict(photograph.suggestions.order_by().values_list("term", "model_name"))
    entries = [_entry(models, *same) for same in _chapters(events[:longest])]
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


def _chapters(newest_first: list[Event]) -> list[list[Event]]:
    """Put together what is told as one: files made in one go, saves of one edit."""
    chapters: list[list[Event]] = []
    for event in newest_first:
        if chapters and _together(event, chapters[-1][-1]):
            chapters[-1].append(event)
        else:
            chapters.append([event])
    return chapters


def _together(earlier: Event, later: Event) -> bool:
    same = ("action", "software", "agent_id", "master_id")
    if any(getattr(earlier, name) != getattr(later, name) for name in same):
        return False
    if earlier.action == "derived":
        moments = [e.at.replace(second=0, microsecond=0) for e in (earlier, later)]
        return moments[0] == moments[1]
    by_hand = earlier.action == edits.DESCRIBED and earlier.agent_id is not None
    return by_hand and earlier.note == later.note and edits.near(earlier, later)


def _entry(models: Mapping[int, str], event: Event, *earlier: Event) -> Entry:
    """Tell an event, with those that happened together with it, newest first."""
    person = named(event.agent) if event.agent else ""
    by_machine = not person or event.action in _MACHINES_OWN
    deed = _deed(event, *earlier)
    model = models.get(event.term_id or 0)
    if model and event.action in _DECISIONS:
        deed = _("%(deed)s, suggested by %(model)s") % {"deed": deed, "model": model}
    if by_machine and person:
        deed = _("%(deed)s, asked for by %(who)s") % {"deed": deed, "who": person}
    changes = event.changes
    if event.action == edits.DESCRIBED:
        for each in earlier:
            changes = edits.merged(each.changes, changes)
    return Entry(
        at=event.at,
        who=event.software if by_machine else person,
        deed=deed,
        by_machine=by_machine,
        failed=event.outcome == EventOutcome.FAILURE,
        changes=_changes(event.action, changes),
        note=next((each.note for each in (event, *earlier) if each.note), ""),
        since=earlier[-1].at if earlier and changes is not event.changes else None,
    )


def _deed(event: Event, *earlier: Event) -> str:
    of_term = _quoted(sentences.word(event.term)) if event.term else ""
    colours = _("the colours of %(model)s")
    subject = of_term
    if event.derivative and not subject:
        subject = colours % {"model": event.derivative.name}
    restrictions = ", ".join(
        _quoted(str(Policy(name).label))
        for name in event.changes
        if name in Policy.values
    )
    made = listed(
        [
            sentences.inside(each.derivative.get_purpose_display())
            for each in reversed((event, *earlier))
            if each.derivative
        ]
    )
    deeds = {
        "ingested": _("brought the scan into the archive"),
        "described": _("changed the description"),
        "description undone": _("took back a change of the description"),
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


def _quoted(words: str) -> str:
    return _("“%(words)s”") % {"words": words}


def _changes(action: str, changes: Mapping[str, Any]) -> list[Change]:
    if action not in _CHANGES_TOLD:
        return []
    return [
        Change(field_label(name), *(_told(name, value) for value in pair))
        for name, pair in changes.items()
        if isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1]
    ]


def listed(words: list[str]) -> str:
    """Join words as a sentence does."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {
        "first": ", ".join(words[:-1]),
        "last": words[-1],
    }


def field_label(name: str) -> str:
    """Return what a field is called on the page."""
    if name in Photograph.DESCRIPTIVE_FIELDS or name == "collection":
        label = Photograph._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        return str(label)
    if _is_hint(name):
        return _("hint %(number)s") % {"number": name.removeprefix("hint ")}
    return {
        "suggested": _("suggested"),
        "strength": _("strength"),
        "grade": _("grade"),
        "source": _("source"),
    }.get(name, name.replace("_", " "))


def _told(name: str, value: Any) -> str:
    # What a person wrote stays as it is; a hint is told in the program's words.
    return sentences.translated(_value(value)) if _is_hint(name) else _value(value)


def _is_hint(name: str) -> bool:
    return name.startswith("hint ")


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{sentences.machine_word(label)} {per_cent(score)}"
            for label, score in value.items()
        )
    if value in Rights.values:
        return str(Rights(value).label)
    if value in Grade.values:
        return str(Grade(value).label)
    if value in ReviewState.values:
        return str(ReviewState(value).label)
    return "" if value is None else str(value)
