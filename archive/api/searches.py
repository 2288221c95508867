"""Kept searches, each person their own, and the facets of a contact sheet."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from archive import searches
from archive.api.views import CatalogueViewSet
from archive.facets import FACETS, Facet, Sheet
from archive.models import Collection, SavedSearch
from archive.sheet_filter import SheetFilter

OF = "of"
"""The parameter that names the collection whose sheet is counted."""


class SavedSearchSerializer(serializers.ModelSerializer[Any]):
    """A named query of a contact sheet."""

    address = serializers.CharField(
        read_only=True, help_text="The page that shows its photographs."
    )

    class Meta:
        """Whose it is goes without saying: whoever asks sees only their own."""

        model = SavedSearch
        fields = ("id", "name", "query", "collection", "address", "saved_at")
        read_only_fields = ("id", "saved_at")


class SavedSearchViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet
):
    """The searches that whoever asks has kept."""

    queryset = SavedSearch.objects.order_by("name")
    serializer_class = SavedSearchSerializer
    needs: ClassVar = {
        "create": "archive.view_photograph",
        "destroy": "archive.view_photograph",
    }

    def get_queryset(self) -> Any:
        """Return one's own."""
        kept: Any = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return kept.none()
        return kept.filter(owner=self.person)

    @extend_schema(responses={201: SavedSearchSerializer})
    def create(self, request: Request) -> Response:
        """Keep a search; one of the same name is replaced.

        The query is that of the page's address, such as `words=harbour&since=1920`;
        what means nothing to a contact sheet is left out.
        """
        wanted = SavedSearchSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = wanted.validated_data
        kept = searches.save(
            values["name"],
            values["query"],
            by=self.person,
            collection=values.get("collection"),
        )
        return Response(self.get_serializer(kept).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Forget a search; the photographs that it finds are not touched."""
        self.get_object().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class ValueSerializer(serializers.Serializer[Any]):
    """One value of a facet: what it sets in a query, and how many it leaves."""

    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    changes = serializers.DictField(child=serializers.CharField())


class FacetSerializer(serializers.Serializer[Any]):
    """Something to narrow a contact sheet by."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    fields: Any = serializers.ListField(
        child=serializers.CharField(), help_text="The parameters that it sets."
    )


class CountedFacetSerializer(FacetSerializer):
    """A facet with its values, as they are for a query."""

    values = ValueSerializer(many=True)


class FacetViewSet(CatalogueViewSet):
    """By what contact sheets are narrowed, and how many photographs each would leave.

    A facet is counted for the sheet as everything but itself narrows it.
    """

    queryset = SavedSearch.objects.none()
    serializer_class = FacetSerializer
    pagination_class = None
    lookup_value_regex = "[a-z]{1,20}"

    @extend_schema(responses=FacetSerializer(many=True))
    def list(self, _request: Request) -> Response:
        """List the facets; none is counted."""
        return Response(
            FacetSerializer([_described(f) for f in FACETS.values()], many=True).data
        )

    @extend_schema(
        responses=CountedFacetSerializer,
        parameters=[
            OpenApiParameter(
                "id",
                str,
                OpenApiParameter.PATH,
                enum=sorted(FACETS),
                description="Which.",
            ),
            OpenApiParameter(OF, int, description="The collection whose sheet it is."),
            *(
                OpenApiParameter(name, str, description="As in the sheet's address.")
                for name in sorted(SheetFilter.base_fields)
            ),
        ],
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Count one facet of the contact sheet that the query names."""
        if pk not in FACETS:
            raise NotFound(_("There is no such facet."))
        query = request.query_params.copy()
        filters = SheetFilter(query)
        if not filters.is_valid():
            raise ValidationError(
                {name: list(map(str, each)) for name, each in filters.errors.items()}
            )
        sheet = Sheet(filters, _collection(query.get(OF, "")))
        values = list(FACETS[pk].values(sheet))
        shown = {**_described(FACETS[pk]), "values": values}
        return Response(CountedFacetSerializer(shown).data)


def _described(facet: Facet) -> dict[str, Any]:
    return {"name": facet.name, "label": facet.label, "fields": facet.fields}


def _collection(key: str) -> Collection | None:
    if not key:
        return None
    if not key.isdecimal() or len(key) > 18:
        raise ValidationError({OF: [_("Name a collection by its number.")]})
    found: Collection | None = Collection.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such collection."))
    return found
