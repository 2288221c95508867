"""Keeping drafts: harmless to repeat, and plain about a database that is away."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import Error, IntegrityError, InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext_noop
from pymongo import errors

from archive.errors import ArchiveError
from colorizer.results.models import ColorizationResult, TaggingResult
from colorizer.vocabularies import Reason

if TYPE_CHECKING:
    from colorizer.models import Job
    from colorizer.vision.checkpoints import Card

NOBODY = uuid.UUID(int=0)
# https://github.com/mongodb/mongo/blob/r6.0.5/src/mongo/base/error_codes.yml
_STOPPING_OR_FULL = {91, 11600, 11602, 14031}


class ResultsAway(ArchiveError):
    """The results database does not answer; nothing is lost by waiting for it."""

    code = Reason.RESULTS_AWAY.value

    def __init__(self) -> None:
        """Say what happens next."""
        super().__init__(
            gettext_noop(
                "Waiting for the results database, which does not answer. The job goes"
                " on by itself when it is back."
            )
        )


def require_database() -> None:
    """Return when the results database answers.

    Raises:
        ResultsAway: it does not.
    """
    try:
        ColorizationResult.objects.filter(pk=NOBODY).exists()
    except Error as problem:
        raise _away(problem) from problem


def facts(
    job: Job,
    card: Card,
    parameters: dict[str, Any],
    device: str,
    seconds: dict[str, float],
) -> dict[str, Any]:
    """Return what every draft tells of the job, the picture and the model."""
    return {
        "job_id": job.pk,
        "photograph_id": job.photograph_id,
        "master_id": job.master_id,
        "input_sha256": job.master.sha256,
        "model_name": card.name,
        "model_version": card.version,
        "model_sha256": card.sha256,
        "parameters": parameters,
        "device": device,
        "attempt": job.attempts,
        "seconds": {step: round(took, 4) for step, took in seconds.items()},
        "operator": job.requested_by.get_username() if job.requested_by else "",
        "created_at": timezone.now(),
    }


def keep(
    kind: type[ColorizationResult | TaggingResult], pk: uuid.UUID, **values: Any
) -> None:
    """Write a draft under its key; written again, it replaces itself.

    Raises:
        ResultsAway: the database does not answer.
    """
    draft = kind(pk=pk, **values)
    try:
        try:
            draft.save(force_insert=True)
        except IntegrityError:  # left by an attempt that was interrupted later on
            draft.save(force_update=True)
    except Error as problem:
        raise _away(problem) from problem


def _away(problem: Error) -> Exception:
    """Return `ResultsAway`, or the problem itself where the draft is at fault."""
    cause = problem.__cause__
    away = isinstance(problem, OperationalError | InterfaceError) or isinstance(
        cause, errors.ConnectionFailure | errors.WTimeoutError | errors.ExecutionTimeout
    )
    if isinstance(cause, errors.OperationFailure):
        away = away or cause.code in _STOPPING_OR_FULL
    return ResultsAway() if away else problem
