"""Set logic of jobs, as chainable verbs."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F
from django.utils import timezone

from colorizer.vocabularies import LIVE_STATES, JobState, Kind

LEASE = dt.timedelta(seconds=60)


class JobQuerySet(models.QuerySet[Any]):
    """Jobs, by state, and the claims that workers make on them."""

    def live(self) -> Self:
        """Jobs that wait or run."""
        return self.filter(state__in=LIVE_STATES)

    def queued(self) -> Self:
        """Jobs that wait for a worker."""
        return self.filter(state=JobState.QUEUED)

    def running(self) -> Self:
        """Jobs that a worker has taken."""
        return self.filter(state=JobState.RUNNING)

    def steered(self) -> Self:
        """Jobs whose picture a person waits to see."""
        return self.exclude(asked="")

    def overdue(self, now: dt.datetime) -> Self:
        """Running jobs whose worker has not been heard of for too long."""
        return self.running().filter(lease_expires_at__lt=now)

    def held_by(self, claim: str) -> Self:
        """Running jobs that belong to one claim of one worker."""
        return self.running().filter(worker=claim)

    def in_turn(self) -> Self:
        """The order in which workers take jobs."""
        return self.order_by("turn", "requested_at", "photograph_id", "id")

    def for_pages(self) -> Self:
        """Newest first, with the photographs and people that a page names."""
        return self.select_related("photograph", "requested_by").order_by(
            "-requested_at", "-id"
        )

    def counts_by_state(self) -> dict[str, int]:
        """Return how many jobs there are in each state, zeros included."""
        counted = dict(
            self.order_by().values_list("state").annotate(count=models.Count("pk"))
        )
        return {state.value: counted.get(state.value, 0) for state in JobState}

    def first_turn(self) -> int:
        """Return the turn that is up now: that of the first job that waits."""
        turn = self.queued().aggregate(first=models.Min("turn"))["first"]
        return int(turn or 0)

    def claim(
        self,
        claim: str,
        size: int,
        after: Kind | None = None,
        *,
        steered_only: bool = False,
    ) -> list[Any]:
        """Take the next jobs of one kind and model for a worker.

        What a person waits to see goes before everything else.
        Attempts are counted, and the lease begins, before any work: a picture that
        ends its worker cannot be tried for ever. A job that has been tried before is
        taken alone, so that the one that ends its worker is the only one to pay.

        Args:
            claim: names the worker and this taking; never used twice.
            size: how many at most.
            after: the kind that was served last; another one is preferred now.
            steered_only: take nothing but what a person waits to see.

        Returns:
            The jobs with their photographs and masters; none if nothing waits or
            another worker was quicker.
        """
        waiting = self.queued().in_turn()
        first = waiting.steered().first()
        if first is None and not steered_only:
            first = waiting.exclude(kind=after).first() if after else None
            first = first or waiting.first()
        if first is None:
            return []
        alike = waiting.filter(
            kind=first.kind,
            checkpoint=first.checkpoint,
            checkpoint_sha256=first.checkpoint_sha256,
            asked=first.asked,
            attempts=0,
        ).values_list("pk", flat=True)[:size]
        now = timezone.now()
        self.queued().filter(
            pk__in=[first.pk] if first.attempts else list(alike)
        ).update(
            state=JobState.RUNNING,
            worker=claim,
            attempts=F("attempts") + 1,
            started_at=now,
            lease_expires_at=now + LEASE,
            progress=0,
            reason_code="",
            reason="",
        )
        return list(
            self.held_by(claim)
            .in_turn()
            .select_related(
                "photograph__collection", "master", "requested_by", "steering"
            )
        )

    def renew(self, claim: str) -> int:
        """Say that the worker of a claim lives; return how many jobs it still holds."""
        return self.held_by(claim).update(lease_expires_at=timezone.now() + LEASE)
