"""Bulk actions: one verb for the selected photographs, or for all that match."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import extensions, sheet
from archive.batches import Selection
from archive.batches.progress import LIVE
from archive.extensions import BulkAction, Outcome
from archive.models import Batch, Collection, Photograph, Term
from archive.querysets import PhotographQuerySet
from archive.views.access import SignedInRequest, next_address, permitted
from archive.views.sheets import TERMS_OFFERED

MOST = 10_000
REFUSALS_SHOWN = 100
PREVIEWED = 12
SESSION_KEY = "bulk_outcome"


@require_POST
@permitted("archive.view_photograph")
def bulk(request: SignedInRequest) -> HttpResponse:
    """Run a bulk action; first ask where it needs an answer or means all that match."""
    action = _action(request)
    everything = "everything" in request.POST
    meant = Selection.from_form(request.POST)
    photographs = selected(meant)
    count = photographs.count()
    back = next_address(request, "archive:search")
    if not count:
        messages.warning(request, _("Select photographs first; none was selected."))
        return redirect(back)
    if count > MOST:
        messages.error(
            request,
            _(
                "These are %(count)s photographs; at most %(most)s can be done at "
                "once. Narrow the filters and do it in parts."
            )
            % {"count": intcomma(count), "most": intcomma(MOST)},
        )
        return redirect(back)
    confirmed = "confirmed" in request.POST
    form = action.form(request.POST if confirmed else None) if action.form else None
    if form.is_valid() if form else confirmed or not everything:
        values = form.cleaned_data if form else {}
        keys = list(photographs.values_list("pk", flat=True))
        chosen = Photograph.objects.filter(pk__in=keys)  # settled before it changes
        outcome = action.run(chosen, request.user, **values)
        batch = Batch.objects.filter(pk=outcome.batch or 0, state__in=LIVE).first()
        if batch is not None:  # a worker goes on with it
            return redirect(batch)
        request.session[SESSION_KEY] = _reported(action, outcome, back)
        return redirect("archive:bulk_outcome")
    previewed = list(photographs.values_list("pk", flat=True)[:PREVIEWED])
    context = {
        "action": action,
        "form": form,
        "count": count,
        "cells": sheet.cells(previewed),
        "everything": everything,
        "keys": ",".join(str(key) for key in meant.keys),
        "matching": meant.matching,
        "collection": request.POST.get("collection", ""),
        "next": back,
        "terms": Term.objects.values_list("label", flat=True)[:TERMS_OFFERED],
    }
    status = 422 if form and form.is_bound else 200
    return render(request, "sheet/ask.html", context, status=status)


@require_safe
@permitted("archive.view_photograph")
def bulk_outcome(request: SignedInRequest) -> HttpResponse:
    """Report what the last bulk action did, and who was left out and why."""
    report = request.session.get(SESSION_KEY)
    if report is None:
        raise Http404("No bulk action was run in this session.")
    keys = [refusal["photograph"] for refusal in report["refusals"]]
    refused = Photograph.objects.in_bulk(keys)
    rows = [
        (refused.get(refusal["photograph"]), refusal["sentence"])
        for refusal in report["refusals"]
    ]
    return render(request, "sheet/outcome.html", {"report": report, "rows": rows})


def selected(meant: Selection) -> PhotographQuerySet:
    """Return the photographs that a form means, in the order shown.

    Raises:
        Http404: its collection is gone.
    """
    try:
        return meant.photographs()
    except Collection.DoesNotExist as gone:
        raise Http404("There is no such collection.") from gone


def _action(request: SignedInRequest) -> BulkAction:
    action = extensions.bulk_actions.get(request.POST.get("action", ""))
    if action is None:
        raise Http404("There is no such action.")
    if not request.user.has_perm(action.permission):
        raise PermissionDenied
    return action


def _reported(action: BulkAction, outcome: Outcome, back: str) -> dict[str, Any]:
    codes = Counter(refusal.code for refusal in outcome.refusals)
    return {
        "label": str(action.label),
        "done": outcome.done,
        "refused": len(outcome.refusals),
        "codes": codes.most_common(),
        "refusals": [
            {"photograph": refusal.photograph, "sentence": refusal.sentence}
            for refusal in outcome.refusals[:REFUSALS_SHOWN]
        ],
        "back": back,
        "batch": outcome.batch,
    }
