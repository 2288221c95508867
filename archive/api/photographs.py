"""Photographs: finding, describing, restricting, publishing."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from archive import describing, policy, publishing
from archive.api.contents import AnyRenderer
from archive.api.fields import ReasonSerializer, RestrictionChangeSerializer
from archive.api.paging import WidePages
from archive.api.photograph_filters import PhotographFilter
from archive.api.photograph_serializers import (
    PhotographDescriptionSerializer,
    PhotographDetailSerializer,
    PhotographPlaceSerializer,
    PhotographSerializer,
    TermChoiceSerializer,
)
from archive.api.publications import PublicationSerializer
from archive.api.views import DescribedViewSet
from archive.models import (
    Assignment,
    Derivative,
    MasterFile,
    Photograph,
    Suggestion,
    Term,
)
from archive.spreadsheets import Dialect
from archive.spreadsheets.writing import DELIMITERS
from archive.views.spreadsheets import written

FRONTS = Prefetch(
    "masters",
    MasterFile.objects.rectos()
    .only("photograph", "side")
    .prefetch_related(
        Prefetch("derivatives", Derivative.objects.for_screens().defer("recipe"))
    ),
)
ASSIGNED = Prefetch(
    "assignments",
    Assignment.objects.select_related("term", "assigned_by", "suggestion"),
)


class PhotographViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, DescribedViewSet
):
    """The photographs of the archive; new ones come by ingest alone."""

    queryset = (
        Photograph.objects.select_related("collection", "publication")
        .defer("publication__record")
        .prefetch_related(ASSIGNED)
    )
    serializer_class = PhotographDetailSerializer
    filterset_class = PhotographFilter
    pagination_class = WidePages
    reading = "archive.view_photograph"
    needs: ClassVar = {
        "partial_update": "archive.change_photograph",
        "move": "archive.change_photograph",
        "restrictions": "archive.restrict_photograph",
        "publish": "archive.publish_photograph",
        "withdraw": "archive.publish_photograph",
        "add_term": "archive.add_assignment",
        "remove_term": "archive.delete_assignment",
    }

    def get_queryset(self) -> Any:
        """Fetch suggestions and colorizations too where one photograph is shown."""
        photographs: Any = super().get_queryset()
        if self.action == "list":
            return photographs.prefetch_related(FRONTS)
        return photographs.with_pictures().prefetch_related(
            Prefetch(
                "suggestions",
                Suggestion.objects.select_related("term", "decided_by").order_by(
                    "-score"
                ),
            ),
            Prefetch(
                "masters__derivatives",
                Derivative.objects.colorizations().select_related(
                    "master", "decided_by"
                ),
                to_attr="colorizations",
            ),
        )

    def get_serializer_class(self) -> type[PhotographSerializer]:
        """Return the short representation for lists."""
        if self.action == "list":
            return PhotographSerializer
        return PhotographDetailSerializer

    @extend_schema(
        request=PhotographDescriptionSerializer, responses=PhotographDetailSerializer
    )
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change the description, as it was read at `revision`.

        Where someone else saved first nothing is changed: 409, `edited_meanwhile`.
        """
        photograph = self.get_object()
        wanted = PhotographDescriptionSerializer(photograph, data=request.data)
        wanted.is_valid(raise_exception=True)
        changes = dict(wanted.validated_data)
        revision = changes.pop("revision")
        describing.describe(photograph, changes, by=self.person, revision=revision)
        return self._as_it_stands(photograph)

    @extend_schema(
        parameters=[
            OpenApiParameter("bom", bool, description="With a byte order mark."),
            OpenApiParameter("delimiter", enum=["comma", "semicolon", "tab"]),
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    @action(
        detail=False,
        url_path="csv",
        url_name="csv",
        pagination_class=None,
        renderer_classes=[AnyRenderer],
    )
    def spreadsheet(self, request: Request) -> HttpResponseBase:
        """The photographs that the filters find as CSV, one a row, streamed."""
        delimiter = request.query_params.get("delimiter", "comma")
        if delimiter not in DELIMITERS:
            raise ValidationError({"delimiter": "Choose comma, semicolon or tab."})
        mark = request.query_params.get("bom", "").lower() in {"1", "true", "yes"}
        found = self.filter_queryset(Photograph.objects.all())
        return written(
            list(found.values_list("pk", flat=True)), Dialect(delimiter, mark)
        )

    @extend_schema(
        request=PhotographPlaceSerializer, responses=PhotographDetailSerializer
    )
    @action(detail=True, methods=["post"])
    def move(self, request: Request, **_kwargs: Any) -> Response:
        """Put the photograph into another collection."""
        wanted = PhotographPlaceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        photograph = self.get_object()
        describing.move_photographs(
            [photograph], to=wanted.validated_data["collection"], by=self.person
        )
        return self._as_it_stands(photograph)

    @extend_schema(
        request=RestrictionChangeSerializer, responses=PhotographDetailSerializer
    )
    @action(detail=True, methods=["patch"])
    def restrictions(self, request: Request, **_kwargs: Any) -> Response:
        """Set or lift the photograph's own restrictions; inherited ones stay."""
        wanted = RestrictionChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        photograph = self.get_object()
        one = Photograph.objects.filter(pk=photograph.pk)
        for flag, value in wanted.changes().items():
            policy.restrict(one, flag, value, by=self.person)
        return self._as_it_stands(photograph)

    @extend_schema(request=None, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, **_kwargs: Any) -> Response:
        """Publish the record as it stands, with the accepted colours if any."""
        publication = publishing.publish(self.get_object(), by=self.person)
        answer = PublicationSerializer(
            publication, context=self.get_serializer_context()
        )
        return Response(answer.data)

    @extend_schema(request=ReasonSerializer, responses=PhotographDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **_kwargs: Any) -> Response:
        """Take the photograph out of publication; the working record stays."""
        reason = ReasonSerializer(data=request.data)
        reason.is_valid(raise_exception=True)
        photograph = self.get_object()
        publishing.withdraw(
            photograph, by=self.person, reason=reason.validated_data["reason"]
        )
        return self._as_it_stands(photograph)

    @extend_schema(request=TermChoiceSerializer, responses=PhotographDetailSerializer)
    @action(detail=True, methods=["post"], url_path="terms", url_name="terms")
    def add_term(self, request: Request, **_kwargs: Any) -> Response:
        """Put a term on the photograph; a waiting suggestion of it is accepted."""
        wanted = TermChoiceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        photograph = self.get_object()
        describing.assign_term(
            photograph, wanted.validated_data["term"], by=self.person
        )
        return self._as_it_stands(photograph)

    @extend_schema(
        parameters=[OpenApiParameter("term", int, OpenApiParameter.PATH)],
        responses={204: None},
    )
    @action(detail=True, methods=["delete"], url_path="terms/(?P<term>[0-9]{1,18})")
    def remove_term(self, request: Request, term: str, **_kwargs: Any) -> Response:
        """Take a term off the photograph; its suggestion counts as rejected."""
        photograph = self.get_object()
        found = Term.objects.filter(pk=term).first()
        if found is None or not describing.remove_term(
            photograph, found, by=self.person
        ):
            raise NotFound("The photograph does not have this term.")
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _as_it_stands(self, photograph: Photograph) -> Response:
        fresh = self.get_queryset().get(pk=photograph.pk)
        return Response(self.get_serializer(fresh).data)
