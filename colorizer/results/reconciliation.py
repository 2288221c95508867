"""Drafts and jobs side by side: what is left over, and what is missing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from colorizer.models import Job
from colorizer.results.models import ColorizationResult, TaggingResult
from colorizer.vocabularies import JobState

PORTION = 500
DRAFTS = (ColorizationResult, TaggingResult)


@dataclass(frozen=True)
class Reconciliation:
    """What was found.

    Attributes:
        left_over: drafts whose job ended without a result, as after a cancellation.
        missing: jobs that succeeded and whose draft is not there.
    """

    left_over: list[uuid.UUID] = field(default_factory=list)
    missing: list[Job] = field(default_factory=list)


def reconcile(*, dry_run: bool = False) -> Reconciliation:
    """Remove drafts that came to nothing, and find jobs whose draft is gone.

    A draft of a job that waits or runs is left alone: it may yet be finished.
    """
    found = Reconciliation()
    kept: set[uuid.UUID] = set()
    for kind in DRAFTS:
        for portion in _portions(kind):
            states = dict(
                Job.objects.filter(pk__in=portion.values()).values_list("pk", "state")
            )
            for key, job in portion.items():
                if states.get(job) == JobState.SUCCEEDED:
                    kept.add(job)
                elif states.get(job) not in {JobState.QUEUED, JobState.RUNNING}:
                    found.left_over.append(key)
    done = Job.objects.filter(state=JobState.SUCCEEDED).select_related("photograph")
    found.missing.extend(job for job in done.iterator() if job.pk not in kept)
    if not dry_run:
        for kind in DRAFTS:
            for start in range(0, len(found.left_over), PORTION):
                portion_keys = found.left_over[start : start + PORTION]
                kind.objects.filter(pk__in=portion_keys).delete()
    return found


def _portions(
    kind: type[ColorizationResult | TaggingResult],
) -> Iterator[dict[uuid.UUID, uuid.UUID]]:
    """Yield draft keys with their jobs' keys, some hundreds at a time."""
    last = uuid.UUID(int=0)
    while True:
        rows = kind.objects.filter(pk__gt=last).order_by("pk")[:PORTION]
        portion = dict(rows.values_list("pk", "job_id"))
        if not portion:
            return
        yield portion
        last = max(portion)
