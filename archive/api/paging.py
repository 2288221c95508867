"""Lists come in pages, never whole."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from rest_framework.pagination import PageNumberPagination

LARGEST_PAGE = 100
LARGEST_BATCH = 200
"""How many things one request may name to change them."""


class Pages(PageNumberPagination):
    """Fifty at a time, or as many as are asked for up to `LARGEST_PAGE`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE


class KeysFirst(Paginator[Any]):
    """Finds a page by its keys alone, and only then reads the rows.

    Sorting and skipping are then done with narrow rows, in an index where there is one.
    """

    def page(self, number: int | str) -> Page[Any]:
        """Return a page with whole rows.

        Raises:
            InvalidPage: there is no such page.
        """
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", flat=True)[first : first + self.per_page])
        found = rows.in_bulk(keys)
        return Page([found[key] for key in keys if key in found], number, self)


class WidePages(Pages):
    """Pages of rows that are wide, or that are fetched with much around them."""

    django_paginator_class = KeysFirst
