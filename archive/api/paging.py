"""Lists come in pages, never whole."""

from rest_framework.pagination import PageNumberPagination

LARGEST_PAGE = 200


class Pages(PageNumberPagination):
    """Fifty at a time, or as many as are asked for up to `LARGEST_PAGE`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE
