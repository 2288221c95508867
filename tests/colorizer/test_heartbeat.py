"""The heartbeat renews leases for as long as the work goes on."""

import threading

import pytest
from django.db import DatabaseError

from colorizer import heartbeat
from colorizer.models import Job


@pytest.fixture
def beats(monkeypatch):
    """Return what was renewed; the first beat meets a catalogue that is away."""
    seen, enough = [], threading.Event()

    def renew(claim: str) -> int:
        seen.append(claim)
        if len(seen) == 1:
            raise DatabaseError("away")
        if len(seen) == 3:
            enough.set()
        return 1

    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(Job.objects, "renew", renew, raising=False)
    return seen, enough


def test_it_beats_until_the_work_is_over(beats):
    seen, enough = beats
    with heartbeat.Heartbeat("a claim") as beating:
        assert enough.wait(10)
    assert set(seen) == {"a claim"}
    assert not beating._thread.is_alive()


def test_it_gives_up_a_batch_that_hangs(beats, monkeypatch):
    seen, _enough = beats
    monkeypatch.setattr(heartbeat, "LONGEST_SECONDS", 0.02)
    with heartbeat.Heartbeat("a claim") as beating:
        beating._thread.join(10)
        assert not beating._thread.is_alive()
    assert len(seen) == 2
