"""Steering: people's colour hints and the strength of the colours, kept and undoable.

Which model follows them is not known here. Each verb takes the number of the state that
the person looked at, appends the next state, and records an event; where somebody else
was first nothing is changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import dyes, policy
from archive.errors import ArchiveError, EditedMeanwhile, NotInThisState
from archive.models import MasterFile, Photograph, Steering
from archive.models.steering import STRONGEST
from archive.provenance import record
from archive.vocabularies import EventType, Policy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_HINTS = 60
LONGEST_REASON = 500
FORBIDDING = (Policy.DO_NOT_COLORIZE, Policy.SENSITIVE)

_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")
_PLACES = 5  # of decimals: a hundredth of a pixel in the largest scans


class Forbidden(ArchiveError):
    """A restriction forbids colours for this photograph."""

    code = "policy"


class NothingToSteer(ArchiveError):
    """The photograph has no scan of its front."""

    code = "no_recto"


class HintInvalid(ArchiveError):
    """A hint lies outside the picture, has no colour, or is one too many."""

    code = "hint_invalid"


def front(photograph: Photograph) -> MasterFile:
    """Return the scan whose colours are steered.

    Raises:
        NothingToSteer: there is none.
    """
    fronts = MasterFile.objects.rectos().filter(photograph=photograph)
    found: MasterFile | None = fronts.first()
    if found is None:
        raise NothingToSteer(
            _("%(code)s has no scan of its front. Ingest one first.")
            % {"code": photograph.reference_code}
        )
    return found


def require_permitted(photograph: Photograph) -> None:
    """Return where colours may be steered.

    Raises:
        Forbidden: the photograph must not be colorized, or is sensitive.
    """
    chosen = Photograph.objects.filter(pk=photograph.pk)
    for forbidding in FORBIDDING:
        for refusal in policy.refusals(chosen, forbidding):
            also = _("Its colours cannot be steered.")
            raise Forbidden(f"{refusal.sentence} {also}")


def current(master: MasterFile) -> Steering:
    """Return the state that stands; one that is not kept, number 0, at first."""
    last = Steering.objects.filter(master=master).order_by("-number").first()
    return last or Steering(master=master, number=0)


def place(
    photograph: Photograph,
    *,
    number: int,
    x: float,
    y: float,
    colour: str,
    why: str = "",
    by: User,
) -> Steering:
    """Put a colour hint at a point of the upright picture.

    Args:
        photograph: whose front.
        number: of the state that the person looked at.
        x: share of the width, from the left edge, 0 to 1.
        y: share of the height, from the upper edge, 0 to 1.
        colour: sRGB as `#rrggbb`; its lightness has no part in the result.
        why: what the person knows, such as the source.
        by: the person.

    Raises:
        HintInvalid: it cannot be meant, or there are too many.
        EditedMeanwhile: the state is no longer the one that was looked at.
        Forbidden: a restriction holds.
        NothingToSteer: there is no scan.
    """
    state = _seen(photograph, number)
    if len(state.hints) >= MOST_HINTS:
        raise HintInvalid(
            _("There are %(count)s already. Remove a hint, or change one.")
            % {"count": MOST_HINTS}
        )
    hint = _hint(_next_id(state), x, y, colour, why, by)
    return _append(
        state,
        "hint placed",
        by=by,
        hints=[*state.hints, hint],
        changes={_title(hint): [None, words(hint)]},
        note=hint["why"],
    )


def change(
    photograph: Photograph,
    hint_id: int,
    *,
    number: int,
    by: User,
    x: float | None = None,
    y: float | None = None,
    colour: str | None = None,
    why: str | None = None,
) -> Steering:
    """Move a hint, or give it another colour or reason; what is None stays.

    The hint is then the person's who changed it; what it was stays on record.

    Raises:
        NotInThisState: there is no such hint.
        HintInvalid: it cannot be meant.
        EditedMeanwhile: the state is no longer the one that was looked at.
        Forbidden: a restriction holds.
    """
    state = _seen(photograph, number)
    old = _found(state, hint_id)
    new = _hint(
        hint_id,
        old["x"] if x is None else x,
        old["y"] if y is None else y,
        old["colour"] if colour is None else colour,
        old["why"] if why is None else why,
        by,
    )
    if all(new[name] == old[name] for name in ("x", "y", "colour", "why")):
        return state
    return _append(
        state,
        "hint changed",
        by=by,
        hints=[new if hint["id"] == hint_id else hint for hint in state.hints],
        changes={_title(new): [words(old), words(new)]},
        note=new["why"],
    )


def remove(photograph: Photograph, hint_id: int, *, number: int, by: User) -> Steering:
    """Take one hint away.

    Raises:
        NotInThisState: there is no such hint.
        EditedMeanwhile: the state is no longer the one that was looked at.
        Forbidden: a restriction holds.
    """
    state = _seen(photograph, number)
    old = _found(state, hint_id)
    return _append(
        state,
        "hint removed",
        by=by,
        hints=[hint for hint in state.hints if hint["id"] != hint_id],
        changes={_title(old): [words(old), None]},
    )


def clear(photograph: Photograph, *, number: int, by: User) -> Steering:
    """Take every hint away and give the colours the model's own strength.

    Raises:
        NotInThisState: nothing is steered.
        EditedMeanwhile: the state is no longer the one that was looked at.
        Forbidden: a restriction holds.
    """
    state = _seen(photograph, number)
    if not state.hints and state.strength == 100:
        raise NotInThisState(_("Nothing was changed: there is no hint to remove."))
    return _append(
        state,
        "steering cleared",
        by=by,
        hints=[],
        strength=100,
        changes=_difference(state, [], 100),
    )


def set_strength(
    photograph: Photograph, strength: int, *, number: int, by: User
) -> Steering:
    """Make all colours weaker or stronger than the model has them.

    Args:
        photograph: whose front.
        strength: per cent of the model's chroma, 0 to 150.
        number: of the state that the person looked at.
        by: the person.

    Raises:
        HintInvalid: a strength that there is not.
        EditedMeanwhile: the state is no longer the one that was looked at.
        Forbidden: a restriction holds.
    """
    state = _seen(photograph, number)
    if not 0 <= strength <= STRONGEST:
        raise HintInvalid(
            _("The strength is between 0 and %(most)s per cent.") % {"most": STRONGEST}
        )
    if strength == state.strength:
        return state
    return _append(
        state,
        "strength set",
        by=by,
        strength=strength,
        changes=_difference(state, state.hints, strength),
    )


def undo(photograph: Photograph, *, number: int, by: User) -> Steering:
    """Go back to what stood before the last change; again, one further.

    Raises:
        NotInThisState: there is nothing to undo.
        EditedMeanwhile: the state is no longer the one that was looked at.
        Forbidden: a restriction holds.
    """
    state = _seen(photograph, number)
    if state.before is None:
        raise NotInThisState(_("Nothing was changed: there is nothing to undo."))
    goal = _numbered(state.master, state.before)
    return _go(state, goal, "steering undone", by, goal.before, state.number)


def restore(photograph: Photograph, *, number: int, by: User) -> Steering:
    """Take the last undoing back; again, one further.

    Raises:
        NotInThisState: nothing was undone.
        EditedMeanwhile: the state is no longer the one that was looked at.
        Forbidden: a restriction holds.
    """
    state = _seen(photograph, number)
    if state.after is None:
        raise NotInThisState(_("Nothing was changed: there is nothing to restore."))
    goal = _numbered(state.master, state.after)
    return _go(state, goal, "steering restored", by, goal.before, goal.after)


def words(hint: dict[str, Any]) -> str:
    """Return a hint's colour and place as people read them."""
    named = dyes.name_of(hint["colour"])
    told = (
        gettext_noop(
            "%(why)s %(colour)s at %(x)s %% from the left, %(y)s %% from the top"
        )
        if named
        else gettext_noop("%(colour)s at %(x)s %% from the left, %(y)s %% from the top")
    )
    return told % {
        "why": named,
        "colour": hint["colour"],
        "x": f"{100 * hint['x']:.1f}",
        "y": f"{100 * hint['y']:.1f}",
    }


