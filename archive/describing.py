"""Describing: creating and changing descriptions, and assigning terms by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.errors import EditedMeanwhile, InvalidDescription, NotInThisState
from archive.models import Assignment, Collection, Photograph, Suggestion, Term
from archive.provenance import record
from archive.vocabularies import EventType, Level, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DEEPEST = Collection._meta.get_field("path").max_length // Collection.steplen


def describe(
    photograph: Photograph,
    changes: Mapping[str, str],
    *,
    by: User | None,
    revision: int | None = None,
    software: str = "Autochrome",
    note: str = "",
    action: str = "described",
) -> Photograph:
    """Change descriptive fields of a photograph and record each from and to.

    Args:
        photograph: the photograph as it was read.
        changes: descriptive field to its new text.
        by: the person; None where a program filled the fields.
        revision: the revision that the person was looking at; by default that of
            `photograph`.
        software: the program that filled the fields.
        note: why, or where the values came from.
        action: what the event says was done.

    Returns:
        The photograph as it stands now.

    Raises:
        InvalidDescription: a field is unknown or its value cannot be meant.
        EditedMeanwhile: someone saved first; nothing was changed.
    """
    before = photograph.descriptive_values()
    changed = _changed(before, changes)
    if not changed:
        return photograph
    expected = photograph.revision if revision is None else revision
    for name, value in changed.items():
        setattr(photograph, name, value)
    try:
        photograph.full_clean(exclude=["collection"])
    except ValidationError as problem:
        for name in changed:
            setattr(photograph, name, before[name])
        raise _invalid(problem) from problem
    with transaction.atomic():
        updated = Photograph.objects.filter(pk=photograph.pk, revision=expected).update(
            **changed,
            date_earliest=photograph.date_earliest,
            date_latest=photograph.date_latest,
            revision=F("revision") + 1,
            modified_at=timezone.now(),
        )
        if not updated:
            raise EditedMeanwhile(
                _(
                    "Someone else changed this description while you were writing. "
                    "Nothing was overwritten: reload to see theirs, then save yours."
                )
            )
        record(
            EventType.METADATA_MODIFICATION,
            action,
            photograph,
            by=by,
            software=software,
            changes={name: [before[name], value] for name, value in changed.items()},
            note=note,
        )
    photograph.refresh_from_db()
    return photograph


def describe_collection(
    collection: Collection,
    changes: Mapping[str, str],
    *,
    by: User | None,
    seen: Mapping[str, str] | None = None,
) -> Collection:
    """Change descriptive fields or the level of a collection, and record it.

    Args:
        collection: the collection as it is stored.
        changes: descriptive field or "level" to its new text.
        by: the person.
        seen: field to what the person saw there, as far as somebody looked.

    Raises:
        InvalidDescription: a field is unknown or its value cannot be meant.
        EditedMeanwhile: someone changed one of those fields; nothing was changed.
    """
    before = {**collection.descriptive_values(), "level": collection.level}
    changed = _changed(before, changes)
    if not changed:
        return collection
    shown = before if seen is None else {**before, **seen}
    # Browsers end lines otherwise than files do.
    if any(shown[name].splitlines() != before[name].splitlines() for name in changed):
        raise EditedMeanwhile(
            _(
                "Someone else changed this collection while you were writing. Nothing "
                "was overwritten: look at theirs, and save again if yours is to "
                "replace it."
            )
        )
    for name, value in changed.items():
        setattr(collection, name, value)
    try:
        collection.full_clean(exclude=["path", "depth", "numchild"])
        collection.check_level_below(Collection.objects.get_parent(collection))
    except ValidationError as problem:
        collection.refresh_from_db()
        raise _invalid(problem) from problem
    with transaction.atomic():
        collection.save()
        record(
            EventType.METADATA_MODIFICATION,
            "described",
            collection,
            by=by,
            changes={name: [before[name], value] for name, value in changed.items()},
        )
    return collection


def create_collection(
    values: Mapping[str, Any], *, parent: Collection | None, by: User | None
) -> Collection:
    """Add a collection at the top or below a parent, and record it.

    Raises:
        InvalidDescription: a value cannot be meant, the reference code is taken, or
            the tree would be too deep.
    """
    collection = Collection(**{"level": Level.FONDS, **values})
    try:
        collection.full_clean(exclude=["path", "depth", "numchild"])
        collection.check_level_below(parent)
    except ValidationError as problem:
        raise _invalid(problem) from problem
    _refuse_too_deep(parent, 1)
    with transaction.atomic():
        if parent is None:
            added: Collection = Collection.objects.add_root(instance=collection)
        else:
            parent.refresh_from_db()  # the tree may have grown since it was read
            added = Collection.objects.add_child(parent, instance=collection)
        record(EventType.CREATION, "created", added, by=by)
    return added


def move_collection(
    collection: Collection,
    *,
    below: Collection | None,
    by: User | None,
    seen_below: str | None = None,
) -> Collection:
    """Move a collection with all that is in it below another, or to the top.

    Args:
        collection: as it stands now.
        below: where it is to stand; None for the top.
        by: the person.
        seen_below: key of what the person saw it below, "" for the top; None where
            that does not matter.

    Returns:
        The collection as it stands then; where it stood there already, nothing is
        recorded.

    Raises:
        EditedMeanwhile: someone else moved it first; nothing was changed.
        InvalidDescription: below itself, a level that cannot stand there, or too deep.
    """
    old = Collection.objects.get_parent(collection)
    if seen_below not in {None, str(old.pk) if old else ""}:
        said = (
            _(
                "Someone else moved %(collection)s while you were looking: it stands "
                "below %(parent)s now. Nothing was changed."
            )
            if old
            else _(
                "Someone else moved %(collection)s while you were looking: it stands "
                "at the top now. Nothing was changed."
            )
        )
        raise EditedMeanwhile(said % {"collection": collection, "parent": old})
    if below == old:
        return collection
    if below is not None and (
        below.pk == collection.pk or below.is_descendant_of(collection)
    ):
        sentence = _(
            "%(collection)s cannot be moved into itself or what is below it."
        ) % {"collection": collection}
        raise InvalidDescription(sentence, {"parent": sentence})
    try:
        collection.check_level_below(below)
    except ValidationError as problem:
        raise _invalid(problem) from problem
    deepest = Collection.objects.all().within(collection).order_by("-depth").first()
    _refuse_too_deep(below, deepest.depth - collection.depth + 1)
    with transaction.atomic():
        if below is None:
            top = Collection.objects.get_last_root_node()
            Collection.objects.move(collection, top, "sorted-sibling")
        else:
            Collection.objects.move(collection, below, "sorted-child")
        moved: Collection = Collection.objects.get(pk=collection.pk)
        record(
            EventType.METADATA_MODIFICATION,
            "moved",
            moved,
            by=by,
            changes={
                "parent": [
                    old.reference_code if old else "",
                    below.reference_code if below else "",
                ]
            },
        )
    return moved


def delete_collection(collection: Collection, *, by: User | None) -> None:
    """Remove a collection in which there is nothing.

    Raises:
        NotInThisState: it holds photographs, collections or accessions.
    """
    if (
        Collection.objects.get_children_count(collection)
        or collection.photographs.exists()
        or collection.accessions.exists()
    ):
        raise NotInThisState(
            _("%(code)s is not empty. Move what is in it first.")
            % {"code": collection.reference_code}
        )
    with transaction.atomic():
        record(EventType.DELETION, "deleted", collection, by=by)
        collection.delete()


def move_photographs(
    photographs: list[Photograph], *, to: Collection, by: User
) -> list[Photograph]:
    """Put photographs into another collection; return those that moved."""
    with transaction.atomic():
        moving = [p for p in photographs if p.collection_id != to.pk]
        for photograph in moving:
            old = photograph.collection
            Photograph.objects.filter(pk=photograph.pk).update(
                collection=to, revision=F("revision") + 1
            )
            record(
                EventType.METADATA_MODIFICATION,
                "moved",
                photograph,
                by=by,
                changes={"collection": [old.reference_code, to.reference_code]},
            )
    return moving


def assign_term(
    photograph: Photograph,
    term: Term,
    *,
    by: User,
    suggestion: Suggestion | None = None,
) -> Assignment:
    """Put a term on a photograph, on a person's word; harmless when it is there.

    A waiting suggestion of the same term is thereby accepted.
    """
    with transaction.atomic():
        assignment, created = Assignment.objects.get_or_create(
            photograph=photograph,
            term=term,
            defaults={"assigned_by": by, "suggestion": suggestion},
        )
        if not created:
            return assignment
        record(
            EventType.METADATA_MODIFICATION,
            "assigned",
            photograph,
            by=by,
            term=term,
            changes={"term": ["", term.label]},
        )
        if suggestion is None:
            Suggestion.objects.awaiting().filter(
                photograph=photograph, term=term
            ).update(
                state=ReviewState.ACCEPTED, decided_by=by, decided_at=timezone.now()
            )
    return assignment


def remove_term(photograph: Photograph, term: Term, *, by: User) -> bool:
    """Take a term off a photograph; return whether it was there.

    A suggestion that had been accepted is thereby rejected: the person has said no.
    """
    with transaction.atomic():
        removed, _each = Assignment.objects.filter(
            photograph=photograph, term=term
        ).delete()
        if removed:
            Suggestion.objects.filter(
                photograph=photograph, term=term, state=ReviewState.ACCEPTED
            ).update(
                state=ReviewState.REJECTED, decided_by=by, decided_at=timezone.now()
            )
            record(
                EventType.METADATA_MODIFICATION,
                "unassigned",
                photograph,
                by=by,
                term=term,
                changes={"term": [term.label, ""]},
            )
    return bool(removed)


def create_term(
    label: str, *, vocabulary: str = "local", uri: str = "", by: User | None = None
) -> Term:
    """Return the term of that label in the vocabulary, made where it is missing.

    Raises:
        InvalidDescription: the label is empty or too long.
    """
    label = " ".join(label.split())
    existing: Term | None = Term.objects.filter(
        label__iexact=label, vocabulary=vocabulary
    ).first()
    if existing:
        return existing
    term = Term(label=label, vocabulary=vocabulary, uri=uri)
    try:
        term.full_clean()
        with transaction.atomic():
            term.save()
    except ValidationError as problem:
        raise _invalid(problem) from problem
    except IntegrityError:  # made by someone else this very moment
        return create_term(label, vocabulary=vocabulary)
    return term


def _changed(before: Mapping[str, Any], changes: Mapping[str, str]) -> dict[str, str]:
    unknown = dict.fromkeys(changes.keys() - before, _("This is not descriptive."))
    if unknown:
        listed = {"fields": ", ".join(unknown)}
        raise InvalidDescription(_("Unknown field: %(fields)s.") % listed, unknown)
    return {name: value for name, value in changes.items() if before[name] != value}


def _refuse_too_deep(parent: Collection | None, levels: int) -> None:
    """Refuse what the tree's paths have no room for."""
    if (parent.depth if parent else 0) + levels > DEEPEST:
        sentence = _("Collections can stand %(count)s levels deep and no deeper.") % {
            "count": DEEPEST
        }
        raise InvalidDescription(sentence, {"parent": sentence})


def _invalid(problem: ValidationError) -> InvalidDescription:
    fields = {
        name: " ".join(sentences) for name, sentences in problem.message_dict.items()
    }
    return InvalidDescription(" ".join(fields.values()), fields)
