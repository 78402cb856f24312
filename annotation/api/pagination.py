"""Lists come in pages that start at a cursor: cost does not grow with the page's number or the table's size."""

from __future__ import annotations

import re

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

_IS_KEY = re.compile(r"\d{1,19}", re.ASCII).fullmatch


class Page(CursorPagination):
    """Newest first by primary key. `next` and `previous` are whole URLs that carry the cursor."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        if cursor and not _IS_KEY(cursor.position or "0"):
            raise NotFound(self.invalid_cursor_message)
        return cursor
