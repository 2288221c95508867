"""In which language a person is answered.

The choice of who is signed in is kept with the account and, so that no page has to ask
for it, in the session. Else a cookie from the sign-in page counts, else the browser's
`Accept-Language`, else English. In the public gallery, whose pages caches keep for
everybody, the browser's language alone counts. What programs read is always English:
the programming interface, commands, logs, and every sentence that the catalogue stores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from archive import preferences

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SESSION_KEY = "language"
ENGLISH_PLACES = ("/api/", "/healthy/", "/words/")
PUBLIC_PLACES = ("/gallery/",)


class LanguageMiddleware(LocaleMiddleware):
    """Django's own, with the person's choice before the browser's."""

    def process_request(self, request: HttpRequest) -> None:
        """Speak the language of who asks for the rest of the request."""
        super().process_request(request)
        if request.path.startswith(ENGLISH_PLACES):
            language = settings.LANGUAGE_CODE
        elif request.path.startswith(PUBLIC_PLACES):
            language = _without_cookies(request)
        else:
            language = request.session.get(SESSION_KEY, "")
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language


def _without_cookies(request: HttpRequest) -> str:
    """Return the language that the browser itself asks for."""
    stranger = HttpRequest()
    stranger.META = request.META
    return translation.get_language_from_request(stranger)


def speak(request: HttpRequest, language: str) -> None:
    """Speak a language from the next page on, until the session ends."""
    request.session[SESSION_KEY] = language


def greet(request: HttpRequest, user: User, **_signal: Any) -> None:
    """Speak the language that the person who has just signed in once chose."""
    if language := preferences.language_of(user):
        speak(request, language)
