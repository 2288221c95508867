"""How the pages look to a person: kept in cookies, so that it needs no account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from archive.views.access import next_address

YEAR = 365 * 24 * 3600
CHOICES = {
    "theme": {"dark", "light", "system"},
    "size": {"s", "m", "l"},
    "view": {"sheet", "table"},
    "show": {"original", "colour"},
}


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the room light, or how contact sheets are shown, for a year."""
    answer = redirect(next_address(request, "archive:desk"))
    for name, values in CHOICES.items():
        chosen = request.POST.get(name)
        if chosen in values:
            answer.set_cookie(
                name,
                chosen,
                max_age=YEAR,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
    return answer


def chosen(request: HttpRequest, name: str, default: str) -> str:
    """Return what the person chose, or the default."""
    value = request.COOKIES.get(name, "")
    return value if value in CHOICES[name] else default
