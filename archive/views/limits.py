"""How often strangers may ask: counted by address, in the process that answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

MINUTE = 60


def limited(
    what: str, a_minute: int
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Answer an address so many times a minute, then 429 until the next."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Any:
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            now = time.time()
            key = f"limit:{what}:{address(request)}:{int(now // MINUTE)}"
            cache.add(key, 0, MINUTE)
            try:
                asked = cache.incr(key)
            except ValueError:  # the minute ended in between
                asked = 1
            if asked > a_minute:
                said = _("Too many requests. Wait a minute, then go on.")
                refused = HttpResponse(said, status=429, content_type="text/plain")
                refused["Retry-After"] = str(MINUTE - int(now) % MINUTE)
                return refused
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def address(request: HttpRequest) -> str:
    """Return who asks; behind a proxy whom the proxy saw."""
    direct: str = request.META.get("REMOTE_ADDR", "")
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) is None:
        return direct
    seen = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
    return seen or direct
