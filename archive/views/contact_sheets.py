"""Contact sheets for print: asked for, made, handed out."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from archive import contact_sheets
from archive.batches import Selection
from archive.contact_sheets.layout import COLUMNS, Layout
from archive.contact_sheets.making import PART
from archive.models import Collection, ContactSheet
from archive.views.access import SignedInRequest, next_address, permitted, wants_part
from archive.views.files import attachment


class LayoutForm(forms.Form):
    """What the paper looks like."""

    paper = forms.ChoiceField(
        label=gettext_lazy("Paper"), choices=[("a4", "A4"), ("letter", "Letter")]
    )
    columns = forms.TypedChoiceField(
        label=gettext_lazy("Pictures beside each other"),
        choices=[(number, str(number)) for number in COLUMNS],
        coerce=int,
        initial=4,
    )
    colours = forms.BooleanField(
        label=gettext_lazy("Accepted colours in place of the original"),
        help_text=gettext_lazy(
            "Each is labelled as a machine’s interpretation, with its model."
        ),
        required=False,
    )


@require_POST
@permitted("archive.view_photograph", "archive.view_derivative")
def print_(request: SignedInRequest) -> HttpResponse:
    """Ask how to print a selection; with `make` have it made."""
    selection = Selection.from_form(request.POST)
    back = next_address(request, "archive:search")
    asking = "make" in request.POST
    form = LayoutForm(request.POST if asking else None, label_suffix="")
    try:
        count = selection.count()
        if not count:
            messages.warning(request, _("Select photographs first; none was selected."))
            return redirect(back)
        if asking and form.is_valid():
            layout = Layout(**form.cleaned_data)
            return redirect(
                contact_sheets.request_sheet(selection, layout, by=request.user)
            )
    except Collection.DoesNotExist as gone:
        raise Http404("There is no such collection.") from gone
    context = {
        "form": form,
        "count": count,
        "part": PART,
        "selection": selection,
        "keys": ",".join(str(key) for key in selection.keys),
        "next": back,
    }
    status = 422 if asking else 200
    return render(request, "contact_sheets/ask.html", context, status=status)


@require_safe
@permitted("archive.view_photograph")
def contact_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show how far a contact sheet is made; to htmx only the part that changes."""
    one = get_object_or_404(ContactSheet, pk=pk, started_by=request.user)
    part = wants_part(request)
    template = "contact_sheets/state.html" if part else "contact_sheets/page.html"
    response = render(request, template, {"one": one})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@permitted("archive.view_photograph", "archive.view_derivative")
def contact_sheet_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Hand out the file."""
    one = get_object_or_404(
        ContactSheet, pk=pk, started_by=request.user, state=ContactSheet.State.READY
    )
    try:
        stream = one.path.open("rb")
    except OSError as gone:
        raise Http404("The file is gone.") from gone
    suffix = one.path.suffix
    kind = "application/pdf" if suffix == ".pdf" else "application/zip"
    response = FileResponse(stream, content_type=kind)
    name = slugify(one.title)[:80] or "photographs"
    response["Content-Disposition"] = attachment(f"contact-sheet-{name}{suffix}")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
