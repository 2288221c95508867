"""The worker, with real models, files and documents: what it keeps of each job."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from django.db import IntegrityError, OperationalError
from django_q.models import OrmQ
from PIL import Image

from archive import review
from archive.models import Derivative, Event, Suggestion
from archive.vocabularies import Policy, Purpose, ReviewState
from colorizer import colorization, jobs, queues, tagging, tasks
from colorizer.models import Job
from colorizer.results import drafts
from colorizer.results.models import ColorizationResult, TaggingResult
from colorizer.vision.disclosure import disclosed_master
from colorizer.vocabularies import JobState, Kind
from tests.colorizer import drawn

pytestmark = pytest.mark.results


def only_job() -> Job:
    return Job.objects.get()


def made_events() -> int:
    return Event.objects.filter(action="derived").count()


def test_it_colorizes(photograph, curator):
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    assert tasks.drain() == 1
    job = only_job()
    assert (job.state, job.progress, job.attempts) == (JobState.SUCCEEDED, 100, 1)
    photograph.refresh_from_db()
    assert photograph.colorized_at is not None

    made = {each.purpose: each for each in Derivative.objects.all()}
    plane = made[Purpose.COLORIZATION]
    assert job.derivative == plane
    assert plane.review_state == ReviewState.AWAITING
    assert plane.machine_interpretation
    assert plane.recipe["tone"] == "grey"
    assert plane.recipe["sha256"] == job.checkpoint_sha256
    for purpose in (Purpose.COLOUR_DISPLAY, Purpose.COLOUR_THUMBNAIL):
        copy = made[purpose]
        assert copy.source == plane
        assert copy.machine_interpretation
        with Image.open(copy.path) as picture:
            assert (picture.format, picture.size) == ("JPEG", (48, 36))
        assert disclosed_master(copy.path) == job.master.sha256

    draft = ColorizationResult.objects.get(job_id=job.pk)
    assert draft.pk == job.result_id == plane.result_id
    assert draft.input_sha256 == job.master.sha256
    assert draft.chroma_sha256 == plane.sha256
    assert draft.model_sha256 == job.checkpoint_sha256
    assert draft.operator == "curator"
    assert draft.device.startswith("cpu, torch ")
    assert set(draft.seconds) == {"decode", "network", "compose", "total"}
    assert draft.statistics["largest_chroma"] > 0
    assert made_events() == 3


def test_it_suggests_what_is_likely_and_keeps_every_score(photograph, curator):
    jobs.request([photograph], Kind.TAG, by=curator)
    tasks.drain()
    assert only_job().state == JobState.SUCCEEDED
    draft = TaggingResult.objects.get(photograph_id=photograph.pk)
    features = np.frombuffer(draft.features, np.float16).astype(np.float32)
    assert np.linalg.norm(features) == pytest.approx(1, abs=0.01)
    assert set(draft.regions) == {"boat", "dog"}
    assert np.array(draft.regions["boat"]).max() == 255
    assert draft.scores == pytest.approx(drawn.SCORES, abs=1e-5)
    assert draft.thresholds == drawn.THRESHOLDS
    suggested = {s.term.label: s.score for s in Suggestion.objects.all()}
    assert suggested == pytest.approx({"boat": 0.9, "dog": 0.7}, abs=1e-5)
    photograph.refresh_from_db()
    assert photograph.tagged_at is not None


def test_it_works_off_both_kinds_in_batches(photographs, curator):
    taken = photographs(10)
    for kind in Kind:
        jobs.request(taken, kind, by=curator)
    assert tasks.drain() == 20
    assert Job.objects.counts_by_state()["succeeded"] == 20
    assert ColorizationResult.objects.count() == 10
    assert TaggingResult.objects.count() == 10


def test_a_toned_print_is_seen_as_luma_and_that_is_recorded(
    photographs, data_dir, tmp_path, curator
):
    rows = np.linspace(40, 220, 36)[:, None, None]
    toned = (np.ones((36, 48, 1)) * rows * [1.0, 0.85, 0.65]).astype(np.uint8)
    Image.fromarray(toned).save(tmp_path / "sepia.png")
    sepia = drawn.photograph(tmp_path / "sepia.png", "GB1/sepia")
    jobs.request([sepia], Kind.COLORIZE, by=curator)
    tasks.drain()
    assert Derivative.objects.colorizations().get().recipe["tone"] == "toned"
    assert ColorizationResult.objects.get().parameters["tone"] == "toned"


def test_a_bad_picture_fails_alone_with_its_sentence(photographs, curator):
    good, bad = photographs(2)
    jobs.request([good, bad], Kind.COLORIZE, by=curator)
    path = bad.masters.get().path
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:200])
    tasks.drain()
    assert Job.objects.get(photograph=good).state == JobState.SUCCEEDED
    failed = Job.objects.get(photograph=bad)
    assert (failed.state, failed.reason_code) == (JobState.FAILED, "truncated")
    assert failed.reason.endswith(".")


def test_a_master_that_is_gone_fails_with_its_sentence(photograph, curator):
    jobs.request([photograph], Kind.TAG, by=curator)
    path = photograph.masters.get().path
    path.chmod(0o644)
    path.unlink()
    tasks.drain()
    assert only_job().reason_code == "master_missing"


def test_a_restriction_set_meanwhile_is_obeyed(photograph, curator):
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    type(photograph.collection).objects.update(**{Policy.DO_NOT_COLORIZE.value: True})
    tasks.drain()
    job = only_job()
    assert (job.state, job.reason_code) == (JobState.FAILED, "policy")
    assert "must not be colorized" in job.reason
    assert not Derivative.objects.exists()


def test_a_model_replaced_meanwhile_is_noticed(photograph, curator, models):
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    Job.objects.update(checkpoint_sha256="0" * 64)
    tasks.drain()
    job = only_job()
    assert (job.state, job.reason_code) == (JobState.FAILED, "model_unavailable")
    assert "replaced" in job.reason


def test_a_damaged_model_fails_the_job_and_names_it(
    photograph, curator, tmp_path, monkeypatch, unloaded
):
    drawn.checkpoints_in(tmp_path)
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(tmp_path))
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    for weights in tmp_path.glob("*.safetensors"):
        weights.write_bytes(b"not weights")
    tasks.drain()
    job = only_job()
    assert (job.state, job.reason_code) == (JobState.FAILED, "model_unavailable")


def test_a_device_that_is_not_there_fails_the_job(
    photograph, curator, settings, unloaded
):
    settings.DEVICE = "mps"
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    tasks.drain()
    assert only_job().reason_code == "device_unavailable"


def test_a_fault_errs_with_its_traceback_and_stops_no_other(
    photographs, curator, monkeypatch
):
    first, second = photographs(2)
    jobs.request([first, second], Kind.TAG, by=curator)
    real = tagging.keep

    def faulty(sight, *args):
        if sight.job.photograph_id == first.pk:
            raise ZeroDivisionError("a bug")
        real(sight, *args)

    monkeypatch.setattr(tagging, "keep", faulty)
    tasks.drain()
    errored = Job.objects.get(photograph=first)
    assert (errored.state, errored.reason_code) == (JobState.ERRORED, "error")
    assert "ZeroDivisionError: a bug" in errored.traceback
    assert Job.objects.get(photograph=second).state == JobState.SUCCEEDED


def test_a_picture_that_the_network_refuses_errs_alone(
    photographs, curator, monkeypatch
):
    from colorizer.vision.inference import Tagger

    first, second = photographs(2)
    jobs.request([first, second], Kind.TAG, by=curator)
    real = Tagger.look
    bad = {}

    def look(self, greys):
        bad.setdefault("picture", greys[0])
        if any(grey is bad["picture"] for grey in greys):
            raise ValueError("not this one")
        return real(self, greys)

    monkeypatch.setattr(Tagger, "look", look)
    tasks.drain()
    assert sorted(Job.objects.values_list("state", flat=True)) == [
        "errored",
        "succeeded",
    ]


def test_a_job_cancelled_while_it_runs_keeps_nothing(photographs, curator, monkeypatch):
    first, second = photographs(2)
    jobs.request([first, second], Kind.COLORIZE, by=curator)
    real = colorization.keep

    def slow(sight, *args):
        if sight.job.photograph_id == first.pk:
            Job.objects.get(photograph=second).cancel()
            sight.job.cancel()
        real(sight, *args)

    monkeypatch.setattr(colorization, "keep", slow)
    tasks.drain()
    assert set(Job.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not Derivative.objects.exists()
    assert made_events() == 0


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_fails_the_job_and_a_retry_succeeds(
    photographs, data_dir, tmp_path, curator
):
    large = drawn.photograph(drawn.scan(tmp_path, 1, (1200, 900)), "GB1/large")
    jobs.request([large], Kind.COLORIZE, by=curator)
    with room_for(200_000):
        tasks.drain()
    job = only_job()
    assert (job.state, job.reason_code) == (JobState.FAILED, "disk_full")
    assert "Make room" in job.reason
    assert not Derivative.objects.exists()
    assert not ColorizationResult.objects.exists()
    assert not list(data_dir.rglob("*.partial"))
    jobs.retry([job], by=curator)
    tasks.drain()
    assert only_job().state == JobState.SUCCEEDED
    assert Derivative.objects.count() == 3


def test_results_that_are_away_cost_no_attempt(photographs, curator, monkeypatch):
    jobs.request(photographs(3), Kind.TAG, by=curator)
    OrmQ.objects.all().delete()

    def away(*_args, **_values):
        raise drafts.ResultsAway

    with monkeypatch.context() as patch:
        patch.setattr(drafts, "keep", away)
        patch.setattr(tasks, "require_database", iter_then(away))
        tasks.drain()
    for job in Job.objects.all():
        assert (job.state, job.attempts) == (JobState.QUEUED, 0)
        assert job.reason_code == "results_away"
    assert OrmQ.objects.filter(key=queues.VISION).count() == 1
    tasks.drain()
    assert Job.objects.counts_by_state()["succeeded"] == 3
    assert set(Job.objects.values_list("reason", flat=True)) == {""}


def iter_then(away):
    """Return a check that passes once and then finds the results away."""
    passed = []

    def check() -> None:
        if passed:
            away()
        passed.append(True)

    return check


def test_a_locked_catalogue_is_waited_for(photograph, curator, monkeypatch):
    jobs.request([photograph], Kind.TAG, by=curator)
    monkeypatch.setattr(tasks.time, "sleep", lambda _seconds: None)
    real, locked = tagging.keep, []

    def keep(*args):
        if len(locked) < 2:
            locked.append(True)
            raise OperationalError("database is locked")
        real(*args)

    monkeypatch.setattr(tagging, "keep", keep)
    monkeypatch.setattr(tasks.connection, "close", lambda: None)
    tasks.drain()
    job = only_job()
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)


def test_a_worker_that_stops_puts_its_jobs_back_uncounted(
    photographs, curator, monkeypatch
):
    jobs.request(photographs(3), Kind.TAG, by=curator)
    OrmQ.objects.all().delete()
    stopping = iter([False] * 5 + [True] * 100)
    monkeypatch.setattr(queues, "stopping", lambda: next(stopping))
    tasks.drain()
    states = Job.objects.counts_by_state()
    assert states["running"] == 0
    assert states["queued"] + states["succeeded"] == 3
    assert states["queued"] > 0
    assert set(Job.objects.queued().values_list("attempts", flat=True)) == {0}
    assert OrmQ.objects.count() == 1


def test_what_was_left_after_the_draft_is_finished_once(
    photograph, curator, monkeypatch
):
    """As after a kill between the document and the catalogue's transaction."""
    jobs.request([photograph], Kind.COLORIZE, by=curator)

    def killed(*_args, **_values):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(colorization.derivatives, "attach", killed)
        with pytest.raises(SystemExit):
            tasks.drain()
    job = only_job()
    assert job.state == JobState.RUNNING
    assert ColorizationResult.objects.count() == 1
    job.lose(reason_code="worker_lost", reason="…")
    tasks.drain()
    assert only_job().state == JobState.SUCCEEDED
    assert ColorizationResult.objects.count() == 1
    assert Derivative.objects.count() == 3
    assert made_events() == 3


