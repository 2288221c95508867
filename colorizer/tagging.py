"""Keeping the scores that a model gave: draft, and suggestions in the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from archive import describing, review
from archive.models import Photograph, Term
from archive.vocabularies import MACHINE_VOCABULARY
from colorizer.models import Job
from colorizer.results import drafts
from colorizer.results.models import TaggingResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from colorizer.sight import Sight
    from colorizer.vision.checkpoints import Card
    from colorizer.vision.tagged import Tagged

# One vocabulary for all models: what was rejected stays so whichever model comes next.
VOCABULARY = MACHINE_VOCABULARY


def keep(sight: Sight, tagged: Tagged, card: Card, device: str) -> None:
    """Keep a prediction; repeated, it comes to the same.

    Every score goes into the draft, with the picture's features; what reaches its
    label's threshold becomes a suggestion, in one transaction with the end of the job.
    A trial keeps the draft alone.

    Raises:
        ResultsAway: the draft cannot be written now.
        NotInThisState: the job was cancelled, or is another worker's.
    """
    job, scores = sight.job, tagged.scores
    likely = {
        label: score
        for label, score in scores.items()
        if score >= card.thresholds.get(label, 0.5)
    }
    seconds = sight.seconds | {"total": sum(sight.seconds.values())}
    drafts.keep(
        TaggingResult,
        job.result_id,
        **drafts.facts(job, card, sight.parameters, device, seconds),
        scores=scores,
        thresholds=dict(card.thresholds),
        features=tagged.features.tobytes(),
        regions={
            label: tagged.regions[label].tolist()
            for label in likely
            if label in tagged.regions
        },
    )
    with transaction.atomic():
        if _is_trial(job):
            job.succeed()
            return
        terms = _terms(likely)
        now = timezone.now()
        review.record_suggestions(
            job.photograph,
            {terms[label]: score for label, score in likely.items()},
            model=review.Model(card.name, card.version, card.sha256),
            result_id=job.result_id,
            at=now,
            among=card.labels,
            thresholds={
                terms[label]: card.thresholds.get(label, 0.5) for label in likely
            },
        )
        Photograph.objects.filter(pk=job.photograph_id).update(tagged_at=now)
        job.succeed()


def _is_trial(job: Job) -> bool:
    """Say whether it is a trial still: a request may have made it a real one."""
    if not job.is_trial:
        return False
    now: Job = Job.objects.select_for_update().get(pk=job.pk)
    return now.is_trial


def _terms(labels: Iterable[str]) -> dict[str, Term]:
    """Return the term of each label, made where it is missing."""
    wanted = list(labels)
    known = Term.objects.filter(vocabulary=VOCABULARY, label__in=wanted)
    terms = {term.label: term for term in known}
    for label in wanted:
        if label not in terms:
            terms[label] = describing.create_term(label, vocabulary=VOCABULARY)
    return terms
