"""The worker: where the archive, the models and the drafts meet.

A message only says that there is work. The worker that gets it claims jobs from the
catalogue, batch by batch, until none waits; whatever happens to the message, the jobs
tell what is to be done.
"""

from __future__ import annotations

import functools
import logging
import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection
from django.utils.translation import gettext_noop

from archive import policy
from archive.errors import ArchiveError, NotInThisState
from archive.models import Photograph
from archive.pictures import PictureRefused
from archive.querysets import PhotographQuerySet
from archive.vocabularies import Policy
from colorizer import colorization, queues, tagging
from colorizer.heartbeat import Heartbeat
from colorizer.jobs import ModelUnavailable, new_claim
from colorizer.models import Job
from colorizer.results.drafts import ResultsAway, require_database
from colorizer.sight import Sight, look
from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import CheckpointError
from colorizer.vocabularies import Kind, Reason

if TYPE_CHECKING:
    from colorizer.vision.inference import Colorizer, Tagger, VisionError

log = logging.getLogger(__name__)
T = TypeVar("T")

BATCH = 8
DRAIN_SECONDS = 60.0
AWAY_SECONDS = 5.0
PATIENCE_SECONDS = 600.0


class Stopping(ArchiveError):
    """The worker was asked to end; what it has not begun goes back to the queue."""

    code = "stopping"


class VisionFailed(ArchiveError):
    """Machine vision gave up for a known reason."""

    def __init__(self, problem: VisionError) -> None:
        """Take over its code and its words."""
        super().__init__(str(problem))
        self.code = problem.code


class Forbidden(ArchiveError):
    """A restriction was set after the job was requested."""

    code = Reason.POLICY.value


def drain() -> int:
    """Work until no job waits, for a minute at most; return how many were taken.

    The kinds take turns. What is left when the minute is over, or when the worker is
    asked to stop, is announced by a new message, so that none is held for long.
    """
    deadline = time.monotonic() + DRAIN_SECONDS
    taken = 0
    last: Kind | None = None
    while not queues.stopping() and time.monotonic() < deadline:
        try:
            require_database()
        except ResultsAway as away:
            _wait_for_results(away)
            return taken
        claim = new_claim()
        batch = _insist(functools.partial(Job.objects.claim, claim, BATCH, after=last))
        if not batch:
            return taken
        taken += len(batch)
        last = last if batch[0].asked else Kind(batch[0].kind)
        Batch(claim, batch).work()
    _insist(functools.partial(queues.wake_vision, 1))
    return taken


def _wait_for_results(away: ResultsAway) -> None:
    """Tell every waiting job what it waits for, and look again soon."""
    _insist(
        lambda: Job.objects.queued().update(reason_code=away.code, reason=away.sentence)
    )
    _insist(functools.partial(queues.wake_vision_later, AWAY_SECONDS))


