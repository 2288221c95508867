"""The keys by which the review queue is ordered, kept with each photograph.

Doubt about tags is how near the least certain suggestion is to the score from which
its word is trusted; doubt about colours comes from how muted they are. What people
decide does not change them, so that nobody loses the place in the queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Abs, Coalesce, Least

from archive.models import MachineWord, Photograph, Suggestion
from archive.vocabularies import ReviewState

_STANDING = (ReviewState.AWAITING, ReviewState.ACCEPTED, ReviewState.REJECTED)


def settle_tags(photographs: Iterable[int]) -> None:
    """Find the doubt about the tags of photographs again."""
    _settle(Photograph.objects.filter(pk__in=list(photographs)))


def settle_word(term: int) -> None:
    """Find the doubt again wherever a word waits, whose threshold has changed."""
    waiting = Suggestion.objects.awaiting().filter(term=term).order_by()
    _settle(Photograph.objects.filter(pk__in=waiting.values("photograph")))


def settle_colours(photograph: int, doubt: float) -> None:
    """Keep the doubt about a photograph's colours, 0 (most) to 1 (none)."""
    Photograph.objects.filter(pk=photograph).update(
        colour_doubt=doubt, doubt=Least(F("tags_doubt"), doubt)
    )


def _settle(photographs: QuerySet[Photograph]) -> None:
    word = MachineWord.objects.filter(term=OuterRef("term"))
    trusted = Coalesce(
        Subquery(word.values("threshold")),
        Subquery(word.values("learnt_threshold")),
        F("threshold"),
    )
    least: QuerySet[Any, Any] = (
        Suggestion.objects.filter(photograph=OuterRef("pk"), state__in=_STANDING)
        .order_by()
        .annotate(margin=Abs(F("score") - trusted))
        .values("photograph")
        .annotate(least=Min("margin"))
        .values("least")
    )
    photographs.update(tags_doubt=Coalesce(Subquery(least), 1.0))
    photographs.update(doubt=Least(F("tags_doubt"), F("colour_doubt")))
