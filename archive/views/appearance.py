"""How the pages look to a person.

The room light belongs to the room and is kept in a cookie, with or without an account;
how sheets are shown belongs to the person and is kept with the account.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from archive import preferences
from archive.views.access import next_address

YEAR = 365 * 24 * 3600
THEMES = {"dark", "light", "system"}


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the room light for a year, or how contact sheets are shown for good."""
    answer = redirect(next_address(request, "archive:desk"))
    if (theme := request.POST.get("theme")) in THEMES:
        answer.set_cookie(
            "theme",
            theme,
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    if request.user.is_authenticated:
        chosen: dict[str, Any] = {
            name: request.POST.get(name) for name in preferences.CHOICES
        }
        if "columns" in request.POST:
            chosen["columns"] = request.POST.getlist("columns")
        preferences.remember(request.user, chosen)
    return answer
