"""Bennet's own JSON Lines: prompts, demonstrations, rankings, and completions waiting to be ranked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers.each import each
from annotation.intake.rows import KINDS, BadRow, Outcome, Row
from annotation.intake.strict_json import load_object
from annotation.tasks.messages import Message
from training.ranking import RankingError, validate_tiers

_PROMPT = frozenset({"kind", "id", "group", "language", "messages", "text", "tags", "source", "created_at"})
_JUDGED = _PROMPT | {"annotator"}
_FIELDS = {
    "prompt": _PROMPT,
    "completions": _PROMPT | {"completions"},
    "demonstration": _JUDGED | {"completion"},
    "ranking": _JUDGED | {"completions", "tiers", "all_bad", "rationale"},
}
_COMPLETION = frozenset({"id", "text", "source"})
_TAGS = 20


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: [_row(line, load_object(line.text()), options)])


def _row(line: Line, given: dict[str, Any], options: Options) -> Row:
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadRow("kind", "unknown_kind", f"kind must be one of {', '.join(KINDS)}.")
    checks.only(given, _FIELDS[kind], f"a {kind}")
    completions, tiers = _completions_and_tiers(kind, given)
    return Row(
        line=line.number,
        kind=kind,
        messages=_messages(given),
        group=checks.label(given.get("group"), "group", limit=200),
        language=checks.label(given.get("language"), "language", limit=16) or options.language,
        tags=_tags(given.get("tags")),
        source=checks.label(given.get("source"), "source", limit=60) or options.source,
        annotator=checks.label(given.get("annotator"), "annotator", limit=200),
        completion=checks.text(given.get("completion"), "completion") if kind == "demonstration" else "",
        completions=completions,
        tiers=tiers,
        all_bad=checks.flag(given.get("all_bad"), "all_bad"),
        rationale=checks.text(given["rationale"], "rationale", limit=5_000) if given.get("rationale") else "",
        created_at=checks.moment(given.get("created_at"), "created_at"),
    )


def _messages(given: dict[str, Any]) -> list[Message]:
    if ("messages" in given) == ("text" in given):
        raise BadRow("messages", "missing_field", "Give the prompt either as messages or as text.")
    if "messages" in given:
        return checks.conversation(given["messages"])
    return checks.conversation([{"role": "user", "content": checks.text(given["text"], "text")}])


def _tags(value: Any) -> list[str]:
    if not isinstance(value or [], list) or len(value or []) > _TAGS:
        raise BadRow("tags", "wrong_type", f"tags must be a list of at most {_TAGS} texts.")
    return [checks.label(tag, f"tags[{place}]", limit=60) for place, tag in enumerate(value or [])]


def _completions_and_tiers(kind: str, given: dict[str, Any]) -> tuple[list[list[str]], list[list[int]]]:
    if kind not in ("completions", "ranking"):
        return [], []
    value = given.get("completions")
    if not isinstance(value, list):
        raise BadRow("completions", "missing_field", "completions must be a list of {id, text}.")
    checks.completion_count(len(value), "completions")
    ids, pairs = zip(*(_completion(entry, f"completions[{i}]") for i, entry in enumerate(value)), strict=True)
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise BadRow("completions", "repeated_completion", f"Two completions have the id {twice!r}. Rename one.")
    checks.distinct([text for text, _ in pairs], "completions")
    return list(pairs), _tiers(given.get("tiers"), ids) if kind == "ranking" else []


def _completion(value: Any, field: str) -> tuple[str, list[str]]:
    if not isinstance(value, dict):
        raise BadRow(field, "wrong_type", f"{field} must be an object with id and text.")
    checks.only(value, _COMPLETION, "a completion")
    name = checks.text(value.get("id"), f"{field}.id", limit=200)
    source = checks.label(value.get("source"), f"{field}.source", limit=200)
    return name, [checks.text(value.get("text"), f"{field}.text"), source]


def _tiers(value: Any, ids: tuple[str, ...]) -> list[list[int]]:
    if not (isinstance(value, list) and all(isinstance(tier, list) for tier in value)):
        raise BadRow("tiers", "wrong_type", "tiers must be a list of lists of completion ids, best first.")
    named = [name for tier in value for name in tier]
    foreign = next((name for name in named if name not in ids), None)
    if foreign is not None:
        shown = repr(foreign[:60]) if isinstance(foreign, str) else type(foreign).__name__
        message = f"tiers name {shown}, which is no id in completions."
        raise BadRow("tiers", "foreign_completion", message)
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise BadRow("tiers", "repeated_completion", f"tiers name {twice[:60]!r} twice. Each stands in one tier.")
    try:
        validate_tiers(value, ids)
    except RankingError as error:
        raise BadRow("tiers", "incomplete_tiers", f"tiers are not right: {error}.") from error
    return [[ids.index(name) for name in tier] for tier in value]
