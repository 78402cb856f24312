"""A record's one canonical form (RFC 8785), fast. Pure.

orjson writes nearly every record as the standard wants it. It differs in how it writes some numbers and sorts keys
beyond the basic plane: records with such go through the reference library, so that digests never depend on this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import rfc8785

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
# Between these a fraction has the same digits in both, and no exponent in either.
_LEAST, _MOST = 1e-4, 1e15


_AS_THEY_ARE = {str, int, bool, type(None)}


class _Rare(Exception):
    """Something that only the reference library writes as the standard wants it."""


def canonical(value: Mapping[str, Any], numbers_in: frozenset[str] | None = None) -> bytes:
    """Return the value in canonical form. Raises rfc8785.CanonicalizationError on what JSON cannot carry.

    `numbers_in` promises that fractions and names that are not plain letters stand in these keys alone.
    """
    try:
        if numbers_in is None:
            return orjson.dumps(_plain(value), option=_OPTIONS)
        plain = {name: _plain(value[name]) for name in numbers_in.intersection(value)}
        return orjson.dumps({**value, **plain} if plain else value, option=_OPTIONS)
    except (_Rare, orjson.JSONEncodeError):
        return rfc8785.dumps(_as_lists(value))


def _plain(value: Any) -> Any:
    """Return the value with whole floats as integers, as the standard writes them. Raises _Rare."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is float:
        return _plain_number(value)
    if isinstance(value, Mapping):
        return {_plain_key(key): _plain(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_plain(item) for item in value]
    raise _Rare


def _plain_number(value: float) -> float | int:
    if value.is_integer() and abs(value) < _MOST:
        return int(value)
    if _LEAST <= abs(value) < _MOST:
        return value
    raise _Rare


def _plain_key(key: Any) -> str:
    if type(key) is str and key.isascii():
        return key
    raise _Rare


def _as_lists(value: Any) -> Any:
    """The reference library knows lists, dicts and what stands in them, and no other mappings."""
    if isinstance(value, Mapping):
        return {key: _as_lists(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_lists(item) for item in value]
    return value
