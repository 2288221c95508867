"""Terms: the vocabularies, their synonyms, and how much each term is used."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from archive import terms as defining
from archive.errors import InvalidDescription
from archive.forms import TermForm
from archive.models import Assignment, Suggestion, Term
from archive.querysets import TermQuerySet
from archive.views.access import SignedInRequest, permitted

PAGE_SIZE = 100


@require_safe
@permitted("archive.view_term")
def terms(request: SignedInRequest) -> HttpResponse:
    """List the terms with their synonyms and how often each is used."""
    vocabularies = (
        Term.objects.order_by("vocabulary")
        .values("vocabulary")
        .annotate(terms=Count("pk"))
    )
    found = Term.objects.all()
    vocabulary = request.GET.get("vocabulary", "")
    words = request.GET.get("words", "").strip()[:200]
    if vocabulary:
        found = found.filter(vocabulary=vocabulary)
    if words:
        found = found.matching(words)
    page = Paginator(found.order_by("label", "pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    page.object_list = list(
        counted(Term.objects.filter(pk__in=[term.pk for term in page.object_list]))
    )
    context = {
        "page": page,
        "vocabularies": vocabularies,
        "vocabulary": vocabulary,
        "words": words,
    }
    return render(request, "terms/terms.html", context)


def counted(found: TermQuerySet) -> TermQuerySet:
    """Return the terms with `assigned` and `suggested`: how often each is used."""
    uses = {
        "assigned": Assignment.objects.filter(term=OuterRef("pk")),
        "suggested": Suggestion.objects.awaiting().filter(term=OuterRef("pk")),
    }
    used_terms: TermQuerySet = found.prefetch_related("synonyms").annotate(
        **{
            name: Coalesce(
                Subquery(
                    used.order_by().values("term").annotate(n=Count("pk")).values("n"),
                    output_field=IntegerField(),
                ),
                0,
            )
            for name, used in uses.items()
        }
    )
    return used_terms


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("archive.add_term")
def term_create(request: SignedInRequest) -> HttpResponse:
    """Ask for a new term and add it to its vocabulary."""
    form = TermForm(request.POST or None, initial={"vocabulary": "local"})
    if request.method == "POST" and form.is_valid():
        return _saved(request, Term(), form)
    return render(request, "terms/form.html", {"form": form}, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("archive.change_term")
def term_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a term with its synonyms and save it."""
    term = get_object_or_404(Term, pk=pk)
    synonyms = "\n".join(synonym.label for synonym in term.synonyms.all())
    form = TermForm(request.POST or None, instance=term, initial={"synonyms": synonyms})
    if request.method == "POST" and form.is_valid():
        return _saved(request, Term.objects.get(pk=pk), form)
    context = {"form": form, "term": counted(Term.objects.filter(pk=pk)).get()}
    return render(request, "terms/form.html", context, status=_status(form))


def _saved(request: SignedInRequest, term: Term, form: TermForm) -> HttpResponse:
    values = dict(form.cleaned_data)
    synonyms = values.pop("synonyms")
    try:
        kept = defining.define(term, values, synonyms=synonyms, by=request.user)
    except InvalidDescription as problem:
        for name, sentence in problem.fields.items():
            form.add_error(name if name in form.fields else None, sentence)
        context = {"form": form, "term": term if term.pk else None}
        return render(request, "terms/form.html", context, status=422)
    messages.success(request, _("“%(term)s” was saved.") % {"term": kept.label})
    return redirect("archive:terms")


def _status(form: TermForm) -> int:
    return 422 if form.is_bound and form.errors else 200
