"""The words of the scripts, as a script: `gettext`, `ngettext` and `interpolate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.i18n import JavaScriptCatalog

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_catalogue = JavaScriptCatalog.as_view(packages=["archive"])


@require_safe
@cache_control(public=True, max_age=3600)
@conditional_page
def script_words(request: HttpRequest, language: str) -> HttpResponseBase:
    """Answer with one language's words; the same for everybody, so it may be kept."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        return _catalogue(request)
