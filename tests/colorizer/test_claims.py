"""Claiming: who gets which jobs, and in which order."""

import datetime as dt

import pytest
from django.utils import timezone

from colorizer import jobs
from colorizer.models import Job
from colorizer.vocabularies import JobState, Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(photographs, curator):
    taken = photographs(5)
    for kind in Kind:
        jobs.request(taken, kind, by=curator)


def test_a_batch_is_of_one_kind_and_bounded(queue):
    batch = Job.objects.claim("a", 3)
    assert len(batch) == 3
    assert {job.kind for job in batch} == {Kind.COLORIZE}


def test_no_job_is_claimed_twice(queue):
    first, second = (Job.objects.claim(name, 3) for name in ("a", "b"))
    assert not {job.pk for job in first} & {job.pk for job in second}


def test_the_kinds_take_turns(queue):
    kinds, last = [], None
    for number in range(6):
        batch = Job.objects.claim(f"claim {number}", 2, after=last)
        last = Kind(batch[0].kind)
        kinds.append(last.value)
    assert kinds == ["colorize", "tag"] * 3


def test_one_kind_alone_is_not_held_up(queue):
    Job.objects.filter(kind=Kind.TAG).delete()
    assert Job.objects.claim("a", 8, after=Kind.COLORIZE)


def test_a_job_tried_before_is_taken_alone(queue):
    for job in Job.objects.claim("a", 3):
        job.lose(reason_code="worker_lost", reason="…")
    sizes = [len(Job.objects.claim(name, 8, after=Kind.TAG)) for name in "bcdef"]
    assert sorted(sizes, reverse=True)[:2] != [8, 8]
    alone = Job.objects.filter(attempts=2)
    assert alone.count() == 3
    assert alone.values("worker").distinct().count() == 3


def test_renewing_keeps_a_lease(running):
    past = timezone.now() - dt.timedelta(seconds=1)
    Job.objects.update(lease_expires_at=past)
    assert list(Job.objects.overdue(timezone.now())) == [running]
    assert Job.objects.renew("a worker") == 1
    assert not Job.objects.overdue(timezone.now()).exists()
    assert Job.objects.renew("another") == 0


def test_every_state_is_counted(queue, curator):
    Job.objects.claim("a", 2)
    counts = Job.objects.counts_by_state()
    assert counts == {
        "queued": 8,
        "running": 2,
        "succeeded": 0,
        "failed": 0,
        "errored": 0,
        "cancelled": 0,
    }
    assert list(counts) == JobState.values
