"""What every view set of the programming interface has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from archive.lineage import Lineage
from archive.permissions import RolePermission

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class CatalogueViewSet(GenericViewSet[Any]):
    """Things of the catalogue, guarded by role.

    Attributes:
        reading: the permission to look.
        needs: the permission for each action that changes something.
    """

    permission_classes = [RolePermission]
    lookup_value_regex = "[0-9]{1,18}"
    reading: ClassVar[str] = "archive.view_photograph"
    needs: ClassVar[Mapping[str, str]] = {}

    @property
    def person(self) -> User:
        """Who asks; the permissions let nobody past who has not signed in."""
        return cast("User", self.request.user)


class DescribedViewSet(CatalogueViewSet):
    """Collections or photographs, whose restrictions come from what is above them."""

    lineage: Lineage | None = None

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return the page, and read what stands above all of it at once."""
        page = super().paginate_queryset(queryset)
        self.lineage = Lineage.of(page or [])
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the lineage to the serializer."""
        return {**super().get_serializer_context(), "lineage": self.lineage}


class NothingHere(APIView):
    """Every address of the interface that means nothing."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask who it is first, then say that there is nothing.

        Raises:
            NotFound: always, to those who are signed in.
        """
        super().initial(request, *args, **kwargs)
        raise NotFound(
            "There is nothing at this address. Every address ends with a slash."
        )

    @extend_schema(exclude=True)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Answer as `initial` does."""
        raise NotFound
