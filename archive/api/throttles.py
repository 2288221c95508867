"""How often one person or one address may ask; the rates are in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class SignInThrottle(AnonRateThrottle):
    """Guessing passwords: few tries from one address, whoever is signed in."""

    scope = "sign_in"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Count by address."""
        return self.cache_format % {
            "scope": self.scope,
            "ident": self.get_ident(request),
        }


class UploadThrottle(UserRateThrottle):
    """Sending files: every request costs disk and decoding."""

    scope = "uploads"
