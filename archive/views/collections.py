"""Collections: the tree, a collection's contact sheet, and changes to the tree."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from archive import describing, policy, tree
from archive.errors import ArchiveError, EditedMeanwhile, InvalidDescription
from archive.forms import CollectionForm, ParentForm
from archive.models import Collection, Photograph
from archive.views.access import SignedInRequest, permitted, wants_part
from archive.views.sheets import answer, contents
from archive.vocabularies import Level, Policy


@require_safe
@permitted("archive.view_collection")
def collections(request: SignedInRequest) -> HttpResponse:
    """Show the whole tree, with how much each collection holds."""
    branches = tree.branches(Collection.objects.all())
    return render(request, "collections/tree.html", {"branches": branches})


@require_safe
@permitted("archive.view_photograph")
def collection(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a collection and everything below it as a contact sheet."""
    shown = get_object_or_404(Collection, pk=pk)
    context = contents(request, Photograph.objects.within(shown), shown)
    if not wants_part(request):
        context |= place(shown)
    return answer(request, "collections/collection.html", context)


def place(shown: Collection) -> dict[str, Any]:
    """Return where a collection stands: above it, below it, and what holds for it."""
    ancestors = list(Collection.objects.get_ancestors(shown))
    below = tree.branches(Collection.objects.within(shown))
    own = tree.restrictions(shown)
    return {
        "ancestors": ancestors,
        "here": below[0],
        "children": [
            branch for branch in below if branch.collection.depth == shown.depth + 1
        ],
        "restrictions": [(one, one in own) for one in Policy],
        "inherited": [
            (one, above) for above in ancestors for one in tree.restrictions(above)
        ],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("archive.add_collection")
def collection_create(request: SignedInRequest) -> HttpResponse:
    """Ask for a new collection and create it."""
    initial = {"parent": request.GET.get("below"), "level": Level.FONDS}
    parent = Collection.objects.filter(pk=_number(request.GET.get("below"))).first()
    if parent is not None:
        initial["level"] = list(Level)[min(Level(parent.level).depth + 2, 4)]
    form = CollectionForm(request.POST or None, initial=initial)
    where = ParentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and where.is_valid():
        try:
            made = describing.create_collection(
                form.cleaned_data, parent=where.cleaned_data["parent"], by=request.user
            )
        except InvalidDescription as problem:
            form.add_sentences(problem.fields)
        else:
            messages.success(
                request, _("%(collection)s was created.") % {"collection": made}
            )
            return redirect(made)
    return render(
        request,
        "collections/form.html",
        {"form": form, "where": where, "parent": parent},
        status=_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("archive.change_collection")
def collection_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the description of a collection and save it."""
    shown = get_object_or_404(Collection, pk=pk)
    form = CollectionForm(request.POST or None, instance=shown)
    if request.method == "POST" and form.is_valid():
        stored = Collection.objects.get(pk=pk)
        try:
            describing.describe_collection(
                stored, form.changes(), by=request.user, seen=form.seen()
            )
        except InvalidDescription as problem:
            form.add_sentences(problem.fields)
        except EditedMeanwhile as problem:
            form.add_error(None, problem.sentence)
            form.show_theirs(stored)
        else:
            messages.success(request, _("The description was saved."))
            return redirect(stored)
    context = {"form": form, "collection": Collection.objects.get(pk=pk)}
    return render(request, "collections/form.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("archive.change_collection")
def collection_move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask where a collection is to stand, and move it with all that is in it."""
    moving = get_object_or_404(Collection, pk=pk)
    parent = Collection.objects.get_parent(moving)
    form = ParentForm(request.POST or None, moving=moving, initial={"parent": parent})
    form.fields["parent"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        below = form.cleaned_data["parent"]
        try:
            moved = describing.move_collection(
                moving,
                below=below,
                by=request.user,
                seen_below=request.POST.get("seen_below"),
            )
        except ArchiveError as problem:
            form.add_error("parent", problem.sentence)
        else:
            messages.success(request, _moved(moved, below))
            return redirect(_in_tree(request, moved) or moved)
    if tree_row := _in_tree(request, moving):
        for sentence in form.errors.get("parent", ()):
            messages.error(request, str(sentence))
        return redirect(tree_row)
    context = {"form": form, "collection": moving, "parent": parent}
    return render(request, "collections/move.html", context, status=_status(form))


@require_POST
@permitted("archive.delete_collection")
def collection_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a collection in which there is nothing."""
    doomed = get_object_or_404(Collection, pk=pk)
    name = str(doomed)
    try:
        describing.delete_collection(doomed, by=request.user)
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
        return redirect(doomed)
    messages.success(
        request, _("%(collection)s was removed. It was empty.") % {"collection": name}
    )
    return redirect("archive:collections")


@require_POST
@permitted("archive.restrict_photograph")
def collection_restrict(request: SignedInRequest, pk: int) -> HttpResponse:
    """Set or lift one restriction on a collection and everything below it."""
    restricted = get_object_or_404(Collection, pk=pk)
    name = request.POST.get("restriction", "")
    if name not in Policy.values:
        messages.error(request, _("There is no such restriction."))
        return redirect(restricted)
    flag, value = Policy(name), request.POST.get("value") == "set"
    changed = policy.restrict_collection(restricted, flag, value, by=request.user)
    said = (
        _("“%(policy)s” now holds for %(collection)s and everything below it.")
        if value
        else _(
            "“%(policy)s” no longer holds for %(collection)s and everything below it."
        )
    )
    if changed:
        messages.success(
            request, said % {"policy": flag.label, "collection": restricted}
        )
    return redirect(restricted)


def _moved(moved: Collection, below: Collection | None) -> str:
    if below is None:
        return _("%(collection)s now stands at the top.") % {"collection": moved}
    named = {"collection": moved, "parent": below}
    return _("%(collection)s now stands below %(parent)s.") % named


def _in_tree(request: SignedInRequest, moving: Collection) -> str:
    """Return the address of its row, for those who move it in the tree."""
    if request.method != "POST" or "in_tree" not in request.POST:
        return ""
    return f"{reverse('archive:collections')}#collection-{moving.pk}"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 12 else None


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200
