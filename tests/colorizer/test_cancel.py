"""Cancelling and retrying many jobs: what is done and what is left as it was."""

import pytest
from django_q.models import OrmQ

from colorizer import jobs
from colorizer.models import Job
from colorizer.vocabularies import JobState, Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(photographs, curator):
    return jobs.request(photographs(3), Kind.TAG, by=curator).jobs


def test_those_that_wait_and_those_that_run_are_cancelled(three, curator):
    taken = Job.objects.claim("a worker", 1)
    changed = jobs.cancel(Job.objects.all(), by=curator)
    assert (len(changed.done), changed.refusals) == (3, [])
    assert Job.objects.counts_by_state()["cancelled"] == 2
    assert Job.objects.get(cancel_requested=True) == taken[0]


def test_a_finished_job_is_left_and_said(three, curator):
    Job.objects.claim("a worker", 1)[0].succeed()
    changed = jobs.cancel(Job.objects.all(), by=curator)
    assert len(changed.done) == 2
    assert len(changed.refusals) == 1
    assert "“Succeeded”" in changed.refusals[0]


def test_retrying_queues_again_and_wakes_the_queue(three, curator):
    jobs.cancel(three, by=curator)
    OrmQ.objects.all().delete()
    changed = jobs.retry(three, by=curator)
    assert len(changed.done) == 3
    assert Job.objects.queued().count() == 3
    assert OrmQ.objects.exists()


def test_what_waits_again_already_is_not_retried(three, curator):
    old = three[0]
    jobs.cancel([old], by=curator)
    jobs.request([old.photograph], Kind.TAG, by=curator)
    changed = jobs.retry([old], by=curator)
    assert changed.done == []
    assert "requested again meanwhile" in changed.refusals[0]
    old.refresh_from_db()
    assert old.state == JobState.CANCELLED


def test_a_live_job_is_not_retried(three, curator):
    assert jobs.retry(three, by=curator).done == []
