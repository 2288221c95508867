"""Terms: finding them by their words, and defining them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Q, Value, When

from archive import sentences
from archive.errors import InvalidDescription
from archive.models import Term, TermSynonym
from archive.provenance import record
from archive.vocabularies import MACHINE_VOCABULARY, EventType

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FIELDS = ("label", "vocabulary", "uri", "scope_note")


@dataclass(frozen=True)
class Choice:
    """A term to choose, and the synonym by which it was found, if it was by one."""

    term: Term
    synonym: str


def called(label: str) -> Term | None:
    """Return the term of that label or else of that synonym, or so called by readers.

    The last is a tagger's word in the reader's language.
    """
    machine = {"vocabulary": MACHINE_VOCABULARY, "label__in": sentences.meant(label)}
    ways = ({"label__iexact": label}, {"synonyms__label__iexact": label}, machine)
    found = (Term.objects.filter(**way).order_by("pk").first() for way in ways)
    return next((term for term in found if term), None)


def choices(words: str, most: int) -> list[Choice]:
    """Return terms whose label or synonym holds the words; those that begin so first.

    Two queries, however large the vocabulary is.
    """
    if not words:
        return []
    begins = Q(label__istartswith=words)
    found = (
        Term.objects.filter(
            Q(label__icontains=words)
            | Q(
                pk__in=TermSynonym.objects.filter(label__icontains=words)
                .order_by()
                .values("term")
            )
            | Q(
                vocabulary=MACHINE_VOCABULARY,
                label__in=sentences.meant(words, beginning=True),
            )
        )
        .annotate(
            place=Case(
                When(label__iexact=words, then=Value(0)),
                When(begins, then=Value(1)),
                default=Value(2),
            )
        )
        .prefetch_related("synonyms")
        .order_by("place", "label", "pk")[:most]
    )
    wanted = words.casefold()
    return [
        Choice(
            term,
            ""
            if wanted in term.label.casefold()
            else next(
                (
                    synonym.label
                    for synonym in term.synonyms.all()
                    if wanted in synonym.label.casefold()
                ),
                "",
            ),
        )
        for term in found
    ]


def define(
    term: Term, values: Mapping[str, str], *, synonyms: Sequence[str], by: User
) -> Term:
    """Store a new term or change one, with exactly these synonyms, and record it.

    Args:
        term: unsaved, or as it is stored.
        values: `label`, `vocabulary`, `uri` and `scope_note`, or some of them.
        synonyms: other words for it; those not named any more are removed.
        by: the person.

    Raises:
        InvalidDescription: a value cannot be meant, or the label is taken.
    """
    before: dict[str, Any] = {}
    if term.pk:
        before = {name: getattr(term, name) for name in FIELDS}
        before["synonyms"] = [synonym.label for synonym in term.synonyms.all()]
    for name in FIELDS:
        setattr(term, name, values.get(name, getattr(term, name)))
    term.label = " ".join(term.label.split())
    try:
        term.full_clean()
    except ValidationError as problem:
        fields = {name: " ".join(said) for name, said in problem.message_dict.items()}
        raise InvalidDescription(" ".join(fields.values()), fields) from problem
    with transaction.atomic():
        term.save()
        _settle_synonyms(term, synonyms)
        after = {name: getattr(term, name) for name in FIELDS}
        after["synonyms"] = sorted(synonyms)
        changes = {
            name: [before.get(name), value]
            for name, value in after.items()
            if before.get(name) != value
        }
        if changes:
            record(
                EventType.METADATA_MODIFICATION if before else EventType.CREATION,
                "defined",
                term,
                by=by,
                changes=changes,
            )
    return term


def _settle_synonyms(term: Term, synonyms: Sequence[str]) -> None:
    wanted = {label.casefold(): label for label in synonyms}
    for synonym in term.synonyms.all():
        if wanted.get(synonym.label.casefold()) == synonym.label:
            del wanted[synonym.label.casefold()]
        else:
            synonym.delete()
    TermSynonym.objects.bulk_create(
        TermSynonym(term=term, label=label) for label in wanted.values()
    )
