"""How machine vision gets on: how much is done, how fast, and how long it will take.

Only what was measured is said: without enough recent jobs there is no rate, and
without a rate no estimate.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone

from colorizer.models import Job
from colorizer.vocabularies import JobState

WINDOW = dt.timedelta(minutes=10)
ENOUGH = 3
_WORKED = (JobState.SUCCEEDED, JobState.FAILED, JobState.ERRORED)


@dataclass(frozen=True)
class Progress:
    """The queue at one moment.

    Attributes:
        counts: jobs by state.
        rate: jobs finished a minute, lately; None where too few were to tell.
        left: the time for what waits and runs at that rate; None without a rate.
    """

    counts: dict[str, int]
    rate: float | None
    left: dt.timedelta | None

    @property
    def live(self) -> int:
        """Jobs that wait or run."""
        return self.counts[JobState.QUEUED] + self.counts[JobState.RUNNING]

    @property
    def failed(self) -> int:
        """Jobs that failed or errored."""
        return self.counts[JobState.FAILED] + self.counts[JobState.ERRORED]

    @property
    def stalled(self) -> bool:
        """Whether jobs wait while none runs."""
        return bool(self.counts[JobState.QUEUED]) and not self.counts[JobState.RUNNING]

    @property
    def pace(self) -> int:
        """Seconds until it is worth looking again."""
        return 2 if self.live else 15


def now() -> Progress:
    """Return how things stand."""
    counts = Job.objects.counts_by_state()
    live = counts[JobState.QUEUED] + counts[JobState.RUNNING]
    rate = _rate() if live else None
    left = dt.timedelta(minutes=live / rate) if rate else None
    return Progress(counts, rate, left)


def _rate() -> float | None:
    """Return the jobs a minute of the last minutes of work."""
    moment = timezone.now()
    lately = Job.objects.order_by().filter(
        state__in=_WORKED, finished_at__gte=moment - WINDOW
    )
    found = lately.aggregate(count=Count("pk"), first=Min("started_at"))
    if found["count"] < ENOUGH or found["first"] is None:
        return None
    began = max(found["first"], moment - WINDOW)
    minutes = (moment - began).total_seconds() / 60
    return float(found["count"] / minutes) if minutes > 0 else None
