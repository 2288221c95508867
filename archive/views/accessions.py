"""An accession: its dry run, its progress and its report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from archive.errors import ArchiveError
from archive.ingest import cancel, start_ingest
from archive.models import Accession
from archive.views.access import SignedInRequest, permitted, wants_part
from archive.vocabularies import AccessionState, ItemOutcome

PAGE_SIZE = 100
LIVE = {AccessionState.EXAMINING, AccessionState.INGESTING}


@dataclass(frozen=True)
class OutcomeCount:
    """How many files had one outcome, and how many bytes they have."""

    outcome: ItemOutcome
    files: int
    size_bytes: int


@dataclass(frozen=True)
class Progress:
    """How far live work has come.

    Attributes:
        done: files that are through.
        total: files in all.
        rate: files a second; 0 while it cannot be told.
    """

    done: int
    total: int
    rate: float

    @property
    def remaining(self) -> dt.timedelta | None:
        """How long it will still take at this rate; None while it cannot be told."""
        if not self.rate:
            return None
        return dt.timedelta(seconds=round((self.total - self.done) / self.rate))


@require_safe
@permitted("archive.view_accession")
def accession(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show an accession; to htmx only the part that changes."""
    shown = get_object_or_404(
        Accession.objects.select_related("collection", "started_by"), pk=pk
    )
    part = wants_part(request)
    template = "ingest/report.html" if part else "ingest/accession.html"
    response = render(request, template, report(request, shown))
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@permitted("archive.ingest_photograph")
def accession_start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ingest what the dry run found to be new."""
    started = get_object_or_404(Accession, pk=pk)
    try:
        start_ingest(started)
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
    return redirect(started)


@require_POST
@permitted("archive.ingest_photograph")
def accession_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop an accession; what came in already stays."""
    stopped = get_object_or_404(Accession, pk=pk)
    try:
        cancel(stopped)
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
    return redirect(stopped)


def report(request: SignedInRequest, shown: Accession) -> dict[str, Any]:
    """Return what the report shows: counts, progress, and a page of the files."""
    counts = _counts(shown)
    items = shown.items.select_related("photograph").order_by("path")
    outcome = request.GET.get("outcome", "")
    if outcome in ItemOutcome.values:
        items = items.filter(outcome=outcome)
    else:
        outcome = ""
    return {
        "accession": shown,
        "counts": counts,
        "files": sum(count.files for count in counts),
        "of": {count.outcome.value: count for count in counts},
        "live": shown.state in LIVE,
        "progress": progress_of(shown, counts) if shown.state in LIVE else None,
        "outcome": outcome,
        "page": Paginator(items, PAGE_SIZE).get_page(request.GET.get("page")),
    }


def _counts(shown: Accession) -> list[OutcomeCount]:
    rows = {
        row["outcome"]: row
        for row in shown.items.order_by()
        .values("outcome")
        .annotate(files=Count("pk"), size=Sum("size_bytes"))
    }
    return [
        OutcomeCount(outcome, rows[outcome]["files"], rows[outcome]["size"] or 0)
        for outcome in ItemOutcome
        if outcome in rows
    ]


def progress_of(shown: Accession, counts: list[OutcomeCount] | None = None) -> Progress:
    """Return how far a live accession has come; its counts, where they are known."""
    counts = _counts(shown) if counts is None else counts
    by_outcome = {count.outcome: count.files for count in counts}
    if shown.state == AccessionState.EXAMINING:
        total = sum(by_outcome.values())
        waiting = shown.items.filter(outcome=ItemOutcome.NEW, sha256="").count()
        begun: dt.datetime | None = shown.started_at
        done = total - waiting
    else:
        done = by_outcome.get(ItemOutcome.INGESTED, 0)
        total = done + by_outcome.get(ItemOutcome.NEW, 0)
        begun = shown.items.filter(outcome=ItemOutcome.INGESTED).aggregate(
            first=Min("photograph__created_at")
        )["first"]
    seconds = (timezone.now() - begun).total_seconds() if begun else 0
    return Progress(done, total, done / seconds if seconds > 1 else 0)
