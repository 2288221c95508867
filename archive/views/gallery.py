"""The public gallery: no login, nothing but what is published."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from archive import captions, gallery
from archive.models import Collection, GallerySettings
from archive.views.files import captioned, missing_picture
from archive.views.limits import limited
from archive.vocabularies import Purpose, Rights

PAGE_SIZE = 60
# The words that a published record of colours begins with; the page says them itself.
SENTENCE = "Colours are a machine's interpretation"
# What follows these words, for the translators.
PROVENANCES = (
    gettext_noop("%(model)s; illustrative"),
    gettext_noop("%(model)s, %(why)s; illustrative"),
    gettext_noop("%(model)s; documented by: %(source)s"),
    gettext_noop("%(model)s, %(why)s; documented by: %(source)s"),
    gettext_noop("steered by a person with 1 colour hint"),
    gettext_noop("steered by a person with %(count)s colour hints"),
)
LATEST = 12
# Short, so that what is withdrawn is gone soon.
_PAGE = "public, max-age=60"
_PICTURE = "public, max-age=300"


def public(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer while the gallery is open, with what search engines must know."""

    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        current = gallery.opened()
        if current is None:
            raise Http404("There is no public gallery here.")
        response = view(request, current, *args, **kwargs)
        if not current.indexed:
            response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answered


@limited("gallery", 240)
@public
def start(request: HttpRequest, current: GallerySettings) -> HttpResponse:
    """Show the collections, and what was published lately."""
    latest = list(gallery.publications().order_by("-published_at", "-pk")[:LATEST])
    shelves = gallery.shelves()
    context = {
        "shelves": shelves,
        "plates": gallery.plates(latest),
        "count": sum(one.count for one in shelves),
    }
    return _page(request, "gallery/start.html", current, context)


@limited("gallery", 240)
@public
def shelf(request: HttpRequest, current: GallerySettings, pk: int) -> HttpResponse:
    """Show what is published of a collection and of what is below it."""
    collection = get_object_or_404(Collection, pk=pk)
    published = gallery.within(collection)
    page = Paginator(published, PAGE_SIZE).get_page(request.GET.get("page"))
    if not page.paginator.count:
        raise Http404("Nothing of it is published.")
    context = {
        "collection": collection,
        "trail": Collection.objects.get_ancestors(collection).order_by("path"),
        "shelves": gallery.shelves(collection),
        "plates": gallery.plates(list(page.object_list)),
        "page": page,
    }
    return _page(request, "gallery/shelf.html", current, context)


@limited("gallery", 240)
@public
def plate(request: HttpRequest, current: GallerySettings, pk: int) -> HttpResponse:
    """Show a published photograph, with its colours beside it where there are any."""
    publication = get_object_or_404(gallery.publications(), photograph=pk)
    (shown,) = gallery.plates([publication])
    record = shown.record
    collection = publication.photograph.collection
    before, after = gallery.neighbours(publication)
    uri = record.get("rights", "")
    terms = gallery.suggested(publication)
    context = {
        "plate": shown,
        "record": record,
        "rights": Rights(uri).label if uri in Rights.values else uri,
        "terms": [(label, label in terms) for label in record.get("subject", [])],
        "provenance": record.get("provenance", "")
        .removeprefix(SENTENCE)
        .strip(" ()")
        .replace(");", ";")
        .replace("),", ","),
        "collection": collection,
        "trail": Collection.objects.get_ancestors(collection).order_by("path"),
        "before": before,
        "after": after,
        "address": request.build_absolute_uri(),
        "picture": request.build_absolute_uri(
            reverse("archive:gallery_picture", args=[shown.original.pk])
        )
        if shown.original
        else "",
    }
    return _page(request, "gallery/plate.html", current, context)


@limited("gallery-pictures", 1500)
@public
def picture(
    request: HttpRequest, current: GallerySettings, pk: int
) -> HttpResponseBase:
    """Show a copy of a published photograph."""
    found = gallery.visible(pk)
    if found is None:
        raise Http404("There is no such picture here.")
    shown, _publication = found
    try:
        content = shown.path.read_bytes()
    except OSError:
        return missing_picture(shown.width, shown.height)
    response = HttpResponse(
        captions.without_names(content), content_type=shown.media_type
    )
    response["ETag"] = f'"{shown.sha256}"'
    response["Cache-Control"] = _PICTURE
    response["X-Content-Type-Options"] = "nosniff"
    return (
        get_conditional_response(request, etag=response["ETag"], response=response)
        or response
    )


@limited("gallery-copies", 30)
@public
def copy(request: HttpRequest, current: GallerySettings, pk: int) -> HttpResponse:
    """Hand out an access copy with its caption."""
    found = gallery.visible(pk) if current.downloads else None
    if found is None or found[0].purpose not in {
        Purpose.DISPLAY,
        Purpose.COLOUR_DISPLAY,
    }:
        raise Http404("There is no such copy here.")
    shown, publication = found
    return captioned(shown, captions.of_publication(publication, shown), _PICTURE)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines what they may read: the open gallery at most."""
    current = gallery.opened()
    lines = ["User-agent: *"]
    if current is not None and current.indexed:
        lines.append("Allow: /gallery/")
        lines.append("Allow: /static/")
    lines.append("Disallow: /")
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain")


def _page(
    request: HttpRequest,
    template: str,
    current: GallerySettings,
    context: dict[str, Any],
) -> HttpResponse:
    named = {
        "gallery": current,
        "name": current.name or _("The archive"),
        **context,
    }
    response = render(request, template, named)
    response["Cache-Control"] = _PAGE
    return response
