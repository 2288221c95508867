"""Jobs: requesting, cancelling and retrying them, and finding those that were lost.

The worker is reached by a dotted path alone: nothing of the network is imported here,
so every way in can use these verbs.
"""

from __future__ import annotations

import itertools
import logging
import socket
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import policy, sentences
from archive.errors import ArchiveError, NotInThisState, Refusal
from archive.models import MasterFile, Photograph
from archive.querysets import PhotographQuerySet
from colorizer import queues
from colorizer.models import TRIAL, Job
from colorizer.vision import checkpoints
from colorizer.vocabularies import JobState, Kind, Reason

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)

PORTION = 500
TURN_SIZE = 8  # jobs of one request that are served before those of the next
HOST = f"{socket.gethostname()}-{uuid.getnode():012x}"
CLOCK_SECONDS = 30.0  # by how much two readings of a process's start may differ


class ModelUnavailable(ArchiveError):
    """The model that was asked for is not there, or is for something else."""

    code = Reason.MODEL_UNAVAILABLE.value


@dataclass(frozen=True)
class Requested:
    """What became of a request, photograph by photograph.

    Attributes:
        jobs: new in the queue.
        already: the same was asked for before and waits or runs.
        answered: the same was done before; these are the jobs that did it.
        refusals: photographs that were left out, and why.
    """

    jobs: list[Job] = field(default_factory=list)
    already: list[Job] = field(default_factory=list)
    answered: list[Job] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class Changed:
    """What a verb for many jobs did.

    Attributes:
        done: the jobs that it changed.
        refusals: one sentence for each job that it left as it was.
    """

    done: list[Job] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reaped:
    """What was found of jobs whose worker is gone."""

    requeued: int = 0
    failed: int = 0
    cancelled: int = 0
    woken: bool = False


def request(
    photographs: PhotographQuerySet | Iterable[Photograph],
    kind: Kind | str,
    *,
    by: User | None,
    checkpoint: str | None = None,
    force: bool = False,
    trial: bool = False,
) -> Requested:
    """Ask a model for the colours or the tags of photographs: one, or ten thousand.

    For each photograph and model there is one new job, or the live job that does the
    same, or the finished one that did (unless forced); or the photograph is refused.
    Jobs are kept in portions, each in one transaction with the message that wakes a
    worker for them.

    Args:
        photographs: which; their fronts are what the model sees.
        kind: colorize or tag.
        by: who asks.
        checkpoint: name of the model; the usual ones of the kind by default, which
            for tags are those of the setting `TAGGERS`.
        force: do it again where the same was done before.
        trial: only keep what the tagger says, and suggest nothing.

    Raises:
        ModelUnavailable: there is no such model for this.
    """
    kind = Kind(kind)
    cards = [card_for(kind, name) for name in _names(kind, checkpoint)]
    total = Requested()
    turn = Job.objects.first_turn()
    place = itertools.count()
    for portion in _portions(photographs):
        with transaction.atomic():
            part = _request_portion(
                portion,
                kind,
                cards,
                by=by,
                force=force,
                trial=trial,
                place=(turn, place),
            )
            queues.wake_vision(len(part.jobs))
        total.jobs.extend(part.jobs)
        total.already.extend(part.already)
        total.answered.extend(part.answered)
        total.refusals.extend(part.refusals)
    return total


def parameters_for(kind: Kind, card: checkpoints.Card) -> dict[str, Any]:
    """Return what, beside the weights, decides what a model makes of a picture."""
    wanted = {"working_size": card.parameters.get("working_size")}
    if kind is Kind.COLORIZE:
        wanted["strength"] = 1.0
    if companions := card.parameters.get("companions"):
        wanted["companions"] = companions
    return wanted


def cancel(jobs: Iterable[Job], *, by: User | None) -> Changed:
    """Cancel jobs: those that wait at once, those that run at their next step."""
    changed = Changed()
    for job in jobs:
        try:
            job.cancel()
        except NotInThisState as refusal:
            changed.refusals.append(f"{job.photograph}: {refusal.sentence}")
        else:
            changed.done.append(job)
    log.info("%s cancelled %d jobs", by or "The program", len(changed.done))
    return changed


