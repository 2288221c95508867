"""One item of a batch made true: what somebody else changed since is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from archive import describing, policy
from archive.batches import values
from archive.batches.planning import labels_of, state_of, with_terms
from archive.errors import ArchiveError, EditedMeanwhile
from archive.models import (
    Assignment,
    Batch,
    BatchItem,
    Collection,
    Photograph,
    Suggestion,
    Term,
)
from archive.provenance import prepared
from archive.vocabularies import EventType, Policy, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Changes = dict[str, list[Any]]


def change(item: BatchItem, batch: Batch) -> tuple[Changes, str]:
    """Make the changes of an item; call in a transaction and within its batch.

    Returns:
        What was changed, and a sentence about what was left alone; "" for nothing.

    Raises:
        ArchiveError: nothing of it could be changed.
    """
    photograph = with_terms(Photograph.objects).filter(pk=item.photograph_id).first()
    if photograph is None:
        raise EditedMeanwhile(_("The photograph is gone."))
    now = state_of(photograph)
    left = [
        name
        for name, (before, after) in item.changes.items()
        if name != "terms" and now[name] not in (before, after)
    ]
    if set(left) & set(values.DATES):  # a date in words and in EDTF is one thing
        left += [name for name in values.DATES if name in item.changes]
    wanted = {
        name: [before, after]
        for name, (before, after) in item.changes.items()
        if name == "terms" or (name not in left and now[name] != after)
    }
    done = _made(photograph, wanted, item, batch)
    if not left:
        return done, ""
    names = ", ".join(dict.fromkeys(values.label(name) for name in left))
    return done, _("Changed by someone else since, and left alone: %(fields)s.") % {
        "fields": names
    }


def _made(
    photograph: Photograph, wanted: Changes, item: BatchItem, batch: Batch
) -> Changes:
    by = batch.started_by
    texts = {n: after for n, (_before, after) in wanted.items() if n in values.TEXTS}
    if texts:
        describing.describe(photograph, texts, by=by)
    if "collection" in wanted:
        code = wanted["collection"][1]
        place = Collection.objects.filter(reference_code=code).first()
        if place is None:
            raise ArchiveError(
                _("There is no collection %(code)s any more.") % {"code": code}
            )
        describing.move_photographs([photograph], to=place, by=by)
    one = Photograph.objects.filter(pk=photograph.pk)
    for flag in Policy:
        if flag.value in wanted:
            policy.restrict(one, flag, wanted[flag.value][1], by=by)
    if "terms" in wanted:
        wanted["terms"] = _terms(photograph, wanted["terms"], item, batch)
        if not any(wanted["terms"]):
            del wanted["terms"]
    return wanted


def _terms(
    photograph: Photograph, terms: list[Any], item: BatchItem, batch: Batch
) -> list[list[str]]:
    borne = {label.casefold() for label in labels_of(photograph)}
    gone = [label for label in terms[0] if label.casefold() in borne]
    new = [label for label in terms[1] if label.casefold() not in borne]
    undone = (
        batch.reverts.items.filter(photograph=photograph).first()
        if batch.reverts
        else None
    )
    for label in gone:
        for term in _called(label).filter(assignments__photograph=photograph):
            earlier = _decided_by(undone, batch, photograph, term, ReviewState.ACCEPTED)
            describing.remove_term(photograph, term, by=batch.started_by)
            if earlier:  # it waited before the batch that is undone
                Suggestion.objects.filter(pk=earlier.pk).update(
                    state=ReviewState.AWAITING, decided_by=None, decided_at=None
                )
    for label in new:
        term = _called(label).first() or describing.create_term(label)
        earlier = _decided_by(undone, batch, photograph, term, ReviewState.REJECTED)
        describing.assign_term(
            photograph, term, by=batch.started_by, suggestion=earlier
        )
        if earlier:
            Suggestion.objects.filter(pk=earlier.pk).update(state=ReviewState.ACCEPTED)
    return [gone, new]


def _called(label: str) -> Any:
    return Term.objects.filter(label__iexact=label).order_by("pk")


def _decided_by(
    undone: BatchItem | None,
    batch: Batch,
    photograph: Photograph,
    term: Term,
    state: ReviewState,
) -> Suggestion | None:
    """Return the suggestion that the undone batch decided by changing the term."""
    if undone is None or undone.done_at is None or batch.reverts is None:
        return None
    found: Suggestion | None = Suggestion.objects.filter(
        photograph=photograph,
        term=term,
        state=state,
        decided_by=batch.reverts.started_by,
        decided_at__gte=undone.done_at,
    ).first()
    return found


def create(item: BatchItem, by: User) -> Photograph:
    """Make the photograph of an item, without a picture; call as `change`.

    Its creation is recorded with its code and not with its row, so that the undoing
    can take the row away again while nothing else has happened to it.

    Raises:
        ArchiveError: its code is taken, its collection gone, or a value cannot be.
    """
    given = {name: after for name, (_before, after) in item.changes.items()}
    code = given.pop("collection")
    terms = given.pop("terms", [])
    place = Collection.objects.filter(reference_code=code).first()
    if place is None:
        raise ArchiveError(_("There is no collection %(code)s.") % {"code": code})
    photograph = Photograph(collection=place, **given)
    try:
        photograph.full_clean()
    except ValidationError as problem:
        raise ArchiveError(" ".join(problem.messages)) from problem
    photograph.save()
    for label in terms:
        Assignment.objects.create(
            photograph=photograph,
            term=_called(label).first() or describing.create_term(label),
            assigned_by=by,
        )
    _record(EventType.CREATION, "created", photograph, item.changes, by)
    return photograph


def delete(item: BatchItem, by: User) -> None:
    """Take a photograph away that a batch created; call as `change`.

    Raises:
        EditedMeanwhile: something has happened to it since; it is left alone.
    """
    photograph = with_terms(Photograph.objects).filter(pk=item.photograph_id).first()
    if photograph is None:
        raise EditedMeanwhile(_("The photograph is gone."))
    now = state_of(photograph) | {"terms": labels_of(photograph)}
    as_made = {name: before for name, (before, _after) in item.changes.items()}
    same = all(
        now[name] == value if name != "terms" else set(now[name]) == set(value)
        for name, value in as_made.items()
    )
    touched = _("Somebody has worked on it since; it was left alone.")
    if not same or photograph.events.exists() or photograph.masters.exists():
        raise EditedMeanwhile(touched)
    _record(EventType.DELETION, "deleted", photograph, item.changes, by)
    BatchItem.objects.filter(photograph=photograph).update(photograph=None)
    photograph.assignments.all().delete()
    try:
        photograph.delete()
    except ProtectedError as problem:
        raise EditedMeanwhile(touched) from problem


def _record(
    kind: EventType, action: str, photograph: Photograph, changes: Changes, by: User
) -> None:
    event = prepared(kind, action, photograph, by=by, changes=changes)
    event.photograph = None
    event.save()
