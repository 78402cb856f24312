"""Request bodies: JSON of a bounded size, with nothing in it that cannot be stored."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = f"A JSON body has at most {BODY_BYTES // 2**20} MB. Send larger data as a file to import."


class JsonBody(BaseParser):
    """JSON in UTF-8, without NaN or infinity, NUL characters and halves of surrogate pairs."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: Any = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        body = stream.read(BODY_BYTES + 1)
        if len(body) > BODY_BYTES:
            raise BodyTooLarge
        try:
            value = _DECODER.decode(body.decode())
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON in UTF-8: {error}") from error
        # In UTF-8 and JSON neither can stand as it is, only escaped: most bodies need not be looked through.
        if b"\\u" in body and not all(map(_is_storable, _texts(value))):
            raise ParseError("The body holds a NUL character or half of a surrogate pair: remove it.")
        return value


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(digits: str) -> float:
    raise ValueError(f"{digits[:40]} is not a number that can be stored")


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse)


def _is_storable(text: str) -> bool:
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


def _texts(value: Any) -> Iterator[str]:
    """Yield every key and text in the value, however deep."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part
