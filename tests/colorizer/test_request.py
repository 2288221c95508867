"""Requesting: one photograph or many, the same twice, and what is refused."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django_q.models import OrmQ

from archive.models import Derivative, Photograph
from archive.vocabularies import Policy
from colorizer import jobs, queues
from colorizer.models import Job
from colorizer.vocabularies import JobState, Kind
from tests import catalogue
from tests.colorizer import drawn

pytestmark = pytest.mark.django_db


def finish(job: Job) -> None:
    """Let a worker succeed with a job, its colours in the store."""
    taken = Job.objects.claim("a worker", 1)[0]
    assert taken.pk == job.pk
    derivative = catalogue.colorization(taken.master)
    derivative.path.parent.mkdir(parents=True)
    derivative.path.write_bytes(b"colours")
    taken.succeed(derivative=derivative)


def test_it_makes_one_job_a_photograph_and_a_message(photographs, curator):
    taken = photographs(3)
    requested = jobs.request(taken, "colorize", by=curator)
    assert [job.photograph for job in requested.jobs] == taken
    job = Job.objects.get(photograph=taken[0])
    assert (job.kind, job.state) == (Kind.COLORIZE, JobState.QUEUED)
    assert job.requested_by == curator
    assert len(job.checkpoint_sha256) == 64
    assert job.parameters == {"working_size": 64, "strength": 1.0}
    assert list(OrmQ.objects.values_list("key", flat=True)) == [queues.VISION]


def test_the_same_twice_is_one_job(job, curator):
    again = jobs.request([job.photograph], Kind.COLORIZE, by=curator)
    assert (again.jobs, again.already) == ([], [job])
    assert OrmQ.objects.count() == 1


def test_another_kind_is_another_job(job, curator):
    assert jobs.request([job.photograph], Kind.TAG, by=curator).jobs


def test_two_at_the_same_moment_make_one_job(job, curator):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(
            kind=job.kind,
            photograph=job.photograph,
            master=job.master,
            checkpoint=job.checkpoint,
            checkpoint_sha256=job.checkpoint_sha256,
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "connection.vendor == 'sqlite'", reason="it is one writer at a time"
)
def test_two_threads_make_one_job(photograph, curator):
    barrier, found = threading.Barrier(2), []

    def ask() -> None:
        barrier.wait()
        found.append(jobs.request([photograph], Kind.COLORIZE, by=curator))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.count() == 1
    assert sorted(len(each.jobs) for each in found) == [0, 1]
    assert sorted(len(each.already) for each in found) == [0, 1]


def test_what_is_done_is_answered_from_its_result(job, curator):
    finish(job)
    again = jobs.request([job.photograph], Kind.COLORIZE, by=curator)
    assert (again.jobs, again.answered) == ([], [job])


def test_what_is_done_is_done_again_when_forced(job, curator):
    finish(job)
    again = jobs.request([job.photograph], Kind.COLORIZE, by=curator, force=True)
    assert [each.forced for each in again.jobs] == [True]


def test_what_is_done_is_done_again_when_its_file_is_gone(job, curator):
    finish(job)
    Derivative.objects.get().path.unlink()
    assert jobs.request([job.photograph], Kind.COLORIZE, by=curator).jobs


def test_another_model_is_another_job(job, curator, models):
    drawn.checkpoints_in(models, suffix="-b", version="2")
    finish(job)
    name = f"{job.checkpoint}-b"
    again = jobs.request([job.photograph], Kind.COLORIZE, by=curator, checkpoint=name)
    assert [each.checkpoint for each in again.jobs] == [name]


def test_an_unknown_model_is_refused(photograph, curator):
    with pytest.raises(jobs.ModelUnavailable, match="no checkpoint called"):
        jobs.request([photograph], Kind.COLORIZE, by=curator, checkpoint="../etc")


def test_a_model_for_something_else_is_refused(photograph, curator, job):
    with pytest.raises(jobs.ModelUnavailable, match="is a colorizer"):
        jobs.request([photograph], Kind.TAG, by=curator, checkpoint=job.checkpoint)


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        (Policy.DO_NOT_COLORIZE, Kind.COLORIZE),
        (Policy.DO_NOT_TAG, Kind.TAG),
        (Policy.SENSITIVE, None),
    ],
)
def test_a_restriction_refuses_its_kind(photograph, curator, policy, refused):
    type(photograph.collection).objects.update(**{policy.value: True})
    for kind in Kind:
        requested = jobs.request([photograph], kind, by=curator)
        if kind == refused:
            assert requested.jobs == []
            assert [each.code for each in requested.refusals] == [policy.value]
            assert "the flag of GB1" in requested.refusals[0].sentence
        else:
            assert (len(requested.jobs), requested.refusals) == (1, [])


def test_a_photograph_without_a_front_is_refused(photograph, curator):
    bare = catalogue.photograph("GB1/bare")
    catalogue.master(bare, side="verso")
    requested = jobs.request([bare, photograph], Kind.TAG, by=curator)
    assert [job.photograph for job in requested.jobs] == [photograph]
    assert [(r.photograph, r.code) for r in requested.refusals] == [
        (bare.pk, "no_recto")
    ]


def test_a_photograph_whose_file_is_gone_is_refused(photograph, curator):
    path = photograph.masters.get().path
    path.chmod(0o644)
    path.unlink()
    requested = jobs.request([photograph], Kind.TAG, by=curator)
    assert [each.code for each in requested.refusals] == ["master_missing"]


def test_a_query_set_and_a_repeated_photograph_are_taken(photographs, curator):
    taken = photographs(2)
    assert len(jobs.request(Photograph.objects.all(), Kind.TAG, by=None).jobs) == 2
    requested = jobs.request([taken[0], taken[0]], Kind.COLORIZE, by=curator)
    assert len(requested.jobs) == 1


def test_the_message_is_rolled_back_with_the_jobs(photograph, curator):
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        jobs.request([photograph], Kind.TAG, by=curator)
        raise RuntimeError
    assert (Job.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_many_cost_few_queries(
    photographs, curator, monkeypatch, django_assert_max_num_queries
):
    photographs(24)
    monkeypatch.setattr(jobs, "PORTION", 12)
    with django_assert_max_num_queries(30):
        requested = jobs.request(Photograph.objects.all(), Kind.TAG, by=curator)
    assert len(requested.jobs) == 24


def test_requests_are_served_in_turns(photographs, curator):
    taken = photographs(20)
    many = jobs.request(taken[:18], Kind.COLORIZE, by=curator)
    one = jobs.request(taken[18:], Kind.COLORIZE, by=curator)
    assert [job.turn for job in many.jobs] == [0] * 8 + [1] * 8 + [2] * 2
    assert [job.turn for job in one.jobs] == [0, 0]
    first = Job.objects.claim("a worker", 10)
    assert {job.pk for job in first} == {job.pk for job in many.jobs[:8] + one.jobs}