def test_two_workers_on_one_job_keep_one_result(photograph, curator, monkeypatch):
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    real = colorization.keep

    def overtaken(sight, *args):
        monkeypatch.setattr(colorization, "keep", real)
        Job.objects.get(pk=sight.job.pk).lose(reason_code="worker_lost", reason="…")
        tasks.drain()  # the other worker
        real(sight, *args)

    monkeypatch.setattr(colorization, "keep", overtaken)
    tasks.drain()
    job = only_job()
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)
    assert ColorizationResult.objects.count() == 1
    assert Derivative.objects.count() == 3
    assert made_events() == 3


def test_a_message_without_jobs_does_nothing(db):
    assert tasks.drain() == 0


def test_a_forced_run_is_a_second_draft_of_the_same_colours(photograph, curator):
    for _turn in range(2):
        jobs.request([photograph], Kind.COLORIZE, by=curator, force=True)
        tasks.drain()
    assert ColorizationResult.objects.count() == 2
    plane = Derivative.objects.colorizations().get()
    assert {job.derivative for job in Job.objects.all()} == {plane}


def test_a_rejected_suggestion_stays_rejected_for_every_run_and_model(
    photograph, curator, models
):
    drawn.checkpoints_in(models, suffix="-next", version="9")
    jobs.request([photograph], Kind.TAG, by=curator)
    tasks.drain()
    boat = Suggestion.objects.get(term__label="boat")
    review.reject_suggestion(boat, by=curator)
    jobs.request([photograph], Kind.TAG, by=curator, force=True)
    name = f"{only_name()}-next"
    jobs.request([photograph], Kind.TAG, by=curator, checkpoint=name)
    tasks.drain()
    assert Job.objects.counts_by_state()["succeeded"] == 3
    assert TaggingResult.objects.filter(model_version="9").exists()
    assert Suggestion.objects.count() == 2
    boat.refresh_from_db()
    assert boat.state == ReviewState.REJECTED
    assert Suggestion.objects.get(term__label="dog").model_version == "9"


