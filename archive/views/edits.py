"""Editing many photographs: the form; the preview is a batch."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import batches, sheet
from archive.batches.form import EditForm, asked
from archive.batches.operations import Operations
from archive.batches.selections import Selection
from archive.errors import InvalidDescription
from archive.models import Batch, Collection, Term
from archive.views.access import SignedInRequest, next_address, permitted
from archive.views.description_form import reading_of
from archive.views.sheets import TERMS_OFFERED
from archive.vocabularies import BatchKind, BatchState

PREVIEWED = 12


@require_POST
@permitted("archive.view_photograph")
def edit_many(request: SignedInRequest) -> HttpResponse:
    """Ask what is to be done with a selection; with `preview` make the preview."""
    selection = Selection.from_form(request.POST)
    back = next_address(request, "archive:search")
    asking = "preview" in request.POST
    form = EditForm(request.POST if asking else None, by=request.user)
    if not form.fields:
        raise PermissionDenied
    try:
        if asking and form.is_valid():
            try:
                return redirect(
                    batches.propose_edit(selection, form.operations(), by=request.user)
                )
            except InvalidDescription as problem:
                form.add_sentences(problem.fields)
        return _page(request, form, selection, back)
    except Collection.DoesNotExist as gone:
        raise Http404("There is no such collection.") from gone


@require_safe
@permitted("archive.view_photograph")
def edit_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the form of a preview again, to change what is asked for."""
    batch = get_object_or_404(
        Batch,
        pk=pk,
        kind=BatchKind.EDIT,
        state=BatchState.PLANNED,
        started_by=request.user,
    )
    form = EditForm(
        by=request.user,
        initial=asked(Operations.from_json(batch.asked["operations"])),
    )
    selection = Selection.from_json(batch.asked["selection"])
    return _page(request, form, selection, next_address(request, "archive:search"))


@require_safe
@permitted("archive.view_photograph")
def edit_date(request: SignedInRequest) -> HttpResponse:
    """Show how a date in words would be understood, while it is being written."""
    reading = reading_of(request.GET.get("date_text_value", ""))
    return render(request, "batches/date_reading.html", {"reading": reading})


def _page(
    request: SignedInRequest, form: EditForm, selection: Selection, back: str
) -> HttpResponse:
    count = selection.count()
    if not count:
        messages.warning(request, _("Select photographs first; none was selected."))
        return redirect(back)
    previewed = list(selection.photographs().values_list("pk", flat=True)[:PREVIEWED])
    context = {
        "form": form,
        "count": count,
        "selection": selection,
        "keys": ",".join(str(key) for key in selection.keys),
        "cells": sheet.cells(previewed),
        "next": back,
        "terms": Term.objects.values_list("label", flat=True)[:TERMS_OFFERED],
    }
    status = 422 if form.is_bound else 200
    return render(request, "batches/edit.html", context, status=status)
