"""Checks that every reader shares, each raising BadRow with field, reason and remedy. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from annotation.intake.rows import BadRow
from annotation.projects.kinds import ranking
from annotation.tasks.messages import MAXIMUM_CHARACTERS, BadMessages, Message, check_messages, check_text

FEWEST, MOST = ranking.KIND.minimum_completions, ranking.KIND.maximum_completions
MOST_SECONDS = 10**7


def text(value: Any, field: str, *, limit: int = MAXIMUM_CHARACTERS, may_be_empty: bool = False) -> str:
    """Return the text as it is stored: line ends as \\n, no space around it."""
    if may_be_empty and isinstance(value, str) and not value.strip(" \t\r\n"):
        return ""
    if not isinstance(value, str):
        missing = value is None
        reason, what = ("missing_field", "is missing") if missing else ("wrong_type", "must be a text")
        raise BadRow(field, reason, f"{field} {what}.")
    try:
        checked = check_text(value, field).strip()
    except BadMessages as error:
        raise BadRow(field, _reason_of(value), f"{field} {error.message}.") from error
    if len(checked) > limit:
        raise BadRow(field, "too_long", f"{field} has {len(checked):,} characters; at most {limit:,} are taken.")
    return checked


def label(value: Any, field: str, *, limit: int) -> str:
    """Return a short one-line text such as a name or a language; "" when it is not there."""
    if value is None or value == "":
        return ""
    name = text(value, field, limit=limit)
    if not name.isprintable():
        raise BadRow(field, "control_character", f"{field} must be one line of printable characters.")
    return name


def conversation(value: Any) -> list[Message]:
    try:
        return check_messages(value)
    except BadMessages as error:
        for index, message in enumerate(value if isinstance(value, list) else []):
            if isinstance(message, dict):
                text(message.get("content"), f"messages[{index}].content")
        raise BadRow(error.field, "bad_messages", f"{error.field} {error.message}.") from error


def completion_count(count: int, field: str) -> None:
    if count < FEWEST:
        message = f"{field} has {count}; a ranking compares {FEWEST} to {MOST} completions."
        raise BadRow(field, "too_few_completions", message)
    if count > MOST:
        message = f"{field} has {count}; at most {MOST} are ranked at once. Split it into several rankings."
        raise BadRow(field, "too_many_completions", message)


def distinct(texts: Sequence[str], field: str) -> None:
    """Refuse two completions that read the same: which is better cannot be said."""
    seen: dict[str, int] = {}
    for place, content in enumerate(texts):
        if content in seen:
            message = f"{field}[{place}] repeats the text of {field}[{seen[content]}]. Keep one of them."
            raise BadRow(f"{field}[{place}]", "repeated_completion", message)
        seen[content] = place


def distinct_completions(completions: Sequence[Sequence[str]], field: str) -> None:
    """Refuse two completions of one source that read the same: nothing tells them apart."""
    if len({tuple(completion) for completion in completions}) < len(completions):
        raise BadRow(field, "repeated_completion", f"Two of {field} read the same, so neither is better.")


def flag(value: Any, field: str) -> bool:
    if value is not None and not isinstance(value, bool):
        raise BadRow(field, "wrong_type", f"{field} must be true or false.")
    return bool(value)


def moment(value: Any, field: str) -> str:
    """Return an ISO 8601 time with its offset; "" when it is not there."""
    if value is None or value == "":
        return ""
    try:
        given = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadRow(field, "bad_time", f"{field} must be a time such as 2026-05-01T12:00:00Z.") from error
    if not 1970 <= given.year <= 9000:
        raise BadRow(field, "bad_time", f"{field} must lie between the years 1970 and 9000.")
    if given.tzinfo is None:
        raise BadRow(field, "bad_time", f"{field} has no time zone. Add Z or an offset such as +02:00.")
    return given.isoformat()


def seconds(value: Any, field: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_SECONDS:
        raise BadRow(field, "bad_seconds", f"{field} must be a number of seconds between 0 and {MOST_SECONDS:,}.")
    return float(value)


def only(row: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    if not row.keys() <= known:
        unknown = sorted(set(row) - known)
        message = f"{unknown[0][:60]!r} is not a field of {what}; there are {', '.join(sorted(known))}."
        raise BadRow(unknown[0][:120], "unknown_field", message)


def _reason_of(value: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in value):
        return "lone_surrogate"
    return "control_character" if value.strip() else "empty_text"


def comparison_needs(*, strength_levels: int, flags: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a comparison protocol must say for judgements of this scale to fit it."""
    needs = {"strength_levels": strength_levels, "allow_ties": True, "require_rationale": False}
    return needs | {"completion_flags": list(flags)}
