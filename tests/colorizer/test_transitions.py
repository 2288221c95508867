"""A job moves only from the state that it is in."""

import pytest

from archive.errors import NotInThisState
from colorizer.models import Job
from colorizer.vocabularies import JobState

pytestmark = pytest.mark.django_db


def copy_of(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_a_claimed_job_has_its_attempt_and_its_lease(running: Job) -> None:
    assert running.state == JobState.RUNNING
    assert running.attempts == 1
    assert running.worker == "a worker"
    assert running.started_at < running.lease_expires_at


def test_it_succeeds_once(running: Job) -> None:
    other = copy_of(running)
    running.succeed()
    assert (running.state, running.progress) == (JobState.SUCCEEDED, 100)
    assert running.finished_at is not None
    assert running.lease_expires_at is None
    with pytest.raises(NotInThisState, match="Succeeded"):
        other.succeed()


def test_a_queued_job_cannot_succeed(job: Job) -> None:
    with pytest.raises(NotInThisState, match="Queued"):
        job.succeed()
    assert copy_of(job).state == JobState.QUEUED


def test_it_fails_for_a_reason(running: Job) -> None:
    running.fail("disk_full", "Make room.")
    assert running.state == JobState.FAILED
    assert (running.reason_code, running.reason) == ("disk_full", "Make room.")


def test_it_errs_with_its_traceback(running: Job) -> None:
    running.error("A fault.", "Traceback …")
    assert (running.state, running.traceback) == (JobState.ERRORED, "Traceback …")


def test_a_released_job_counts_no_attempt(running: Job) -> None:
    running.release(code="results_away", reason="Waiting.")
    assert (running.state, running.attempts) == (JobState.QUEUED, 0)
    assert running.reason == "Waiting."
    assert Job.objects.claim("another", 1) == [running]
    assert copy_of(running).reason == ""


def test_a_worker_that_lost_a_job_cannot_move_it(running: Job) -> None:
    mine = copy_of(running)
    running.lose(reason_code="worker_lost", reason="…")
    assert Job.objects.claim("another worker", 1)
    for move in (mine.succeed, mine.release, mine.stop):
        with pytest.raises(NotInThisState):
            move()
    with pytest.raises(NotInThisState):
        mine.fail("code", "reason")
    with pytest.raises(NotInThisState):
        mine.error("reason", "traceback")
    now = copy_of(running)
    assert (now.state, now.worker) == (JobState.RUNNING, "another worker")


def test_a_queued_job_is_cancelled_at_once(job: Job) -> None:
    job.cancel()
    assert job.state == JobState.CANCELLED
    assert Job.objects.claim("a worker", 1) == []


def test_a_running_job_is_cancelled_by_its_worker(running: Job) -> None:
    running.cancel()
    assert (running.state, running.cancel_requested) == (JobState.RUNNING, True)
    with pytest.raises(NotInThisState):
        running.succeed()
    running.stop()
    assert running.state == JobState.CANCELLED


def test_a_worker_stops_no_job_that_nobody_cancelled(running: Job) -> None:
    with pytest.raises(NotInThisState):
        running.stop()


def test_a_finished_job_is_not_cancelled(running: Job) -> None:
    running.succeed()
    with pytest.raises(NotInThisState, match="Succeeded"):
        running.cancel()
    assert copy_of(running).cancel_requested is False


def test_a_lost_job_is_queued_until_its_attempts_are_used_up(job: Job) -> None:
    for attempt in (1, 2, 3):
        taken = Job.objects.claim(f"worker {attempt}", 1)[0]
        assert taken.attempts == attempt
        taken.lose(reason_code="worker_lost", reason="It was lost.")
    last = copy_of(job)
    assert (last.state, last.reason_code) == (JobState.FAILED, "worker_lost")
    assert last.reason == "It was lost."


def test_a_lost_job_that_was_to_be_cancelled_is_cancelled(running: Job) -> None:
    running.cancel()
    running.lose(reason_code="worker_lost", reason="…")
    assert running.state == JobState.CANCELLED


def test_a_repeated_job_starts_afresh(running: Job) -> None:
    running.error("A fault.", "Traceback …")
    running.repeat(turn=4)
    now = copy_of(running)
    assert (now.state, now.attempts, now.turn) == (JobState.QUEUED, 0, 4)
    assert (now.reason, now.traceback, now.finished_at) == ("", "", None)


def test_a_live_job_is_not_repeated(running: Job) -> None:
    with pytest.raises(NotInThisState, match="Running"):
        running.repeat(turn=0)
