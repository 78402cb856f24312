"""Rows as a file of JSON Lines, sent line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import StreamingHttpResponse


def json_lines_file(name: str, rows: Iterable[Mapping[str, Any]]) -> StreamingHttpResponse:
    """Answer with a file of this name, one row at a time."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    answer = StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