def retry(jobs: Iterable[Job], *, by: User | None) -> Changed:
    """Put jobs that failed, errored or were cancelled in the queue again."""
    changed = Changed()
    turn = Job.objects.first_turn()
    for job in jobs:
        try:
            with transaction.atomic():
                job.repeat(turn=turn)
                queues.wake_vision(1)
        except NotInThisState as refusal:
            changed.refusals.append(f"{job.photograph}: {refusal.sentence}")
        except IntegrityError:
            changed.refusals.append(
                _(
                    "%(photograph)s: the same has been requested again meanwhile and "
                    "is in the queue."
                )
                % {"photograph": job.photograph}
            )
        else:
            changed.done.append(job)
    log.info("%s retried %d jobs", by or "The program", len(changed.done))
    return changed


def reap() -> Reaped:
    """Take jobs back from workers that are gone, and wake the queue where it sleeps.

    A worker is gone when its lease has run out, or at once when its process was on
    this machine and is no more. Safe to run at any time, by any number at once.
    """
    now = timezone.now()
    states: list[str] = []
    running = Job.objects.running()
    for job in running.select_related("photograph", "master"):
        expired = job.lease_expires_at is None or job.lease_expires_at < now
        if not expired and not _process_is_gone(job.worker):
            continue
        worker = job.worker
        try:
            job.lose(reason_code=Reason.WORKER_LOST, reason=_why_given_up(job))
        except NotInThisState:
            continue  # finished this moment, or taken back by another
        states.append(job.state)
        log.warning("%s was lost by %s and is now %s", job.pk, worker, job.state)
    woken = (
        Job.objects.queued().exists()
        and not running.exists()
        and not queues.vision_is_woken()
    )
    if woken:
        queues.wake_vision(1)
    return Reaped(
        requeued=states.count(JobState.QUEUED),
        failed=states.count(JobState.FAILED),
        cancelled=states.count(JobState.CANCELLED),
        woken=woken,
    )


def new_claim() -> str:
    """Return a name for one taking of jobs by this process, never used before."""
    process = psutil.Process()
    began = int(process.create_time())
    return f"{HOST}/{process.pid}/{began}/{uuid.uuid4().hex[:12]}"


def _process_is_gone(claim: str) -> bool:
    """Say whether a claim was made by a process of this machine that has ended."""
    try:
        host, pid, began, _claim = claim.rsplit("/", 3)
        if host != HOST:
            return False
        process = psutil.Process(int(pid))
        return (
            process.status() == psutil.STATUS_ZOMBIE
            or abs(process.create_time() - int(began)) > CLOCK_SECONDS
        )
    except psutil.NoSuchProcess:
        return True
    except (ValueError, psutil.Error):
        return False


def _why_given_up(job: Job) -> str:
    return gettext_noop(
        "The program stopped each of the %(count)s times that it worked on %(code)s"
        " (%(name)s). The picture may need more memory than this computer has, or be"
        " damaged: check the file, close other programs, then retry."
    ) % {
        "count": job.attempts,
        "code": job.photograph.reference_code,
        "name": job.master.original_name,
    }


def _names(kind: Kind, checkpoint: str | None) -> list[str]:
    """Return the models that are asked: the one that was named, or the usual ones."""
    if checkpoint:
        return [checkpoint]
    if kind is Kind.TAG:
        return list(dict.fromkeys(settings.TAGGERS))
    return [checkpoints.DEFAULTS[kind.network_task]]


def card_for(kind: Kind, name: str) -> checkpoints.Card:
    """Return the card of a model that can do this.

    Raises:
        ModelUnavailable: there is none of that name, or it is for something else.
    """
    try:
        card = checkpoints.card(name)
    except checkpoints.CheckpointError as problem:
        raise ModelUnavailable(str(problem)) from problem
    if card.task != kind.network_task:
        raise ModelUnavailable(
            _(
                "The model %(model)s is a %(task)s, so it cannot %(why)s. Choose "
                "another."
            )
            % {
                "model": card.name,
                "task": card.task,
                "why": sentences.inside(kind.label),
            }
        )
    return card


def _portions(
    photographs: PhotographQuerySet | Iterable[Photograph],
) -> Iterator[list[int]]:
    """Yield primary keys, each once, some hundreds at a time."""
    keys: Iterable[int] = (
        photographs.values_list("pk", flat=True)
        if isinstance(photographs, PhotographQuerySet)
        else [photograph.pk for photograph in photographs]
    )
    unseen = iter(dict.fromkeys(keys))
    while portion := list(itertools.islice(unseen, PORTION)):
        yield portion