def _seen(photograph: Photograph, number: int) -> Steering:
    require_permitted(photograph)
    state = current(front(photograph))
    if state.number != number:
        raise _overtaken()
    return state


def _overtaken() -> EditedMeanwhile:
    return EditedMeanwhile(
        _(
            "Someone else steered these colours meanwhile. Nothing was overwritten: "
            "look at theirs, then do yours again."
        )
    )


def _hint(
    hint_id: int, x: float, y: float, colour: str, why: str, by: User
) -> dict[str, Any]:
    colour, why = colour.strip().lower(), why.strip()
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise HintInvalid(_("The point lies outside the picture. Choose one inside."))
    if not _COLOUR.match(colour):
        raise HintInvalid(_("Choose a colour, written as #rrggbb."))
    if len(why) > LONGEST_REASON:
        raise HintInvalid(
            _("The reason is longer than %(count)s characters.")
            % {"count": LONGEST_REASON}
        )
    return {
        "id": hint_id,
        "x": round(x, _PLACES),
        "y": round(y, _PLACES),
        "colour": colour,
        "why": why,
        "by": by.get_username(),
        "at": timezone.now().isoformat(timespec="seconds"),
    }


def _next_id(state: Steering) -> int:
    kept = Steering.objects.filter(master=state.master).values_list("hints", flat=True)
    return 1 + max((hint["id"] for hints in kept for hint in hints), default=0)


