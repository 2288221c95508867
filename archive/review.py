"""Review: recording what machines suggest, and what people decide about it.

A decision moves a state by one conditional update, so two curators can never
overwrite each other: the second is told that the thing has moved on.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import review_order, versions
from archive.errors import NotInThisState
from archive.models import (
    Assignment,
    Derivative,
    MachineWord,
    Photograph,
    Publication,
    Suggestion,
    Term,
)
from archive.provenance import record
from archive.vocabularies import EventType, Purpose, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Model:
    """Which model made a suggestion: its name, version and SHA-256 of its weights."""

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        """Return the name and version, as provenance shows them."""
        return f"{self.name} {self.version}"


def record_suggestions(
    photograph: Photograph,
    scores: Mapping[Term, float],
    *,
    model: Model,
    result_id: uuid.UUID | None,
    at: dt.datetime,
    among: Iterable[str] | None = None,
    thresholds: Mapping[Term, float] | None = None,
) -> int:
    """Keep what a model suggests for a photograph; return how many now wait.

    Call inside a transaction. Terms already assigned are not suggested; a decided
    suggestion stays as it was decided; a waiting one that the model could have
    made and does not is superseded; a word that the archive has blocked is kept, and
    waits for nobody. Running it again with the same scores changes
    nothing.

    Args:
        photograph: which.
        scores: of the terms that are suggested.
        model: who says so.
        result_id: its draft.
        at: when.
        among: labels that the model can suggest at all, so that it says nothing of
            what other models suggest; every label by default.
        thresholds: the scores from which the model suggests the terms; 0.5 by default.
    """
    known = {
        suggestion.term_id: suggestion for suggestion in photograph.suggestions.all()
    }
    assigned = set(photograph.assignments.values_list("term_id", flat=True))
    words = _words(scores)
    thresholds = thresholds or {}
    drafted = {
        "model_name": model.name,
        "model_version": model.version,
        "model_sha256": model.sha256,
        "result_id": result_id,
        "suggested_at": at,
    }
    waiting_states = {ReviewState.AWAITING, ReviewState.BLOCKED}
    open_states = {*waiting_states, ReviewState.SUPERSEDED}
    for term, score in scores.items():
        suggestion, word = known.get(term.pk), words[term.pk]
        if {term.pk, word.means.pk} & assigned:
            continue
        said = {
            "score": score,
            "threshold": thresholds.get(term, 0.5),
            "state": ReviewState.BLOCKED if word.blocked else ReviewState.AWAITING,
            **drafted,
        }
        if suggestion is None:
            Suggestion.objects.create(photograph=photograph, term=term, **said)
        elif suggestion.state in open_states:
            Suggestion.objects.filter(pk=suggestion.pk, state__in=open_states).update(
                **said
            )
    others = photograph.suggestions.filter(state__in=waiting_states).exclude(
        term__in=list(scores)
    )
    if among is not None:
        others = others.filter(term__label__in=list(among))
    others.update(state=ReviewState.SUPERSEDED)
    review_order.settle_tags([photograph.pk])
    waiting = photograph.suggestions.awaiting().count()
    record(
        EventType.METADATA_MODIFICATION,
        "tagged",
        photograph,
        software=str(model),
        changes={
            "suggested": [None, {t.label: round(s, 4) for t, s in scores.items()}]
        },
    )
    return int(waiting)


def accept_suggestion(suggestion: Suggestion, *, by: User) -> Assignment:
    """Accept: the term becomes part of the record.

    Raises:
        NotInThisState: it was decided already.
    """
    with transaction.atomic():
        means = _words([suggestion.term])[suggestion.term_id].means
        _decide_suggestion(suggestion, ReviewState.ACCEPTED, by=by)
        assignment, _created = Assignment.objects.get_or_create(
            photograph=suggestion.photograph,
            term=means,
            defaults={"assigned_by": by, "suggestion": suggestion},
        )
    return assignment


def reject_suggestion(suggestion: Suggestion, *, by: User, reason: str = "") -> None:
    """Reject: no later run or model revives it.

    Raises:
        NotInThisState: it was decided already.
    """
    with transaction.atomic():
        _decide_suggestion(suggestion, ReviewState.REJECTED, by=by, reason=reason)


def undo_suggestion(suggestion: Suggestion, *, by: User) -> None:
    """Take a decision back: the suggestion waits again.

    Raises:
        NotInThisState: there is no decision to take back.
    """
    with transaction.atomic():
        suggestion.refresh_from_db()
        before = suggestion.state
        if before not in {ReviewState.ACCEPTED, ReviewState.REJECTED}:
            raise _moved_on(suggestion)
        Assignment.objects.filter(suggestion=suggestion).delete()
        moved = Suggestion.objects.filter(pk=suggestion.pk, state=before).update(
            state=ReviewState.BLOCKED
            if _words([suggestion.term])[suggestion.term_id].blocked
            else ReviewState.AWAITING,
            decided_by=None,
            decided_at=None,
            decision_reason="",
        )
        if not moved:
            raise _moved_on(suggestion)
        record(
            EventType.METADATA_MODIFICATION,
            "decision undone",
            suggestion.photograph,
            by=by,
            term=suggestion.term,
            changes={"suggestion": [before, ReviewState.AWAITING.value]},
        )
    suggestion.refresh_from_db()


def accept_colorization(
    colorization: Derivative, *, by: User, reason: str = ""
) -> None:
    """Accept a colorization as the archive's interpretation of the photograph.

    One accepted earlier for the same master is superseded.

    Raises:
        NotInThisState: it was decided already.
    """
    now = timezone.now()  # one moment for both: undoing finds the earlier one by it
    with transaction.atomic():
        earlier = Derivative.objects.filter(
            master=colorization.master_id,
            purpose=Purpose.COLORIZATION,
            review_state=ReviewState.ACCEPTED,
        ).first()
        if earlier is not None:
            _decide_colorization(
                earlier,
                ReviewState.SUPERSEDED,
                by=by,
                reason=gettext_noop("Replaced by %(model)s.")
                % {"model": colorization.made_by},
                from_states=(ReviewState.ACCEPTED,),
                at=now,
            )
        _decide_colorization(
            colorization, ReviewState.ACCEPTED, by=by, reason=reason, at=now
        )


def reject_colorization(
    colorization: Derivative, *, by: User, reason: str = ""
) -> None:
    """Reject a colorization; the same recipe is never offered again.

    Raises:
        NotInThisState: it was decided already.
    """
    with transaction.atomic():
        _decide_colorization(colorization, ReviewState.REJECTED, by=by, reason=reason)


def undo_colorization(colorization: Derivative, *, by: User) -> None:
    """Take a decision back: the colorization waits again.

    An acceptance that superseded an earlier colorization gives it back its place.

    Raises:
        NotInThisState: there is no decision to take back, or it is published.
    """
    with transaction.atomic():
        colorization.refresh_from_db()
        if Publication.objects.filter(colorization=colorization).exists():
            raise NotInThisState(
                _("This colorization is published. Withdraw the photograph first.")
            )
        decided_at = colorization.decided_at
        was_accepted = colorization.review_state == ReviewState.ACCEPTED
        _decide_colorization(
            colorization,
            ReviewState.AWAITING,
            by=by,
            from_states=(ReviewState.ACCEPTED, ReviewState.REJECTED),
            action="decision undone",
        )
        if was_accepted:
            versions.ungrade(colorization, by=by)
        if was_accepted and decided_at is not None:
            earlier = (
                Derivative.objects.colorizations()
                .filter(
                    master=colorization.master_id,
                    review_state=ReviewState.SUPERSEDED,
                    decided_at=decided_at,
                )
                .first()
            )
            if earlier is not None:
                _decide_colorization(
                    earlier,
                    ReviewState.ACCEPTED,
                    by=by,
                    from_states=(ReviewState.SUPERSEDED,),
                )


def offer_colorization(newest: Derivative) -> None:
    """Let the colorization that a model has just made wait for review.

    Older ones of the master that nobody decided on step aside for it. One that was
    decided stays decided, and then nothing steps aside: the same was made again.
    """
    newest.refresh_from_db(fields=["review_state", "decided_at"])
    aside = {ReviewState.SUPERSEDED, ReviewState.DRAFT}
    if newest.review_state in aside and newest.decided_at is None:
        newest.review_state = ReviewState.AWAITING
        newest.save(update_fields=["review_state"])
    if newest.review_state == ReviewState.AWAITING:
        Derivative.objects.colorizations().awaiting().filter(
            master=newest.master_id
        ).exclude(pk=newest.pk).update(review_state=ReviewState.SUPERSEDED)


def _words(terms: Iterable[Term]) -> dict[int, MachineWord]:
    """Return what the archive has settled about each term, by its key."""
    wanted = {term.pk: term for term in terms}
    found = MachineWord.objects.filter(term__in=wanted).select_related("stands_for")
    words = {word.term_id: word for word in found}
    missing = [MachineWord(term=wanted[key]) for key in wanted.keys() - words.keys()]
    if missing:
        MachineWord.objects.bulk_create(missing, ignore_conflicts=True)
    return words | {word.term_id: word for word in missing}


def _decide_suggestion(
    suggestion: Suggestion, state: ReviewState, *, by: User, reason: str = ""
) -> None:
    moved = Suggestion.objects.filter(
        pk=suggestion.pk, state=ReviewState.AWAITING
    ).update(
        state=state,
        decided_by=by,
        decided_at=timezone.now(),
        decision_reason=reason[:500],
    )
    if not moved:
        raise _moved_on(suggestion)
    suggestion.refresh_from_db()
    record(
        EventType.METADATA_MODIFICATION,
        state.value,
        suggestion.photograph,
        by=by,
        term=suggestion.term,
        changes={"suggestion": [ReviewState.AWAITING.value, state.value]},
        note=reason,
    )


def _decide_colorization(
    colorization: Derivative,
    state: ReviewState,
    *,
    by: User,
    reason: str = "",
    from_states: tuple[ReviewState, ...] = (ReviewState.AWAITING,),
    action: str = "",
    at: dt.datetime | None = None,
) -> None:
    before = colorization.review_state
    undecided = state is ReviewState.AWAITING
    moved = Derivative.objects.filter(
        pk=colorization.pk,
        purpose=Purpose.COLORIZATION,
        review_state=before if before in from_states else from_states[0],
    ).update(
        review_state=state,
        decided_by=None if undecided else by,
        decided_at=None if undecided else at or timezone.now(),
        decision_reason=reason[:500],
    )
    if not moved:
        raise _moved_on(colorization)
    colorization.refresh_from_db()
    record(
        EventType.METADATA_MODIFICATION,
        action or state.value,
        colorization,
        by=by,
        changes={"colorization": [before, state.value]},
        note=reason,
    )


def _moved_on(thing: Suggestion | Derivative) -> NotInThisState:
    thing.refresh_from_db()
    state = (
        thing.get_state_display()
        if isinstance(thing, Suggestion)
        else thing.get_review_state_display()
    )
    return NotInThisState(
        _("Nothing was changed: meanwhile this is “%(state)s”. Reload to see it.")
        % {"state": state}
    )
