"""Bringing in scans: a folder of this machine, or files from the browser."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import describing, sentences
from archive.errors import ArchiveError, InvalidDescription
from archive.forms import IntoForm
from archive.ingest import open_folder, receive_uploads, start_examination
from archive.models import Accession, Collection
from archive.views.access import SignedInRequest, permitted

RECENT = 20
FOLDERS_SHOWN = 200


@dataclass(frozen=True)
class Folder:
    """A folder of this machine, as a person looks for the right one.

    Attributes:
        path: of the folder.
        parent: the folder above; "" at the root.
        folders: name and path of the folders in it, in order.
        files: how many files lie directly in it.
        problem: why it cannot be read; "" if it can.
    """

    path: str
    parent: str
    folders: list[tuple[str, str]]
    files: int
    problem: str = ""


@require_safe
@permitted("archive.ingest_photograph")
def ingest(request: SignedInRequest) -> HttpResponse:
    """Offer both ways in, and list what came in lately."""
    chosen = request.GET.get("collection", "")
    form = IntoForm(
        initial={
            "collection": chosen if chosen.isdecimal() else None,
            "reference_code": free_code(),
        }
    )
    return _page(request, form, folder=look_into(Path.home()))


@require_safe
@permitted("archive.ingest_photograph")
def folders(request: SignedInRequest) -> HttpResponse:
    """Show what is in a folder of this machine, for choosing one."""
    path = request.GET.get("path", "").strip() or str(Path.home())
    return render(request, "ingest/folders.html", {"folder": look_into(Path(path))})


@require_POST
@permitted("archive.ingest_photograph")
def ingest_folder(request: SignedInRequest) -> HttpResponse:
    """Begin the dry run of a folder of this machine."""
    form = IntoForm(request.POST)
    path = request.POST.get("path", "").strip()
    if not path:
        form.add_error(None, _("Choose the folder that holds the scans."))
    if form.is_valid():
        try:
            with transaction.atomic():
                accession = open_folder(path, _into(request, form), by=request.user)
                start_examination(accession)
        except InvalidDescription as problem:
            _add_sentences(form, problem)
        except ArchiveError as problem:
            form.add_error(None, sentences.translated(problem.sentence))
        else:
            return redirect(accession)
    return _page(request, form, folder=look_into(Path(path or Path.home())))


@require_POST
@permitted("archive.ingest_photograph")
def ingest_upload(request: SignedInRequest) -> HttpResponse:
    """Take uploaded files in and begin their dry run."""
    form = IntoForm(request.POST)
    files = request.FILES.getlist("files")
    if not files:
        form.add_error(None, _("Choose files or a folder first; none was sent."))
    if form.is_valid():
        try:
            # Not in one transaction: writing files would keep everyone else waiting.
            collection = _into(request, form)
            accession = receive_uploads(files, collection, by=request.user)
            start_examination(accession)
        except InvalidDescription as problem:
            _add_sentences(form, problem)
        except ArchiveError as problem:
            form.add_error(None, sentences.translated(problem.sentence))
        else:
            return redirect(accession)
    return _page(request, form, folder=look_into(Path.home()))


def look_into(path: Path) -> Folder:
    """Return what is in a folder; one that cannot be read says why."""
    try:
        place = path.expanduser().absolute()
    except RuntimeError:
        said = _("It cannot be read: no such person here.")
        return Folder(str(path), "", [], 0, said)
    parent = "" if place.parent == place else str(place.parent)
    try:
        with os.scandir(place) as entries:
            seen = [entry for entry in entries if not entry.name.startswith(".")]
            inner = sorted((entry.name, entry.path) for entry in seen if entry.is_dir())
            files = sum(1 for entry in seen if entry.is_file())
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        said = _("It cannot be read: %(why)s.") % {"why": reason}
        return Folder(str(path), parent, [], 0, said)
    return Folder(str(place), parent, inner[:FOLDERS_SHOWN], files)


def free_code() -> str:
    """Return a reference code that no collection has, as a proposal."""
    number = Collection.objects.filter(depth=1).count() + 1
    while Collection.objects.filter(reference_code=f"C{number}").exists():
        number += 1
    return f"C{number}"


def _into(request: SignedInRequest, form: IntoForm) -> Collection:
    chosen: Collection | None = form.cleaned_data["collection"]
    if chosen is not None:
        return chosen
    if not request.user.has_perm("archive.add_collection"):
        raise PermissionDenied
    values = {name: form.cleaned_data[name] for name in ("title", "reference_code")}
    return describing.create_collection(values, parent=None, by=request.user)


def _add_sentences(form: IntoForm, problem: InvalidDescription) -> None:
    for name, sentence in problem.fields.items():
        form.add_error(name if name in form.fields else None, sentence)


def _page(request: SignedInRequest, form: IntoForm, *, folder: Folder) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "folder": folder,
        "recent": Accession.objects.select_related("collection", "started_by")[:RECENT],
    }
    status = 422 if form.is_bound else 200
    return render(request, "ingest/ingest.html", context, status=status)
