"""JSON as RFC 8259 has it: no NaN, no key twice, and no nesting that no one writes by hand. Pure."""

from __future__ import annotations

import json
from typing import Any

from annotation.intake.rows import BadRow


def loads(text: str) -> Any:
    """Return the value. Raise BadRow saying where it stops being JSON."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        reason, what = "bad_json", f"is not JSON: {error.msg} at character {error.pos + 1}"
        if error.msg.startswith("Invalid control character"):
            reason, what = "control_character", f"holds a control character at character {error.pos + 1}: escape it"
        raise BadRow("", reason, f"The line {what}.") from error
    except RecursionError as error:
        raise BadRow("", "too_deep", "The line nests lists or objects too deeply. Flatten it.") from error
    except ValueError as error:
        raise BadRow("", "bad_json", "The line holds a number with thousands of digits. Write it as text.") from error


def load_object(text: str) -> dict[str, Any]:
    value = loads(text)
    if not isinstance(value, dict):
        raise BadRow("", "wrong_type", "The line must hold one JSON object: {…}.")
    return value


def _no_constant(name: str) -> Any:
    raise BadRow("", "json_constant", f"The line holds {name}, which is not JSON. Write null or a number.")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRow(twice[:120], "duplicate_key", f"The key {twice[:60]!r} stands twice in one object. Keep one.")
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_no_key_twice)