def _insist(step: Callable[[], T]) -> T:
    """Take a step of the catalogue again until the catalogue lets it.

    A locked catalogue is waited for: nothing could be recorded meanwhile anyway.

    Raises:
        OperationalError: it does not within ten minutes, or the worker is to stop.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    collided = False
    while True:
        try:
            return step()
        except IntegrityError:  # another worker made the same row this very moment
            if collided:
                raise
            collided = True
        except OperationalError as problem:
            if time.monotonic() > deadline or queues.stopping():
                raise
            log.warning("The catalogue is waited for: %s", problem)
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(0.5)


@contextmanager
def _vision() -> Iterator[None]:
    """Say in the archive's terms what machine vision says in its own.

    Raises:
        VisionFailed: for a `VisionError`.
    """
    from colorizer.vision.errors import VisionError  # noqa: PLC0415

    try:
        yield
    except VisionError as problem:
        raise VisionFailed(problem) from problem


@functools.lru_cache(maxsize=4)
def _network(kind: Kind, checkpoint: str, sha256: str) -> Colorizer | Tagger:
    """Return a loaded model, the same one for as long as this process lives.

    Raises:
        ModelUnavailable: its weights are not those that were asked for.
        VisionFailed: the device is not there.
        CheckpointError: it cannot be loaded.
    """
    from colorizer.vision.inference import Colorizer, Tagger  # noqa: PLC0415

    # One core stays free for the person at the screen.
    threads = max(1, (os.cpu_count() or 2) - 1)
    with _vision():
        made = (Colorizer if kind is Kind.COLORIZE else Tagger)(
            checkpoint, settings.DEVICE, threads=threads
        )
    if made.card.sha256 != sha256:
        raise ModelUnavailable(
            gettext_noop(
                "The model %(model)s has been replaced since this was requested."
                " Request it again."
            )
            % {"model": checkpoint}
        )
    return made


class Batch:
    """Jobs of one kind and model that one worker has claimed together."""

    def __init__(self, claim: str, jobs: list[Job]) -> None:
        """Keep the claim and its jobs."""
        self.claim = claim
        self.jobs = jobs
        self.kind = Kind(jobs[0].kind)
        self.away: ResultsAway | None = None

    def work(self) -> None:
        """Bring each job to an end, or back to the queue; a bad one stops no other."""
        with Heartbeat(self.claim):
            network = self._load()
            if network is None:
                return
            sights = self._look(network)
            self._progress(30)
            seen = list(self._predict(network, sights))
            self._progress(70)
            keep: Any = (
                colorization.keep if self.kind is Kind.COLORIZE else tagging.keep
            )
            for sight, prediction in seen:
                self._give_way()
                with self._answering_for(sight.job):
                    self._check(sight.job)
                    _insist(
                        functools.partial(
                            keep, sight, prediction, network.card, network.device
                        )
                    )

    def _load(self) -> Any:
        """Return the model, or None once every job has its reason."""
        first = self.jobs[0]
        network = None
        for job in self.jobs:
            with self._answering_for(job):
                network = network or _network(
                    self.kind, first.checkpoint, job.checkpoint_sha256
                )
        return network

    def _look(self, network: Any) -> list[Sight]:
        """Decode the pictures that may be seen and can be."""
        refusals = {
            refusal.photograph: refusal.sentence for refusal in _insist(self._refusals)
        }
        sights = []
        for job in self.jobs:
            self._give_way()
            with self._answering_for(job):
                self._check(job)
                if job.photograph_id in refusals:
                    raise Forbidden(refusals[job.photograph_id])
                sights.append(look(job, network))
        return sights

    def _refusals(self) -> list[Any]:
        refused = policy.refusals(_photographs_of(self.jobs), self.kind.policy)
        steered = _photographs_of([job for job in self.jobs if job.asked])
        return refused + policy.refusals(steered, Policy.SENSITIVE)

    def _predict(
        self, network: Any, sights: list[Sight]
    ) -> Iterator[tuple[Sight, Any]]:
        """Yield each picture with what the model says of it: all at once, or singly."""
        if not sights:
            return
        began = time.perf_counter()
        try:
            with _vision():
                predictions = _predicted(network, sights)
        except Exception:
            if len(sights) == 1:
                with self._answering_for(sights[0].job):
                    raise
                return
            for sight in sights:
                yield from self._predict(network, [sight])
            return
        share = (time.perf_counter() - began) / len(sights)
        for sight, prediction in zip(sights, predictions, strict=True):
            sight.seconds["network"] = share
            yield sight, prediction

    def _give_way(self) -> None:
        """Between two pictures of a long batch, do what a person waits to see."""
        if self.jobs[0].asked or queues.stopping():
            return
        claim = new_claim()
        waiting = functools.partial(Job.objects.claim, claim, 1, steered_only=True)
        if urgent := _insist(waiting):
            Batch(claim, urgent).work()

    def _check(self, job: Job) -> None:
        """Go on with a job only if it is still wanted, still ours, and can be kept.

        Raises:
            Stopping: the worker is to end.
            ResultsAway: an earlier job of the batch could not be kept.
            NotInThisState: it is to be cancelled, or was given to another worker.
        """
        if queues.stopping():
            raise Stopping("The worker ends.")
        if self.away is not None:
            raise self.away
        wanted = Job.objects.held_by(self.claim).filter(
            pk=job.pk, cancel_requested=False
        )
        if not _insist(wanted.exists):
            raise NotInThisState("This job is no longer wanted of this worker.")

    def _progress(self, per_cent: int) -> None:
        held = Job.objects.held_by(self.claim)
        _insist(functools.partial(held.update, progress=per_cent))

    @contextmanager
    def _answering_for(self, job: Job) -> Iterator[None]:
        """Turn whatever goes wrong with one job into its state, with its reason."""
        try:
            yield
        except NotInThisState:
            self._settle(job, job.stop)
        except Stopping:
            self._settle(job, job.release)
        except ResultsAway as away:
            self.away = away
            self._settle(
                job,
                functools.partial(job.release, code=away.code, reason=away.sentence),
            )
        except (ArchiveError, PictureRefused) as known:
            self._fail(job, known.code, known.sentence)
        except CheckpointError as known:
            self._fail(job, Reason.MODEL_UNAVAILABLE, str(known))
        except MemoryError:
            self._fail(job, Reason.OUT_OF_MEMORY, _too_large(job))
        except OperationalError:
            raise  # the catalogue is gone for good: nothing can be recorded there
        except Exception as fault:
            log.exception("Job %s met a fault of the program", job.pk)
            sentence = gettext_noop(
                "The program has a fault (%(fault)s). The others went on. Retry it, and"
                " report it with the text below if it is back."
            ) % {"fault": f"{type(fault).__name__}: {fault}"}
            self._settle(
                job, functools.partial(job.error, sentence, traceback.format_exc())
            )

    def _fail(self, job: Job, code: str, sentence: str) -> None:
        self._settle(job, functools.partial(job.fail, code, sentence))

    def _settle(self, job: Job, move: Callable[[], None]) -> None:
        """Move the job, if it is still this worker's to move."""
        try:
            _insist(move)
        except NotInThisState:
            log.info("Job %s went to another worker, or ended", job.pk)


def _photographs_of(jobs: list[Job]) -> PhotographQuerySet:
    return Photograph.objects.filter(pk__in=[job.photograph_id for job in jobs])


def _predicted(network: Colorizer | Tagger, sights: list[Sight]) -> Any:
    """Return what a model says of pictures, with the hints that people gave."""
    smalls = [sight.small for sight in sights]
    if network.task == Kind.TAG.network_task:
        return cast("Tagger", network).look(smalls)
    hints = [sight.hints for sight in sights]
    colorizer = cast("Colorizer", network)
    return colorizer.predict(smalls, hints) if any(hints) else colorizer.predict(smalls)


def warm_up() -> None:
    """Load the usual colorizer and run it once, so that the first answer is quick."""
    card = checkpoints.default(Kind.COLORIZE.network_task)
    try:
        require_database()  # its driver takes a while to load, too
        with _vision():
            network = _network(Kind.COLORIZE, card.name, card.sha256)
            network.predict([np.full((96, 128), 128, np.uint8)])
    except (ArchiveError, CheckpointError) as known:
        log.warning("The colorizer could not be made ready: %s", known)


def _too_large(job: Job) -> str:
    return gettext_noop(
        "There was not enough memory for %(code)s (%(size)s megapixels). Close other"
        " programs, then retry."
    ) % {
        "code": job.photograph.reference_code,
        "size": f"{job.master.megapixels:.0f}",
    }
