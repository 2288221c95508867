"""How the pages look to a person.

The room light belongs to the room and is kept in a cookie, with or without an account;
how sheets are shown, and the language, belong to the person and are kept with the
account. A language that is chosen before anybody has signed in is kept in a cookie.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from archive import language, preferences
from archive.views.access import next_address

YEAR = 365 * 24 * 3600
THEMES = {"dark", "light", "system"}


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the room light for a year, or sheets and the language for good."""
    answer = redirect(next_address(request, "archive:desk"))
    if (theme := request.POST.get("theme")) in THEMES:
        _keep(request, answer, "theme", theme)
    if (wanted := request.POST.get("language")) in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            language.speak(request, wanted)
        else:
            _keep(request, answer, settings.LANGUAGE_COOKIE_NAME, wanted)
    if request.user.is_authenticated:
        chosen: dict[str, Any] = {
            name: request.POST.get(name) for name in (*preferences.CHOICES, "language")
        }
        if "columns" in request.POST:
            chosen["columns"] = request.POST.getlist("columns")
        preferences.remember(request.user, chosen)
    return answer


def _keep(request: HttpRequest, answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
