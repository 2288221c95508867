"""How far a batch has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone

from archive.models import Batch
from archive.vocabularies import BatchOutcome, BatchState

LIVE = {BatchState.PLANNING, BatchState.APPLYING}


@dataclass(frozen=True)
class Progress:
    """How many items there are of each outcome, and how quickly live work goes on.

    Attributes:
        counts: outcome to how many.
        done: items that are through.
        total: items in all.
        rate: items a second; 0 while it cannot be told.
    """

    counts: dict[BatchOutcome, int]
    done: int
    total: int
    rate: float

    @property
    def remaining(self) -> dt.timedelta | None:
        """How long it will still take at this rate; None while it cannot be told."""
        if not self.rate:
            return None
        return dt.timedelta(seconds=round((self.total - self.done) / self.rate))


def progress_of(batch: Batch) -> Progress:
    """Return how far a batch has come; one query."""
    rows = dict(batch.items.order_by().values_list("outcome").annotate(Count("pk")))
    counts = {one: rows[one] for one in BatchOutcome if one in rows}
    if batch.state == BatchState.PLANNING:
        begun: dt.datetime | None = batch.started_at
        done, total = sum(counts.values()), batch.total
    else:
        begun = batch.applied_at
        done = sum(counts.get(one, 0) for one in (BatchOutcome.DONE, BatchOutcome.LEFT))
        total = done + counts.get(BatchOutcome.WAITING, 0)
    seconds = (timezone.now() - begun).total_seconds() if begun else 0
    rate = done / seconds if seconds > 1 and batch.state in LIVE else 0
    return Progress(counts, done, max(total, done), rate)
