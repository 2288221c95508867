"""What machine vision adds to the archive's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from archive import policy, sentences, steering
from archive.extensions import (
    DeskPanel,
    NavigationEntry,
    PhotographPanel,
    register_desk_panel,
    register_navigation,
    register_photograph_panel,
)
from archive.models import Derivative
from colorizer import progress
from colorizer.models import Job
from colorizer.vocabularies import JobState, Kind

if TYPE_CHECKING:
    from django.http import HttpRequest

    from archive.models import Photograph
    from colorizer.jobs import Requested

_SHOWN = 6
_RUNNING = 3
_REASONS = 3
_ASKED_FOR = {Kind.COLORIZE: _("Colours"), Kind.TAG: _("Tags")}


def register() -> None:
    """Join the photograph's page, the desk and the navigation."""
    register_photograph_panel(
        PhotographPanel("vision", "jobs/photograph_panel.html", vision_panel)
    )
    register_photograph_panel(PhotographPanel("alike", "alike/panel.html", alike_panel))
    register_desk_panel(DeskPanel("vision", "jobs/desk_panel.html", desk_panel))
    register_navigation(NavigationEntry("colorizer:jobs", _("Jobs")))


def vision_panel(request: HttpRequest, photograph: Photograph) -> dict[str, Any]:
    """Return what can be asked for a photograph, and the jobs that it has had."""
    jobs = list(
        Job.objects.filter(photograph=photograph, asked="").order_by(
            "-requested_at", "-id"
        )[:_SHOWN]
    )
    held = policy.holding_each(photograph)
    kinds = [
        {
            "kind": kind,
            "asked_for": _ASKED_FOR[kind],
            "carrier": held.get(kind.policy),
            "restriction": kind.policy.label,
            "live": any(job.kind == kind and job.is_live for job in jobs),
            "done": any(
                job.kind == kind and job.state == JobState.SUCCEEDED for job in jobs
            ),
        }
        for kind in Kind
    ]
    return {
        "photograph": photograph,
        "kinds": kinds,
        "jobs": jobs,
        "live": any(job.is_live for job in jobs),
        "steerable": not held.keys() & set(steering.FORBIDDING),
        "downloads": _downloads(photograph),
        "may_request": request.user.has_perm("archive.request_machine_vision"),
        "may_download": request.user.has_perms(
            ["archive.view_derivative", "archive.view_masterfile"]
        ),
    }


def alike_panel(_request: HttpRequest, photograph: Photograph) -> dict[str, Any]:
    """Return which photograph others are to be compared with, once that is seen."""
    return {"photograph": photograph}


def desk_panel(request: HttpRequest) -> dict[str, Any]:
    """Return how machine vision gets on: what runs, what failed and why."""
    now = progress.now()
    return {
        "progress": now,
        "running": Job.objects.for_pages().running()[:_RUNNING],
        "failures": _failures() if now.failed else [],
    }


def _failures() -> list[dict[str, Any]]:
    """Return the commonest reasons, each with an example in words and how many."""
    failed = Job.objects.order_by().filter(
        state__in=[JobState.FAILED, JobState.ERRORED]
    )
    grouped = failed.values("kind", "reason_code").annotate(
        count=Count("pk"), reason=Max("reason")
    )
    return [
        {**row, "kind_display": sentences.inside(Kind(row["kind"]).label)}
        for row in grouped.order_by("-count", "kind", "reason_code")[:_REASONS]
    ]


def request_sentence(requested: Requested, kind: Kind) -> str:
    """Return what became of a request for one photograph."""
    if requested.refusals:
        return requested.refusals[0].sentence
    what = {"what": _ASKED_FOR[kind]}
    if requested.jobs:
        return _("%(what)s are requested. This panel shows how they get on.") % what
    if requested.already:
        return _("%(what)s were requested before and are on their way.") % what
    return _("%(what)s were made before by the same model: nothing to do.") % what


def _downloads(photograph: Photograph) -> list[Derivative]:
    """Return the colorizations that a person has not refused, newest first."""
    return list(
        Derivative.objects.colorizations()
        .filter(
            master__photograph=photograph, review_state__in=["accepted", "awaiting"]
        )
        .select_related("master")
        .defer("master__embedded")
        .order_by("-made_at", "-id")
    )
