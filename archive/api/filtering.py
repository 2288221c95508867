"""What the filters of all lists share: their base, and the order of a list."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet


class Filter(django_filters.FilterSet):  # type: ignore[misc]
    """Which rows of a list; a value that means nothing is refused, not ignored."""


class Ordering(django_filters.OrderingFilter):  # type: ignore[misc]
    """Order by the fields named here only; equals by number, so no pages overlap.

    The number runs the way of the first field, as it does in the indexes.
    """

    def filter(self, qs: QuerySet[Any], value: list[str] | None) -> QuerySet[Any]:
        """Return the rows in that order, or in the model's own."""
        if not value:
            return qs
        ordered: QuerySet[Any] = qs.order_by(
            *(self.get_ordering_value(each) for each in value),
            "-pk" if value[0].startswith("-") else "pk",
        )
        return ordered
