"""The pages of machine vision: requesting it, its jobs, and its full-size colours."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Q
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from archive.errors import ArchiveError
from archive.models import Derivative, Photograph
from archive.views.access import SignedInRequest, next_address, permitted
from archive.views.files import SpentFile, attachment
from archive.vocabularies import Purpose
from colorizer import composition, jobs, panels, progress
from colorizer.models import Job
from colorizer.panels import request_sentence, vision_panel
from colorizer.querysets import JobQuerySet
from colorizer.vocabularies import REPEATABLE_STATES, JobState, Kind

PAGE = 50
RUNNING_SHOWN = 12
AT_ONCE = 1000

Counted = Callable[[int], str]

_REQUEST = "archive.request_machine_vision"


@require_safe
@permitted("colorizer.view_job")
def job_list(request: SignedInRequest) -> HttpResponse:
    """Show the queue, what runs, and a page of jobs; a fragment when polled."""
    state = request.GET.get("state", "")
    kind = request.GET.get("kind", "")
    state = state if state in JobState.values else ""
    kind = kind if kind in Kind.values else ""
    chosen = Job.objects.for_pages()
    chosen = chosen.filter(state=state) if state else chosen
    chosen = chosen.filter(kind=kind) if kind else chosen
    page = list(_after(chosen, request.GET.get("before", ""))[: PAGE + 1])
    context = {
        "progress": progress.now(),
        "running": Job.objects.for_pages().running()[:RUNNING_SHOWN],
        "jobs": page[:PAGE],
        "oldest": page[PAGE - 1] if len(page) > PAGE else None,
        "state": state,
        "kind": kind,
        "states": JobState.choices,
        "kinds": Kind.choices,
        "filtered": bool(state or kind),
        "at_once": AT_ONCE,
    }
    polled = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "jobs/progress.html" if polled else "jobs/page.html"
    return render(request, template, context)


@require_safe
@permitted("colorizer.view_job")
def job(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one job; its traceback only to those who look after the program."""
    found = get_object_or_404(
        Job.objects.select_related("photograph", "master", "requested_by").defer(
            "master__embedded"
        ),
        pk=pk,
    )
    context = {
        "job": found,
        "repeatable": found.state in REPEATABLE_STATES,
        "may_read_traceback": request.user.has_perm("colorizer.change_job"),
    }
    return render(request, "jobs/job.html", context)


