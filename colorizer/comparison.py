"""What another tagger would change, told before anyone switches to it.

Nothing is predicted here: the scores that both gave are read from their drafts, and
held against what curators decided. A new tagger gets its drafts by a trial, which
suggests nothing.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from archive.models import Photograph
from archive.querysets import PhotographQuerySet
from archive.vocabularies import Policy
from colorizer import jobs
from colorizer.decisions import meaning
from colorizer.results.drafts import require_database
from colorizer.results.models import TaggingResult
from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import Card
from colorizer.vocabularies import Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from colorizer.decisions.meaning import Decision

PORTION = 500


class Change(models.TextChoices):
    """What the new tagger does otherwise, or against a curator's word."""

    ADDED = "added", _("added")
    DROPPED = "dropped", _("dropped")
    AGAINST = "against", _("suggested though rejected")
    LOST = "lost", _("dropped though accepted")
    SPARED = "spared", _("rejected, no longer suggested")
    FOUND = "found", _("put on by hand, now suggested")


CONTRADICTIONS = (Change.AGAINST, Change.LOST)


@dataclass(frozen=True)
class Difference:
    """One label on one photograph that the new tagger changes or contradicts.

    Attributes:
        photograph: primary key.
        reference_code: the photograph's.
        label: the taggers' word.
        change: what happens to it.
        before: probability by the old tagger; None where it does not know the label.
        after: probability by the new one; likewise.
    """

    photograph: int
    reference_code: str
    label: str
    change: Change
    before: float | None
    after: float | None

    @property
    def contradicts(self) -> bool:
        """Whether this goes against what a curator decided."""
        return self.change in CONTRADICTIONS


@dataclass
class Comparison:
    """What the new tagger would change.

    Attributes:
        old: the card of the tagger that is in use.
        new: the card of the one that may follow.
        compared: how many photographs both have looked at.
        waiting: keys of those that only the old one has looked at.
        differences: by label, then photograph.
    """

    old: Card
    new: Card
    compared: int = 0
    waiting: list[int] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def totals(self) -> dict[Change, int]:
        """How often each change happens."""
        counts = Counter(each.change for each in self.differences)
        return {change: counts[change] for change in Change}

    @property
    def contradictions(self) -> int:
        """How often the new tagger goes against what a curator decided."""
        return sum(each.contradicts for each in self.differences)

    @property
    def by_label(self) -> dict[str, dict[Change, int]]:
        """How often each change happens to each label, where any does."""
        counts = Counter((each.label, each.change) for each in self.differences)
        labels = dict.fromkeys(each.label for each in self.differences)
        return {
            label: {change: counts[label, change] for change in Change}
            for label in labels
        }


@dataclass(frozen=True)
class _Word:
    """A tagger's scores of one photograph, and where each is suggested from."""

    scores: dict[str, float]
    thresholds: dict[str, float]

    def suggests(self, label: str) -> bool:
        score = self.scores.get(label)
        return score is not None and score >= self.thresholds.get(label, 0.5)


def compare(photographs: PhotographQuerySet, old: str, new: str) -> Comparison:
    """Return what the tagger `new` would change where `old` has looked.

    Photographs that must not be tagged are left out.

    Raises:
        ModelUnavailable: one of them is not there, or is no tagger.
        ResultsAway: the drafts cannot be read now.
    """
    require_database()
    comparison = Comparison(jobs.card_for(Kind.TAG, old), jobs.card_for(Kind.TAG, new))
    labels = dict.fromkeys([*comparison.old.labels, *comparison.new.labels])
    terms = meaning.labels_of_terms(labels)
    allowed = photographs.permitting(Policy.DO_NOT_TAG).order_by("reference_code")
    for portion in _portions(allowed.values_list("pk", "reference_code")):
        keys = list(portion)
        before = _words(keys, comparison.old)
        after = _words(keys, comparison.new)
        said = meaning.decisions(before, terms)
        comparison.waiting += [key for key in before if key not in after]
        for key in keys:
            if key in before and key in after:
                comparison.compared += 1
                comparison.differences += _differences(
                    key,
                    portion[key],
                    labels,
                    before[key],
                    after[key],
                    said.get(key, {}),
                )
    comparison.differences.sort(key=lambda each: (each.label, each.reference_code))
    return comparison


def request_trial(comparison: Comparison, *, by: User | None) -> jobs.Requested:
    """Let the new tagger look at what only the old one has; nothing is suggested."""
    waiting = Photograph.objects.filter(pk__in=comparison.waiting)
    return jobs.request(
        waiting, Kind.TAG, by=by, checkpoint=comparison.new.name, trial=True
    )


def taggers() -> list[Card]:
    """Return the card of every tagger that can be asked, by name."""
    return [card for card in checkpoints.available() if card.task == "tagger"]


def _portions(rows: Iterable[tuple[int, str]]) -> Iterator[dict[int, str]]:
    unseen = iter(rows)
    while portion := dict(itertools.islice(unseen, PORTION)):
        yield portion


def _words(keys: list[int], card: Card) -> dict[int, _Word]:
    """Return the newest word of these very weights on each photograph."""
    drafts = TaggingResult.objects.filter(
        photograph_id__in=keys, model_sha256=card.sha256
    ).order_by("created_at")
    return {
        draft.photograph_id: _Word(draft.scores, draft.thresholds) for draft in drafts
    }


def _differences(
    key: int,
    reference_code: str,
    labels: Iterable[str],
    before: _Word,
    after: _Word,
    said: dict[str, Decision],
) -> Iterator[Difference]:
    for label in labels:
        decision = said.get(label)
        change = _change(
            was=before.suggests(label),
            would=after.suggests(label),
            present=None if decision is None else decision.present,
        )
        if change is not None:
            scores = before.scores.get(label), after.scores.get(label)
            yield Difference(key, reference_code, label, change, *scores)


def _change(*, was: bool, would: bool, present: bool | None) -> Change | None:
    """Return what becomes of a label; None where nothing worth telling does.

    Args:
        was: the old tagger suggests it.
        would: the new one does.
        present: what a curator decided; None where nobody did.
    """
    if present is False and would:
        return Change.AGAINST
    if was == would:
        return None
    if present is None:
        return Change.ADDED if would else Change.DROPPED
    if present:
        return Change.FOUND if would else Change.LOST
    return Change.SPARED
