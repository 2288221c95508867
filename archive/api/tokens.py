"""Tokens: a password exchanged for a key that programs sign in with."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive.api.throttles import SignInThrottle


class TokenSerializer(serializers.Serializer[Any]):
    """The key."""

    token = serializers.CharField(help_text="Send it as `Authorization: Token KEY`.")


class TokenView(APIView):
    """Signing in with a user name and a password; few tries a minute."""

    def get_permissions(self) -> list[Any]:
        """Let anyone sign in; only the holder gives a token up."""
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    def get_throttles(self) -> list[Any]:
        """Slow the guessing of passwords down."""
        if self.request.method == "POST":
            return [SignInThrottle()]
        return super().get_throttles()

    @extend_schema(request=AuthTokenSerializer, responses=TokenSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Return the person's token, made on the first call."""
        wanted = AuthTokenSerializer(data=request.data, context={"request": request})
        wanted.is_valid(raise_exception=True)
        token, _created = Token.objects.get_or_create(
            user=wanted.validated_data["user"]
        )
        return Response(TokenSerializer({"token": token.key}).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Give the token up: it works no more, for anyone."""
        Token.objects.filter(user=cast("User", request.user)).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
