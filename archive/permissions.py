"""Who may do what through the programming interface: the codenames of the roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request
    from rest_framework.views import APIView


class Guarded(Protocol):
    """A view set that names the permissions it asks for.

    Attributes:
        reading: needed for every safe request, such as `archive.view_photograph`.
        needs: needed for each action that is not safe, by the action's name.
    """

    action: str | None
    reading: ClassVar[str]
    needs: ClassVar[Mapping[str, str]]


class RolePermission(BasePermission):
    """Ask for the permission that the view set names for what is being done.

    A stranger to the archive (nobody signed in) is asked to sign in; an action that
    names no permission is refused to everyone.
    """

    message = _(
        "Your role does not allow this. An administrator can give you another one."
    )

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether the person holds the permission."""
        if not request.user.is_authenticated:
            return False
        guarded = cast("Guarded", view)
        if guarded.action is None:  # a method that the address does not know: 405
            return True
        if request.method in SAFE_METHODS:
            return request.user.has_perm(guarded.reading)
        needed = guarded.needs.get(guarded.action)
        return needed is not None and request.user.has_perm(needed)
