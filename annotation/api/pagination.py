"""Lists come in pages that start at a cursor: cost does not grow with the page's number or the table's size."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class Page(CursorPagination):
    """Newest first by primary key. `next` and `previous` are whole URLs that carry the cursor."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