def _request_portion(
    keys: list[int],
    kind: Kind,
    cards: list[checkpoints.Card],
    *,
    by: User | None,
    force: bool,
    trial: bool,
    place: tuple[int, Iterator[int]],
) -> Requested:
    part = Requested()
    chosen = Photograph.objects.filter(pk__in=keys)
    part.refusals.extend(policy.refusals(chosen, kind.policy))
    forbidden = {refusal.photograph for refusal in part.refusals}
    allowed = [key for key in keys if key not in forbidden]
    masters = _readable_fronts(allowed, part.refusals)
    for card in cards:
        parameters = parameters_for(kind, card) | ({TRIAL: True} if trial else {})
        _request_model(
            part, masters, kind, card, parameters, by=by, force=force, place=place
        )
    return part


def _request_model(
    part: Requested,
    masters: dict[int, MasterFile],
    kind: Kind,
    card: checkpoints.Card,
    parameters: dict[str, Any],
    *,
    by: User | None,
    force: bool,
    place: tuple[int, Iterator[int]],
) -> None:
    same = Job.objects.filter(
        master__in=masters, kind=kind, checkpoint=card.name, asked=""
    )
    if not parameters.get(TRIAL):  # what is only tried so far is now meant
        same.live().filter(parameters__trial=True).update(parameters=parameters)
    live = _by_master(same.live())
    finished = {} if force else _finished(same, card, parameters)
    turn, places = place
    now = timezone.now()
    new = []
    for key, master in masters.items():
        if key in live:
            part.already.append(live[key])
        elif key in finished:
            part.answered.append(finished[key])
        else:
            new.append(
                Job(
                    kind=kind,
                    photograph=master.photograph,
                    master=master,
                    checkpoint=card.name,
                    checkpoint_sha256=card.sha256,
                    parameters=parameters,
                    forced=force,
                    requested_by=by,
                    requested_at=now,
                    turn=turn + next(places) // TURN_SIZE,
                )
            )
    # Where two ask for the same this very moment, the database keeps one of the two.
    Job.objects.bulk_create(new, ignore_conflicts=True)
    kept = set(
        Job.objects.filter(pk__in=[job.pk for job in new]).values_list("pk", flat=True)
    )
    part.jobs.extend(job for job in new if job.pk in kept)
    beaten = [job.master_id for job in new if job.pk not in kept]
    if beaten:
        part.already.extend(same.live().filter(master__in=beaten))


def _readable_fronts(keys: list[int], refusals: list[Refusal]) -> dict[int, MasterFile]:
    """Return masters of fronts by their key; refuse photographs that have none."""
    masters = {
        master.photograph_id: master
        for master in MasterFile.objects.rectos()
        .filter(photograph__in=keys)
        .select_related("photograph")
        .defer("embedded")
    }
    without = Photograph.objects.in_bulk([key for key in keys if key not in masters])
    refusals.extend(
        Refusal(
            key,
            "no_recto",
            _("%(code)s has no scan of its front. Ingest one first.")
            % {"code": photograph.reference_code},
        )
        for key, photograph in without.items()
    )
    found = {}
    for key in keys:
        master = masters.get(key)
        if master is None:
            continue
        if master.path.is_file():
            found[master.pk] = master
        else:
            code = master.photograph.reference_code
            refusals.append(Refusal(key, Reason.MASTER_MISSING, missing_master(code)))
    return found


def missing_master(reference_code: str) -> str:
    """Return the sentence about a master whose file is not in the store."""
    return _(
        "The master file of %(code)s is not in the archive's store. Put it back from"
        " your backup, then request this again."
    ) % {"code": reference_code}


def _by_master(jobs: Any) -> dict[int, Job]:
    return {job.master_id: job for job in jobs}


def _finished(
    same: Any, card: checkpoints.Card, parameters: dict[str, Any]
) -> dict[int, Job]:
    """Return the jobs that did the same and whose result is still there."""
    done = same.filter(
        state=JobState.SUCCEEDED, checkpoint_sha256=card.sha256
    ).select_related("derivative", "photograph")
    return {
        job.master_id: job
        for job in done.order_by("requested_at")
        if job.parameters == parameters and _result_is_there(job)
    }


def _result_is_there(job: Job) -> bool:
    if job.kind == Kind.TAG:
        return job.photograph.tagged_at is not None
    return job.derivative is not None and job.derivative.path.is_file()
