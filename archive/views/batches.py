"""Batches: the preview of many changes, their progress, report and undoing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import batches, sheet
from archive.batches.progress import LIVE, progress_of
from archive.batches.values import label, shown
from archive.differences import Difference, difference
from archive.errors import ArchiveError
from archive.models import Batch, BatchItem
from archive.views.access import SignedInRequest, permitted, wants_part
from archive.vocabularies import BatchOutcome, BatchState

PAGE_SIZE = 50
LISTED = 50


@require_safe
@permitted("archive.view_batch")
def batch_list(request: SignedInRequest) -> HttpResponse:
    """List who changed what in one go, and which of it was undone."""
    found = Batch.objects.select_related(
        "started_by", "reverted_by", "reverts"
    ).exclude(state=BatchState.PLANNED)
    page = Paginator(found, LISTED).get_page(request.GET.get("page"))
    waiting = Batch.objects.filter(state=BatchState.PLANNED, started_by=request.user)
    done = _done([one.pk for one in page.object_list])
    context = {
        "page": page,
        "waiting": waiting[:LISTED],
        "rows": [(one, done.get(one.pk, 0)) for one in page.object_list],
    }
    return render(request, "batches/list.html", context)


@require_safe
@permitted("archive.view_batch")
def batch(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a batch; to htmx only the part that changes."""
    found = Batch.objects.select_related(
        "started_by", "reverts", "reverted_by__started_by"
    )
    one = get_object_or_404(found, pk=pk)
    template = "batches/report.html" if wants_part(request) else "batches/batch.html"
    response = render(request, template, report(request, one))
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@permitted("archive.view_batch")
def batch_apply(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make the changes of a preview, or go on with a batch that stands still."""
    one = _own(request, pk)
    try:
        batches.apply(one)
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
    return redirect(one)


@require_POST
@permitted("archive.view_batch")
def batch_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop a batch that is being applied."""
    one = _own(request, pk)
    try:
        batches.stop(one)
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
    return redirect(one)


@require_POST
@permitted("archive.view_batch")
def batch_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Drop a preview."""
    one = get_object_or_404(Batch, pk=pk, started_by=request.user)
    try:
        batches.discard(one)
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
        return redirect(one)
    messages.success(request, _("The preview is dropped; nothing was changed."))
    return redirect("archive:batches")


@require_POST
@permitted("archive.view_batch")
def batch_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put back what a batch changed."""
    one = get_object_or_404(Batch, pk=pk)
    if not request.user.has_perms(one.needs):
        raise PermissionDenied
    try:
        return redirect(batches.undo(one, by=request.user))
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
        return redirect(one)


def report(request: SignedInRequest, one: Batch) -> dict[str, Any]:
    """Return what the page of a batch shows: counts, progress, a page of the items."""
    progress = progress_of(one)
    items = one.items.all()
    outcome = request.GET.get("outcome", "")
    if outcome in BatchOutcome.values:
        items = items.filter(outcome=outcome)
    else:
        outcome = ""
    page = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    listed: list[BatchItem] = list(page.object_list)
    cells = sheet.cells([one.photograph_id for one in listed if one.photograph_id])
    by_key = {cell.photograph.pk: cell for cell in cells}
    allowed = request.user.has_perms(one.needs)
    own = one.started_by_id == request.user.pk
    return {
        "batch": one,
        "progress": progress,
        "live": one.state in LIVE,
        "outcome": outcome,
        "page": page,
        "rows": [
            (item, by_key.get(item.photograph_id or 0), changes(item))
            for item in listed
        ],
        "fields": [(label(name), count) for name, count in one.counts.items()],
        "waiting": progress.counts.get(BatchOutcome.WAITING, 0),
        "done": progress.counts.get(BatchOutcome.DONE, 0),
        "may_apply": own and allowed,
        "may_undo": allowed and not hasattr(one, "reverted_by"),
        "own": own,
    }


def changes(item: BatchItem) -> list[tuple[str, Difference]]:
    """Return each change of an item as people read it: field, and from what to what."""
    return [
        (label(name), difference(shown(name, before), shown(name, after)))
        for name, (before, after) in item.changes.items()
    ]


def _own(request: SignedInRequest, pk: int) -> Batch:
    one = get_object_or_404(Batch, pk=pk, started_by=request.user)
    if not request.user.has_perms(one.needs):
        raise PermissionDenied
    return one


def _done(keys: list[int]) -> dict[int, int]:
    """Return how many photographs each batch changed; one query."""
    done = BatchItem.objects.filter(batch__in=keys, outcome=BatchOutcome.DONE)
    return dict(done.order_by().values_list("batch").annotate(Count("pk")))