def only_name() -> str:
    return str(Job.objects.values_list("checkpoint", flat=True).first())


def test_a_rejected_colorization_stays_rejected_and_a_new_model_is_offered(
    photograph, curator, models
):
    drawn.checkpoints_in(models, suffix="-next", version="9")
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    tasks.drain()
    first = Derivative.objects.colorizations().get()
    review.reject_colorization(first, by=curator)
    jobs.request([photograph], Kind.COLORIZE, by=curator, force=True)
    name = f"{only_name()}-next"
    jobs.request([photograph], Kind.COLORIZE, by=curator, checkpoint=name)
    tasks.drain()
    states = Derivative.objects.colorizations().values_list("made_by", "review_state")
    assert dict(states) == {
        first.made_by: ReviewState.REJECTED,
        f"{name} 9": ReviewState.AWAITING,
    }


def test_a_row_that_two_make_at_once_is_made_by_one(photograph, curator, monkeypatch):
    jobs.request([photograph], Kind.TAG, by=curator)
    real, collided = tagging.keep, []

    def keep(*args):
        if not collided:
            collided.append(True)
            raise IntegrityError("one_suggestion_a_term")
        real(*args)

    monkeypatch.setattr(tagging, "keep", keep)
    tasks.drain()
    assert only_job().state == JobState.SUCCEEDED


def test_a_row_that_never_fits_is_a_fault(photograph, curator, monkeypatch):
    jobs.request([photograph], Kind.TAG, by=curator)

    def keep(*_args):
        raise IntegrityError("a constraint")

    monkeypatch.setattr(tagging, "keep", keep)
    tasks.drain()
    assert only_job().state == JobState.ERRORED


def test_a_picture_for_which_memory_is_short_fails_with_advice(
    photograph, curator, monkeypatch
):
    jobs.request([photograph], Kind.TAG, by=curator)

    def look(*_args):
        raise MemoryError

    monkeypatch.setattr(tasks, "look", look)
    tasks.drain()
    job = only_job()
    assert (job.state, job.reason_code) == (JobState.FAILED, "out_of_memory")
    assert "Close other programs" in job.reason


def test_a_catalogue_that_stays_locked_ends_the_message_but_not_the_job(
    photograph, curator, monkeypatch
):
    jobs.request([photograph], Kind.TAG, by=curator)
    monkeypatch.setattr(tasks, "PATIENCE_SECONDS", -1)

    def keep(*_args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(tagging, "keep", keep)
    with pytest.raises(OperationalError):
        tasks.drain()
    assert only_job().state == JobState.RUNNING
