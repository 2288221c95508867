"""Accepting together what lies above a threshold: exactly what was shown before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import machine_words, sheet, together
from archive.errors import InvalidDescription, NotInThisState
from archive.models import Collection, Photograph, ReviewBatch, Suggestion, Term
from archive.sheet import Cell
from archive.vocabularies import Policy, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST = 1000
"""Suggestions that are accepted together."""
PICTURES = 60


@dataclass(frozen=True)
class Criteria:
    """Which suggestions are meant.

    Attributes:
        score: from this score on; None for each word's own threshold.
        term: of this word alone; None for every word.
        collection: on photographs in it or below it; None for the whole archive.
    """

    score: float | None = None
    term: Term | None = None
    collection: Collection | None = None

    @classmethod
    def named_in(cls, words: Mapping[str, Any]) -> Criteria:
        """Return what an address or a form names.

        Raises:
            InvalidDescription: the threshold is no number from 0 to 100.
        """
        given = str(words.get("from", "")).strip().rstrip("%").strip()
        try:
            score = float(given.replace(",", ".")) / 100 if given else None
        except ValueError:
            score = -1.0
        if score is not None and not 0 <= score <= 1:
            sentence = _("Give the threshold in per cent, from 0 to 100.")
            raise InvalidDescription(sentence, {"from": sentence})
        return cls(
            score,
            _named(Term, words.get("term", "")),
            _named(Collection, words.get("collection", "")),
        )

    @property
    def words(self) -> dict[str, str | int]:
        """What names these criteria in an address."""
        named: dict[str, str | int] = {}
        if self.score is not None:
            named["from"] = f"{100 * self.score:g}"
        if self.term:
            named["term"] = self.term.pk
        if self.collection:
            named["collection"] = self.collection.pk
        return named


@dataclass(frozen=True)
class Preview:
    """Exactly what would be accepted.

    Attributes:
        keys: of the suggestions, the surest first.
        fingerprint: names exactly these; send it back to accept them.
        more: how many there are beyond those that fit into one batch.
        terms: how many of each word, the commonest first.
        photographs: on how many photographs.
        restricted: how many are left out because of a restriction.
        shown: the first photographs, each with its words.
    """

    keys: list[int] = field(default_factory=list)
    fingerprint: str = ""
    more: int = 0
    terms: list[tuple[str, int]] = field(default_factory=list)
    photographs: int = 0
    restricted: int = 0
    shown: list[tuple[Cell, list[Suggestion]]] = field(default_factory=list)


def preview(criteria: Criteria) -> Preview:
    """Return exactly what accepting together would accept now."""
    found = _matching(criteria)
    allowed = found.filter(photograph__in=_permitting())
    chosen = list(
        allowed.select_related("term__machine_word__stands_for").order_by(
            "-score", "pk"
        )[:MOST]
    )
    if not chosen:
        return Preview(restricted=found.count())
    total, of_all = allowed.count(), found.count()
    by_photograph: dict[int, list[Suggestion]] = {}
    for each in chosen:
        by_photograph.setdefault(each.photograph_id, []).append(each)
    cells = sheet.cells(list(by_photograph)[:PICTURES])
    return Preview(
        keys=[each.pk for each in chosen],
        fingerprint=fingerprint([each.pk for each in chosen]),
        more=total - len(chosen),
        terms=Counter(each.term.label for each in chosen).most_common(),
        photographs=len(by_photograph),
        restricted=of_all - total,
        shown=[(cell, by_photograph[cell.photograph.pk]) for cell in cells],
    )


def accept(criteria: Criteria, shown: str, *, by: User) -> ReviewBatch:
    """Accept exactly what was shown.

    Args:
        criteria: as they were for the preview.
        shown: the preview's fingerprint.
        by: the person.

    Raises:
        NotInThisState: it would be something else now; look at it again.
    """
    keys = _keys(criteria)
    if not keys or fingerprint(keys) != shown:
        raise NotInThisState(
            _("Nothing was accepted: something else waits now. Look at it again.")
        )
    if criteria.score is None:
        told = gettext_noop(
            "Accepted %(count)d suggestions from each word’s threshold on"
        )
    else:
        told = gettext_noop("Accepted %(count)d suggestions from %(score)s on")
    words = told % {"count": len(keys), "score": f"{criteria.score or 0:.0%}"}
    return together.decide_suggestions(keys, ReviewState.ACCEPTED, by=by, words=words)


def fingerprint(keys: list[int]) -> str:
    """Return what names exactly these suggestions."""
    return hashlib.sha256(" ".join(map(str, sorted(keys))).encode()).hexdigest()


def _keys(criteria: Criteria) -> list[int]:
    allowed = _matching(criteria).filter(photograph__in=_permitting())
    return list(allowed.order_by("-score", "pk").values_list("pk", flat=True)[:MOST])


def _matching(criteria: Criteria) -> Any:
    found = Suggestion.objects.awaiting()
    if criteria.score is None:
        found = found.filter(machine_words.trusted())
    else:
        found = found.filter(score__gte=criteria.score)
    if criteria.term:
        found = found.filter(term=criteria.term)
    if criteria.collection:
        path = criteria.collection.path
        found = found.filter(photograph__collection__path__startswith=path)
    return found


def _permitting() -> Any:
    permitted = Photograph.objects.order_by().permitting(Policy.DO_NOT_TAG)
    return permitted.values("pk")


def _named(kind: type[Term | Collection], key: Any) -> Any:
    if not str(key).isdecimal() or len(str(key)) > 18:
        return None
    return kind.objects.filter(pk=key).first()