def _found(state: Steering, hint_id: int) -> dict[str, Any]:
    for hint in state.hints:
        if hint["id"] == hint_id:
            return dict(hint)
    raise NotInThisState(_("Nothing was changed: this hint is not there any more."))


def _numbered(master: MasterFile, number: int) -> Steering:
    if number == 0:
        return Steering(master=master, number=0)
    found: Steering = Steering.objects.get(master=master, number=number)
    return found


def _go(
    state: Steering,
    goal: Steering,
    action: str,
    by: User,
    before: int | None,
    after: int | None,
) -> Steering:
    return _append(
        state,
        action,
        by=by,
        hints=goal.hints,
        strength=goal.strength,
        changes=_difference(state, goal.hints, goal.strength),
        ways=(before, after),
    )


def _append(
    state: Steering,
    action: str,
    *,
    by: User,
    changes: dict[str, list[Any]],
    hints: list[dict[str, Any]] | None = None,
    strength: int | None = None,
    note: str = "",
    ways: tuple[int | None, int | None] | None = None,
) -> Steering:
    before, after = ways or (state.number, None)
    new = Steering(
        master=state.master,
        number=state.number + 1,
        hints=state.hints if hints is None else hints,
        strength=state.strength if strength is None else strength,
        action=action,
        before=before,
        after=after,
        by=by,
    )
    try:
        with transaction.atomic():
            new.save()
            record(
                EventType.METADATA_MODIFICATION,
                action,
                state.master,
                by=by,
                changes=changes,
                note=note,
            )
    except IntegrityError as taken:
        raise _overtaken() from taken
    return new


def _difference(
    state: Steering, hints: list[dict[str, Any]], strength: int
) -> dict[str, list[Any]]:
    """Return what becomes different, hint by hint."""
    old = {_title(hint): words(hint) for hint in state.hints}
    new = {_title(hint): words(hint) for hint in hints}
    changes: dict[str, list[Any]] = {
        title: [old.get(title), new.get(title)]
        for title in sorted(old | new)
        if old.get(title) != new.get(title)
    }
    if strength != state.strength:
        changes["strength"] = [f"{state.strength} %", f"{strength} %"]
    return changes


def _title(hint: dict[str, Any]) -> str:
    return f"hint {hint['id']}"
