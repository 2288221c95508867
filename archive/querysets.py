"""Set logic of the catalogue, as chainable verbs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from treebeard.mp_tree import MP_NodeManager, MP_NodeQuerySet

from archive import sentences
from archive.errors import Immutable
from archive.search_query import Query, parse
from archive.vocabularies import (
    MACHINE_VOCABULARY,
    Policy,
    Purpose,
    ReviewState,
    Side,
)

if TYPE_CHECKING:
    from archive.models import Collection


class CollectionQuerySet(MP_NodeQuerySet):  # type: ignore[misc]
    """Collections, by where they stand in the tree."""

    def within(self, collection: Collection) -> Self:
        """The collection itself and everything below it."""
        below: Self = self.filter(path__startswith=collection.path)
        return below

    def restricted(self, policy: Policy) -> Self:
        """Collections that carry the flag themselves or under a flagged ancestor."""
        flagged: Self = self.filter(_flagged_above(policy, "path"))
        return flagged


class CollectionManager(MP_NodeManager.from_queryset(CollectionQuerySet)):  # type: ignore[misc]
    """The default manager of collections, in the order of the tree."""

    def get_queryset(self) -> CollectionQuerySet:
        """Order by path: parents before children, siblings by reference code."""
        collections = CollectionQuerySet(self.model, using=self._db)
        ordered: CollectionQuerySet = collections.order_by("path")
        return ordered


def _flagged_above(policy: Policy, path: str) -> Exists:
    """Whether a collection at or above `path` carries the flag."""
    collection = apps.get_model("archive", "Collection")
    return Exists(
        models.QuerySet(collection)
        .filter(**{policy.value: True})
        .annotate(
            below=models.ExpressionWrapper(
                OuterRef(path), output_field=models.CharField()
            )
        )
        .filter(below__startswith=F("path"))
    )


def _restricted(policy: Policy) -> Q:
    """Whether a photograph carries the flag, or its collection or one above does."""
    collection = apps.get_model("archive", "Collection")
    return Q(**{policy.value: True}) | Q(
        collection__in=collection.objects.order_by().restricted(policy).values("pk")
    )


class PhotographQuerySet(models.QuerySet[Any]):
    """Photographs, by place, state and restriction."""

    def within(self, collection: Collection) -> Self:
        """Photographs of the collection and of everything below it."""
        return self.filter(collection__path__startswith=collection.path)

    def restricted(self, policy: Policy) -> Self:
        """Photographs that the restriction holds for, their own or inherited."""
        return self.filter(_restricted(policy))

    def permitting(self, policy: Policy) -> Self:
        """Photographs that the restriction does not hold for."""
        return self.exclude(_restricted(policy))

    def matching(self, words: str) -> Self:
        """Photographs that hold every word in their description or terms.

        Args:
            words: as `archive.search_query` reads them; without any, all match.
        """
        query = _query(words)
        found = self
        if query.wanted:
            found = found.filter(words__words__hold=query)
        if query.unwanted:
            index = apps.get_model("archive", "PhotographWords").objects
            for phrase in query.unwanted:
                held = index.filter(words__hold=Query(wanted=(phrase,)))
                found = found.exclude(pk__in=held.values("pk"))
        return found

    def best_first(self, words: str) -> Self:
        """Photographs `matching` the words in the order of how well they do."""
        query = _query(words)
        if not query.wanted:
            return self
        ranked = apps.get_model("archive", "PhotographWords").rank(query)
        return self.order_by(ranked, "reference_code")

    def bearing(self, label: str) -> Self:
        """Photographs that a person put the term on, by its label or a synonym."""
        return self.filter(pk__in=_bearing(label))

    def dated_between(self, earliest: dt.date | None, latest: dt.date | None) -> Self:
        """Photographs whose span of days meets the given one; open ends allowed."""
        found = self.exclude(date_earliest=None, date_latest=None)
        if latest:
            found = found.filter(
                Q(date_earliest__lte=latest) | Q(date_earliest__isnull=True)
            )
        if earliest:
            found = found.filter(
                Q(date_latest__gte=earliest) | Q(date_latest__isnull=True)
            )
        return found

    def described(self) -> Self:
        """Photographs with at least a title."""
        return self.exclude(title="")

    def colorized(self) -> Self:
        """Photographs that have a machine's colours, reviewed or not."""
        return self.filter(colorized_at__isnull=False)

    def with_accepted_colours(self) -> Self:
        """Photographs with a colorization that a person accepted."""
        derivative = apps.get_model("archive", "Derivative")
        accepted = derivative.objects.colorizations().filter(
            review_state=ReviewState.ACCEPTED
        )
        return self.filter(pk__in=accepted.order_by().values("master__photograph"))

    def of_kind(self, media_type: str) -> Self:
        """Photographs whose front is a file of that media type."""
        fronts = apps.get_model("archive", "MasterFile").objects.rectos().order_by()
        return self.filter(
            pk__in=fronts.filter(media_type=media_type).values("photograph")
        )

    def tagged(self) -> Self:
        """Photographs that a tagger has seen."""
        return self.filter(tagged_at__isnull=False)

    def published(self) -> Self:
        """Photographs with a published record."""
        return self.filter(publication__isnull=False)

    def awaiting_review(self) -> Self:
        """Photographs with a suggestion or a colorization that waits."""
        return self.filter(waits=True)

    def with_pictures(self) -> Self:
        """Fetch masters and screen copies too: three queries whatever the number."""
        derivative = apps.get_model("archive", "Derivative")
        master = apps.get_model("archive", "MasterFile")
        return self.prefetch_related(
            Prefetch(
                "masters",
                master.objects.defer("embedded").prefetch_related(
                    Prefetch(
                        "derivatives",
                        derivative.objects.for_screens().select_related("source"),
                    )
                ),
            )
        )


