"""Jobs: what was asked of a model for one photograph, and how it went."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from archive.errors import NotInThisState
from archive.models import Derivative, MasterFile, Photograph, Steering
from colorizer.querysets import JobQuerySet
from colorizer.vocabularies import LIVE_STATES, REPEATABLE_STATES, JobState, Kind

TRIAL = "trial"
"""A parameter: the tagger is only tried, and suggests nothing."""


class Job(models.Model):
    """One request to one model for one photograph.

    State moves only by the methods below. Each is one conditional UPDATE, so of two
    who move the same job at once one succeeds and the other is told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    photograph = models.ForeignKey(
        Photograph, on_delete=models.PROTECT, related_name="jobs"
    )
    master = models.ForeignKey(
        MasterFile, on_delete=models.PROTECT, related_name="jobs"
    )
    checkpoint = models.CharField(_("model"), max_length=100)
    checkpoint_sha256 = models.CharField(_("SHA-256 of the weights"), max_length=64)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    forced = models.BooleanField(
        _("forced"), default=False, help_text=_("Done again though a result was there.")
    )

    steering = models.ForeignKey(
        Steering,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        help_text=_("The hints that somebody waits to see followed."),
    )
    asked = models.CharField(
        _("what was asked"),
        max_length=64,
        blank=True,
        help_text=_("SHA-256 of the parameters of steered work; empty for other."),
    )

    state = models.CharField(
        _("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED
    )
    progress = models.PositiveSmallIntegerField(_("progress in per cent"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("attempts at most"), default=3)
    cancel_requested = models.BooleanField(_("cancellation requested"), default=False)
    reason_code = models.CharField(_("reason code"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    traceback = models.TextField(_("traceback"), blank=True)

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    turn = models.PositiveIntegerField(
        _("turn"),
        default=0,
        help_text=_("Requests are served in turns, so a small one passes a large one."),
    )
    lease_expires_at = models.DateTimeField(_("lease ends"), null=True, blank=True)
    worker = models.CharField(_("worker"), max_length=160, blank=True)
    derivative = models.ForeignKey(
        Derivative,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        help_text=_("The colorization that it made."),
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        """What is asked twice at a time is done once."""

        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["master", "kind", "checkpoint", "asked"],
                condition=Q(state__in=LIVE_STATES),
                name="one_live_job",
            ),
            models.CheckConstraint(
                condition=Q(state__in=JobState.values), name="job_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="job_progress_is_per_cent"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "kind", "turn", "requested_at"], name="job_to_claim"
            ),
            models.Index(fields=["worker"], name="job_by_claim"),
            models.Index(fields=["-requested_at", "-id"], name="job_newest"),
            models.Index(fields=["state", "-requested_at", "-id"], name="job_by_state"),
            models.Index(
                fields=["photograph", "kind", "-requested_at"], name="job_by_photograph"
            ),
        ]

    def __str__(self) -> str:
        """Return the kind and the state."""
        return f"{self.get_kind_display()}: {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        """Return the address of the job's page."""
        return reverse("colorizer:job", args=[self.pk])

    @property
    def result_id(self) -> uuid.UUID:
        """The identity of the job's document in the results database."""
        return uuid.uuid5(self.pk, str(self.master_id))

    @property
    def is_trial(self) -> bool:
        """Whether the model is only tried, and nothing comes into the catalogue."""
        return bool(self.parameters.get(TRIAL))

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self.state in LIVE_STATES

    @property
    def seconds(self) -> float | None:
        """How long the last attempt took, or has taken so far."""
        if self.started_at is None:
            return None
        end = self.finished_at or timezone.now()
        return max(0.0, (end - self.started_at).total_seconds())

    def succeed(self, *, derivative: Derivative | None = None) -> None:
        """Finish a running job; call it in the transaction that stores its result.

        Raises:
            NotInThisState: the worker has lost it, or it was cancelled meanwhile.
        """
        self._end(
            JobState.SUCCEEDED,
            Q(cancel_requested=False),
            progress=100,
            derivative=derivative,
            reason_code="",
            reason="",
        )

    def fail(self, code: str, reason: str) -> None:
        """End a running job for a known reason.

        Raises:
            NotInThisState: the worker has lost it.
        """
        self._end(JobState.FAILED, reason_code=code, reason=reason[:1000])

    def error(self, reason: str, traceback: str) -> None:
        """End a running job on a fault of the program.

        Raises:
            NotInThisState: the worker has lost it.
        """
        self._end(
            JobState.ERRORED,
            reason_code="error",
            reason=reason[:1000],
            traceback=traceback,
        )

    def release(self, *, code: str = "", reason: str = "") -> None:
        """Put a running job back in the queue as if it had not been tried.

        Raises:
            NotInThisState: the worker has lost it.
        """
        self._move(
            Q(state=JobState.RUNNING, worker=self.worker),
            state=JobState.QUEUED,
            attempts=self.attempts - 1,  # known: the claim is held
            progress=0,
            worker="",
            lease_expires_at=None,
            reason_code=code,
            reason=reason[:1000],
        )

    def cancel(self) -> None:
        """Cancel a job that waits, or ask for it while it runs.

        A running one is cancelled by its worker, before it stores anything.

        Raises:
            NotInThisState: it has ended already.
        """
        queued = Job.objects.filter(pk=self.pk, state=JobState.QUEUED).update(
            state=JobState.CANCELLED, finished_at=timezone.now()
        )
        if not queued:
            self._move(Q(state=JobState.RUNNING), cancel_requested=True)
        self.refresh_from_db(fields=MOVING_FIELDS)

    def stop(self) -> None:
        """Obey, as its worker, a cancellation that was asked for.

        Raises:
            NotInThisState: the worker has lost it.
        """
        self._end(JobState.CANCELLED, Q(cancel_requested=True))

    def repeat(self, *, turn: int) -> None:
        """Put a job that failed, errored or was cancelled back in the queue.

        Raises:
            NotInThisState: it is in another state.
            IntegrityError: the same is asked for by another live job.
        """
        self._move(
            Q(state__in=REPEATABLE_STATES),
            state=JobState.QUEUED,
            turn=turn,
            attempts=0,
            progress=0,
            cancel_requested=False,
            worker="",
            started_at=None,
            finished_at=None,
            lease_expires_at=None,
            reason_code="",
            reason="",
            traceback="",
        )

    def lose(self, *, reason_code: str, reason: str) -> None:
        """Take a running job from a worker that is gone.

        It is queued again, or ends where it was to be cancelled or has been tried
        often enough.

        Raises:
            NotInThisState: the worker has finished it, or another took it away.
        """
        ended: dict[str, Any] = {"finished_at": timezone.now()}
        if self.cancel_requested:
            state, words = JobState.CANCELLED, ended
        elif self.attempts < self.max_attempts:
            state, words = JobState.QUEUED, {"progress": 0}
        else:
            state = JobState.FAILED
            words = ended | {"reason_code": reason_code, "reason": reason[:1000]}
        self._move(
            Q(
                state=JobState.RUNNING,
                worker=self.worker,
                cancel_requested=self.cancel_requested,
            ),
            state=state,
            worker="",
            lease_expires_at=None,
            **words,
        )

    def _end(self, state: JobState, *only: Q, **values: Any) -> None:
        self._move(
            Q(*only, state=JobState.RUNNING, worker=self.worker),
            state=state,
            finished_at=timezone.now(),
            lease_expires_at=None,
            **values,
        )

    def _move(self, only: Q, **values: Any) -> None:
        """Change the row where it still is as expected, in one statement."""
        if not Job.objects.filter(only, pk=self.pk).update(**values):
            # This object stays as it is: its claim is not that of another worker.
            state = Job.objects.values_list("state", flat=True).get(pk=self.pk)
            raise NotInThisState(
                gettext(
                    "Nothing was changed: meanwhile this job is “%(state)s”. Reload to"
                    " see it."
                )
                % {"state": JobState(state).label}
            )
        for name, value in values.items():
            setattr(self, name, value)


MOVING_FIELDS = (
    "state",
    "progress",
    "attempts",
    "cancel_requested",
    "reason_code",
    "reason",
    "traceback",
    "started_at",
    "finished_at",
    "turn",
    "lease_expires_at",
    "worker",
    "derivative",
)
