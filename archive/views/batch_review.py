"""Accepting together what lies above a threshold, and undoing it together."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import batch_review, together
from archive.batch_review import Criteria
from archive.errors import ArchiveError, InvalidDescription
from archive.models import Collection, MachineWord, ReviewBatch
from archive.views.access import SignedInRequest, permitted

LATEST = 20


@require_safe
@permitted("archive.review_photograph")
def batch(request: SignedInRequest) -> HttpResponse:
    """Show exactly what accepting together would accept, and the latest batches."""
    context: dict[str, Any] = {
        "collections": Collection.objects.all(),
        "machine_words": MachineWord.objects.select_related("term"),
        "batches": ReviewBatch.objects.select_related("by", "undone_by")[:LATEST],
        "asked": "look" in request.GET,
        "criteria": Criteria(),
        "most": batch_review.MOST,
        "given": request.GET.get("from", ""),
    }
    try:
        context["criteria"] = criteria = Criteria.named_in(request.GET)
        if context["asked"]:
            context["preview"] = batch_review.preview(criteria)
    except InvalidDescription as problem:
        context["problem"] = problem.sentence
    return render(request, "review/batch.html", context)


@require_POST
@permitted("archive.review_photograph")
def batch_accept(request: SignedInRequest) -> HttpResponse:
    """Accept exactly what was shown."""
    try:
        criteria = Criteria.named_in(request.POST)
        taken = batch_review.accept(
            criteria, request.POST.get("shown", ""), by=request.user
        )
    except InvalidDescription as problem:
        messages.error(request, problem.sentence)
        return redirect("archive:review_batch")
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
        words = urlencode({**criteria.words, "look": "1"})
        return redirect(f"{reverse('archive:review_batch')}?{words}")
    messages.success(
        request, _("Accepted %d suggestions together. Undo them below.") % taken.size
    )
    return redirect("archive:review_batch")


@require_POST
@permitted("archive.review_photograph")
def batch_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back a whole batch, but for what was decided otherwise since."""
    found = get_object_or_404(ReviewBatch, pk=pk)
    try:
        undone = together.undo(found, by=request.user)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = _("%(undone)d of %(size)d wait again.") % {
            "undone": undone,
            "size": found.size,
        }
        messages.success(request, said)
    return redirect("archive:review_batch")
