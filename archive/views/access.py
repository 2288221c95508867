"""Who may see a page: signed in, with the permission that it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django_htmx.middleware import HtmxDetails

    class SignedInRequest(HttpRequest):
        """A request of someone who is signed in."""

        user: User
else:
    SignedInRequest = HttpRequest

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def permitted(*permissions: str) -> Callable[[View], View]:
    """Let in whoever is signed in and holds every permission.

    Others are sent to sign in, or told that they may not (403).
    """

    def decorate(view: View) -> View:
        guarded = permission_required(permissions, raise_exception=True)(view)
        return login_required(guarded)

    return decorate


def next_address(request: HttpRequest, default: str) -> str:
    """Return the address in the field `next` if it is one of ours, else the default.

    Args:
        request: its POST data may hold `next`.
        default: an address, or the name of one.
    """
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return resolve_url(default)


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the part of a page that changes, not for the whole page.

    Going back in the browser's history needs the whole page again.
    """
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.history_restore_request