@require_POST
@permitted(_REQUEST)
def job_cancel(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Cancel one job."""
    found = get_object_or_404(Job.objects.select_related("photograph"), pk=pk)
    _tell(request, _cancelled, jobs.cancel([found], by=request.user))
    return redirect(next_address(request, found.get_absolute_url()))


@require_POST
@permitted(_REQUEST)
def job_retry(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Put one job in the queue again."""
    found = get_object_or_404(Job.objects.select_related("photograph"), pk=pk)
    _tell(request, _queued_again, jobs.retry([found], by=request.user))
    return redirect(next_address(request, found.get_absolute_url()))


@require_POST
@permitted(_REQUEST)
def jobs_cancel_queued(request: SignedInRequest) -> HttpResponse:
    """Cancel everything that waits, so many at a time."""
    waiting = Job.objects.queued().for_pages()
    _tell(
        request,
        _cancelled,
        jobs.cancel(waiting[:AT_ONCE], by=request.user),
        left=waiting.count(),
    )
    return redirect(next_address(request, "colorizer:jobs"))


@require_POST
@permitted(_REQUEST)
def jobs_retry_failed(request: SignedInRequest) -> HttpResponse:
    """Put everything that failed or errored in the queue again, so many at a time."""
    failed = Job.objects.for_pages().filter(
        state__in=[JobState.FAILED, JobState.ERRORED]
    )
    _tell(
        request,
        _queued_again,
        jobs.retry(failed[:AT_ONCE], by=request.user),
        left=failed.count(),
    )
    return redirect(next_address(request, "colorizer:jobs"))


@require_POST
@permitted(_REQUEST)
def photograph_request(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the colours or the tags of one photograph."""
    found = get_object_or_404(Photograph, pk=pk)
    back = redirect(next_address(request, found.get_absolute_url()))
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        messages.error(request, _("Choose colours or tags."))
        return back
    try:
        requested = jobs.request(
            Photograph.objects.filter(pk=pk),
            kind,
            by=request.user,
            force="force" in request.POST,
        )
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
        return back
    level = messages.ERROR if requested.refusals else messages.SUCCESS
    messages.add_message(request, level, request_sentence(requested, Kind(kind)))
    return back


@require_safe
@permitted("archive.view_photograph")
def photograph_jobs(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what machine vision does for one photograph: the fragment that polls."""
    found = get_object_or_404(Photograph.objects.select_related("collection"), pk=pk)
    panel = vision_panel(request, found)
    return render(request, "jobs/photograph_panel.html", {"panel": panel})


@require_safe
@permitted("colorizer.view_job")
def desk_panel(request: SignedInRequest) -> HttpResponse:
    """Show what runs and what failed, on the desk: the fragment that polls."""
    return render(
        request, "jobs/desk_panel.html", {"panel": panels.desk_panel(request)}
    )


@require_safe
@permitted("archive.view_derivative", "archive.view_masterfile")
def colour_download(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Compose the colour picture at the master's full size and hand it out.

    A PNG, or a TIFF for 16 bits a channel; its lightness is the master's, exactly.
    """
    colorization = get_object_or_404(
        Derivative.objects.select_related("master__photograph"),
        pk=pk,
        purpose=Purpose.COLORIZATION,
    )
    photograph = colorization.master.photograph
    place = settings.INCOMING_DIR / f"colour-{uuid.uuid4().hex}"
    try:
        written = composition.write_full(colorization, place)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
        return redirect(photograph)
    media_type = "image/tiff" if written.suffix in {".tif", ".tiff"} else "image/png"
    response = FileResponse(SpentFile(written), content_type=media_type)
    response["Content-Disposition"] = attachment(
        f"{photograph.reference_code.replace('/', '-')} machine colours{written.suffix}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _after(newest_first: JobQuerySet, name: str) -> JobQuerySet:
    """Return the jobs that follow the named one in the list; all if none is named."""
    try:
        last = Job.objects.filter(pk=uuid.UUID(name)).first()
    except ValueError:
        last = None
    if last is None:
        return newest_first
    older = Q(requested_at__lt=last.requested_at) | Q(pk__lt=last.pk)
    return newest_first.filter(older, requested_at__lte=last.requested_at)


def _cancelled(count: int) -> str:
    return ngettext("Cancelled %(count)s job.", "Cancelled %(count)s jobs.", count)


def _queued_again(count: int) -> str:
    return ngettext(
        "In the queue again: %(count)s job.",
        "In the queue again: %(count)s jobs.",
        count,
    )


def _tell(
    request: SignedInRequest, said: Counted, changed: jobs.Changed, *, left: int = 0
) -> None:
    """Say how many jobs were changed, why others not, and how many are left."""
    done = len(changed.done)
    if done:
        sentence = said(done) % {"count": intcomma(done)}
        if left:
            more = _("%(count)s more are left: do it again for them.")
            sentence = f"{sentence} {more % {'count': intcomma(left)}}"
        messages.success(request, sentence)
    for sentence in _first(changed.refusals):
        messages.error(request, sentence)
    if not done and not changed.refusals:
        messages.info(request, _("There was no such job any more."))


def _first(sentences: Iterable[Any], most: int = 3) -> list[str]:
    told = list(sentences)
    rest = len(told) - most
    if rest <= 0:
        return told
    more = _("And %(count)s more for like reasons.") % {"count": intcomma(rest)}
    return [*told[:most], more]