def _query(words: str) -> Query:
    """Read the words, with the taggers' own for those of the reader's language."""
    return parse(words).with_others(
        lambda phrase: sentences.meant(phrase.text, beginning=phrase.beginning)
    )


def _bearing(label: str) -> models.QuerySet[Any]:
    """Keys of the photographs with a term of that label or synonym.

    The terms are found first, for they are few: asking each photograph for its terms
    is ten times slower at 100,000 photographs.
    """
    term = apps.get_model("archive", "Term")
    assignment = apps.get_model("archive", "Assignment")
    fitting = term.objects.order_by().filter(
        Q(label__iexact=label)
        | Q(synonyms__label__iexact=label)
        | Q(vocabulary=MACHINE_VOCABULARY, label__in=sentences.meant(label))
    )
    borne = assignment.objects.order_by().filter(term__in=fitting.values("pk"))
    return borne.values("photograph")


class MasterFileQuerySet(models.QuerySet[Any]):
    """Masters: many can be read, none can be changed."""

    def rectos(self) -> Self:
        """Fronts of prints."""
        return self.filter(side=Side.RECTO)

    def update(self, **kwargs: Any) -> int:
        """Refuse.

        Raises:
            Immutable: always.
        """
        raise Immutable("Master files are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse.

        Raises:
            Immutable: always.
        """
        raise Immutable("Master files are never deleted.")


class DerivativeQuerySet(models.QuerySet[Any]):
    """Derivatives, by purpose and review."""

    def colorizations(self) -> Self:
        """Chroma planes that a model predicted."""
        return self.filter(purpose=Purpose.COLORIZATION)

    def for_screens(self) -> Self:
        """Thumbnails and display copies, in grey and in colour."""
        return self.exclude(purpose=Purpose.COLORIZATION)

    def awaiting(self) -> Self:
        """Machine-made things that a person has not decided on."""
        return self.filter(review_state=ReviewState.AWAITING)


class SuggestionQuerySet(models.QuerySet[Any]):
    """Suggestions, by what became of them."""

    def awaiting(self) -> Self:
        """Suggestions that a person has not decided on."""
        return self.filter(state=ReviewState.AWAITING)


class TermQuerySet(models.QuerySet[Any]):
    """Terms, by their words."""

    def matching(self, words: str) -> Self:
        """Terms whose label or synonym holds the words."""
        return self.filter(
            Q(label__icontains=words)
            | Q(synonyms__label__icontains=words)
            | Q(
                vocabulary=MACHINE_VOCABULARY,
                label__in=sentences.meant(words, beginning=True),
            )
        ).distinct()


class EventQuerySet(models.QuerySet[Any]):
    """Events: appended, read, and nothing else."""

    def update(self, **kwargs: Any) -> int:
        """Refuse.

        Raises:
            Immutable: always.
        """
        raise Immutable("Events are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse.

        Raises:
            Immutable: always.
        """
        raise Immutable("Events are never deleted.")
