"""Telling the catalogue that the worker of a claim lives."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from django.db import Error, connection

from colorizer.models import Job
from colorizer.querysets import LEASE

BEAT_SECONDS = LEASE.total_seconds() / 4
# A batch that takes longer hangs: its jobs are then given to another worker.
LONGEST_SECONDS = 1800.0


class Heartbeat:
    """Renews the leases of a claim from a thread of its own while the work goes on."""

    def __init__(self, claim: str) -> None:
        """Name the claim; the context begins and ends the beating."""
        self.claim = claim
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        beats = int(LONGEST_SECONDS / BEAT_SECONDS)
        try:
            while beats and not self._over.wait(BEAT_SECONDS):
                beats -= 1
                try:
                    Job.objects.renew(self.claim)
                except Error:  # the next beat tries again; the lease outlasts three
                    connection.close()
        finally:
            connection.close()
