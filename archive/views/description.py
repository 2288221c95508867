"""Describing a photograph: its fields, how a date is understood, and its terms."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import describing, sentences, terms
from archive.errors import EditedMeanwhile, InvalidDescription
from archive.models import Photograph, Term
from archive.views import plates
from archive.views.access import SignedInRequest, next_address, permitted
from archive.views.description_form import DescriptionForm, reading_of
from archive.views.photograph import context

_CHOICES = 12


@require_POST
@permitted("archive.change_photograph")
def describe(request: SignedInRequest, pk: int) -> HttpResponse:
    """Save what the person changed; whatever cannot be saved stays in the form."""
    found = get_object_or_404(_whole(), pk=pk)
    form = DescriptionForm(found, request.POST.dict())
    if not form.is_valid():
        messages.error(request, _("Not saved yet: see the fields that are marked."))
        return _again(request, found, form, status=422)
    changes = form.changes()
    if not changes:
        messages.info(request, _("There was nothing to save: no field was changed."))
        return redirect(next_address(request, found.get_absolute_url()))
    try:
        describing.describe(
            found, changes, by=request.user, revision=form.cleaned_data["revision"]
        )
    except InvalidDescription as refusal:
        found = get_object_or_404(_whole(), pk=pk)
        form.photograph = found
        for name, sentence in refusal.fields.items():
            form.add_error(name if name in form.fields else None, sentence)
        messages.error(request, _("Not saved yet: see the fields that are marked."))
        return _again(request, found, form, status=422)
    except EditedMeanwhile:
        found = get_object_or_404(_whole(), pk=pk)
        messages.error(
            request,
            _(
                "Someone else saved this description while you were writing. Nothing "
                "was overwritten, and what you typed is still here: compare it with "
                "theirs, then save again to keep yours."
            ),
        )
        return _again(request, found, form.after_conflict(found), status=409)
    said = _("Saved the description of %(code)s.") % {"code": found.reference_code}
    messages.success(request, said)
    return redirect(next_address(request, found.get_absolute_url()))


@require_safe
@permitted("archive.view_photograph")
def date_reading(request: SignedInRequest) -> HttpResponse:
    """Show how a date in words would be understood, while it is being written."""
    reading = reading_of(request.GET.get("date_text", ""))
    return render(
        request,
        "photograph/date_reading.html",
        {"reading": reading, "confirmed": request.GET.get("date_edtf", "")},
    )


@require_safe
@permitted("archive.view_term")
def term_choices(request: SignedInRequest) -> HttpResponse:
    """Offer terms of the vocabulary for some letters of one, and to create it."""
    words = _words(request.GET.get("label", ""))[:200]
    may_create = words and request.user.has_perm("archive.add_term")
    context = {
        "choices": terms.choices(words, _CHOICES),
        "new_term": words if may_create and terms.called(words) is None else "",
    }
    return render(request, "photograph/term_choices.html", context)


@require_POST
@permitted("archive.add_assignment")
def assign_term(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a term on the photograph, by its label or a synonym.

    One that the vocabulary does not have is created only where that is asked for.
    """
    found = get_object_or_404(Photograph, pk=pk)
    here = next_address(request, found.get_absolute_url())
    label = _words(request.POST.get("label", ""))
    if not label:
        messages.error(request, _("Write a term first."))
        return redirect(here)
    term = terms.called(label)
    if term is None and "create" not in request.POST:
        asked = urlencode({"new_term": label})
        return redirect(f"{here}{'&' if '?' in here else '?'}{asked}")
    if term is None and not request.user.has_perm("archive.add_term"):
        messages.error(
            request,
            _("“%(label)s” is not in the vocabulary, and you may not add terms to it.")
            % {"label": label},
        )
        return redirect(here)
    try:
        term = term or describing.create_term(label, by=request.user)
    except InvalidDescription as refusal:
        messages.error(request, refusal.sentence)
        return redirect(here)
    describing.assign_term(found, term, by=request.user)
    said = _("Assigned the term “%(label)s”.") % {"label": sentences.word(term)}
    messages.success(request, said)
    return redirect(here)


@require_POST
@permitted("archive.delete_assignment")
def remove_term(request: SignedInRequest, pk: int, term_pk: int) -> HttpResponse:
    """Take a term off the photograph; harmless when it is off already."""
    found = get_object_or_404(Photograph, pk=pk)
    term = get_object_or_404(Term, pk=term_pk)
    if describing.remove_term(found, term, by=request.user):
        said = _("Took off the term “%(label)s”.")
        messages.success(request, said % {"label": sentences.word(term)})
    else:
        said = _("“%(label)s” was taken off already.")
        messages.info(request, said % {"label": sentences.word(term)})
    return redirect(next_address(request, found.get_absolute_url()))


def _words(text: str) -> str:
    return " ".join(text.split())


def _whole() -> QuerySet[Photograph]:
    return plates.with_plates(
        Photograph.objects.select_related("collection", "publication__published_by")
    )


def _again(
    request: SignedInRequest, found: Photograph, form: DescriptionForm, *, status: int
) -> HttpResponse:
    page = context(request, found, form)
    return render(request, "photograph/page.html", page, status=status)
