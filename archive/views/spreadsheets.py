"""Spreadsheets: descriptions written as CSV, and read back after a dry run."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from archive import spreadsheets
from archive.batches import Selection
from archive.models import Collection
from archive.spreadsheets.cells import CLEAR, COLUMNS
from archive.spreadsheets.reading import LARGEST_BYTES
from archive.views.access import SignedInRequest, next_address, permitted
from archive.views.files import attachment

DELIMITERS = [
    ("comma", gettext_lazy("Commas")),
    ("semicolon", gettext_lazy("Semicolons")),
    ("tab", gettext_lazy("Tabs")),
]


class ExportForm(forms.Form):
    """How the file is written."""

    delimiter = forms.ChoiceField(
        label=gettext_lazy("Between the cells"), choices=DELIMITERS, required=False
    )
    mark = forms.BooleanField(
        label=gettext_lazy("With a byte order mark, so that Excel reads the letters"),
        required=False,
        initial=True,
    )


class ImportForm(forms.Form):
    """The file, and what a code means that is not here yet."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy(
            "UTF-8, UTF-16 or Windows-1252; commas, semicolons or tabs: any will do."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    create = forms.BooleanField(
        label=gettext_lazy(
            "Make a record, without a picture, for each code that is not here yet"
        ),
        required=False,
        initial=True,
    )


@require_POST
@permitted("archive.view_photograph")
def export(request: SignedInRequest) -> HttpResponseBase:
    """Ask how to write a selection; with `download` write it."""
    selection = Selection.from_form(request.POST)
    back = next_address(request, "archive:search")
    try:
        count = selection.count()
        if not count:
            messages.warning(request, _("Select photographs first; none was selected."))
            return redirect(back)
        if "download" in request.POST:
            form = ExportForm(request.POST)
            form.is_valid()
            dialect = spreadsheets.Dialect(
                form.cleaned_data.get("delimiter") or "comma",
                form.cleaned_data.get("mark", False),
            )
            return written(selection.primary_keys(), dialect)
    except Collection.DoesNotExist as gone:
        raise Http404("There is no such collection.") from gone
    context = {
        "form": ExportForm(label_suffix=""),
        "count": count,
        "selection": selection,
        "keys": ",".join(str(key) for key in selection.keys),
        "columns": COLUMNS,
        "clear": CLEAR,
        "next": back,
    }
    return render(request, "spreadsheets/export.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("archive.change_photograph")
def import_(request: SignedInRequest) -> HttpResponse:
    """Take a CSV file in and examine it: a dry run, whose report is a batch."""
    sent = request.method == "POST"
    form = ImportForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        label_suffix="",
    )
    if form.is_valid():
        file = form.cleaned_data["file"]
        if file.size <= LARGEST_BYTES:
            return redirect(
                spreadsheets.propose_import(
                    file,
                    file.name,
                    create=form.cleaned_data["create"],
                    by=request.user,
                )
            )
        form.add_error(
            "file", _("The file is larger than 100 MiB. Import it in parts.")
        )
    context = {"form": form, "columns": COLUMNS, "clear": CLEAR}
    status = 422 if form.is_bound else 200
    return render(request, "spreadsheets/import.html", context, status=status)


def written(keys: list[int], dialect: spreadsheets.Dialect) -> StreamingHttpResponse:
    """Answer with the CSV of these photographs, in pieces."""
    pieces = (piece.encode() for piece in spreadsheets.lines(keys, dialect))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = f"photographs-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = attachment(name)
    response["Cache-Control"] = "no-store"
    return response
