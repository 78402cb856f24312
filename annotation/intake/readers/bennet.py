"""Bennet's own JSON Lines: prompts, completions and pairs that wait to be judged, and judgements of every kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers.each import each
from annotation.intake.rows import KINDS, BadRow, Outcome, Row
from annotation.intake.strict_json import load_object
from annotation.tasks.messages import Message
from training.categories import CATEGORIES
from training.ranking import RankingError, validate_tiers

_PROMPT = frozenset({"kind", "id", "group", "language", "messages", "text", "tags", "source", "created_at"})
_JUDGED = _PROMPT | {"annotator", "seconds"}
_FIELDS = {
    "prompt": _PROMPT,
    "completions": _PROMPT | {"completions"},
    "pair": _PROMPT | {"completions"},
    "demonstration": _JUDGED | {"completion"},
    "ranking": _JUDGED | {"completions", "tiers", "all_bad", "rationale"},
    "comparison": _JUDGED | {"completions", "preferred", "strength", "both_bad", "rationale", "outputs"},
    "labels": _JUDGED | {"labels", "rationale"},
    "moderation_label": _JUDGED | {"verdicts", "rationale"},
}
_COMPLETION = frozenset({"id", "text", "source"})
_NAMES = 20
_STRENGTH = 9


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: [_row(line, load_object(line.text()), options)])


def is_row(given: Mapping[str, Any]) -> bool:
    return given.get("kind") in KINDS


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
        tags=_names(given.get("tags"), "tags"),
        source=checks.label(given.get("source"), "source", limit=60) or options.source,
        annotator=checks.label(given.get("annotator"), "annotator", limit=200),
        completion=checks.text(given.get("completion"), "completion") if kind == "demonstration" else "",
        completions=completions,
        tiers=tiers,
        all_bad=checks.flag(given.get("all_bad"), "all_bad") or checks.flag(given.get("both_bad"), "both_bad"),
        strength=_strength(given.get("strength")),
        outputs=_outputs(given, [entry["id"] for entry in given["completions"]]) if kind == "comparison" else [],
        labels=_names(given.get("labels"), "labels"),
        verdicts=_verdicts(given.get("verdicts")) if kind == "moderation_label" else {},
        rationale=checks.text(given["rationale"], "rationale", limit=5_000) if given.get("rationale") else "",
        seconds=checks.seconds(given.get("seconds"), "seconds"),
        created_at=checks.moment(given.get("created_at"), "created_at"),
    )


def _messages(given: dict[str, Any]) -> list[Message]:
    if ("messages" in given) == ("text" in given):
        raise BadRow("messages", "missing_field", "Give the prompt either as messages or as text.")
    if "messages" in given:
        return checks.conversation(given["messages"])
    return checks.conversation([{"role": "user", "content": checks.text(given["text"], "text")}])


def _names(value: Any, field: str) -> list[str]:
    if not isinstance(value or [], list) or len(value or []) > _NAMES:
        raise BadRow(field, "wrong_type", f"{field} must be a list of at most {_NAMES} texts.")
    return [checks.label(name, f"{field}[{place}]", limit=60) for place, name in enumerate(value or [])]


def _verdicts(value: Any) -> dict[str, bool]:
    """Return what is said yes and no to; null is not known, as if it were left out."""
    if not isinstance(value, dict) or not value or len(value) > len(CATEGORIES):
        raise BadRow("verdicts", "wrong_type", "verdicts must be an object of true, false or null by category.")
    strange = sorted({*value} - {*CATEGORIES})
    if strange:
        raise BadRow("verdicts", "unknown_label", f"{strange[0][:60]!r} is not one of {', '.join(CATEGORIES)}.")
    known = {name: holds for name, holds in value.items() if holds is not None}
    return {name: checks.flag(holds, f"verdicts.{name}") for name, holds in known.items()}


def _strength(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _STRENGTH:
        raise BadRow("strength", "wrong_type", f"strength must be a whole number from 0, for a tie, to {_STRENGTH}.")
    return value


def _outputs(given: dict[str, Any], ids: list[str]) -> list[dict[str, bool]]:
    value = given.get("outputs") or {}
    if not isinstance(value, dict) or not all(isinstance(flags, dict) for flags in value.values()):
        raise BadRow("outputs", "wrong_type", "outputs must hold an object of flags for each completion id.")
    checks.only(value, frozenset(ids), "outputs")
    return [
        {name[:60]: checks.flag(flag, f"outputs.{name[:60]}") for name, flag in value.get(pk, {}).items()} for pk in ids
    ]


def _completions_and_tiers(kind: str, given: dict[str, Any]) -> tuple[list[list[str]], list[list[int]]]:
    if "completions" not in _FIELDS[kind]:
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
    if kind in ("pair", "comparison") and len(ids) != 2:
        raise BadRow("completions", "not_a_pair", f"completions has {len(ids)}; a {kind} has two.")
    if kind == "comparison":
        return list(pairs), _preference(given.get("preferred"), ids)
    return list(pairs), _tiers(given.get("tiers"), ids) if kind == "ranking" else []


def _completion(value: Any, field: str) -> tuple[str, list[str]]:
    if not isinstance(value, dict):
        raise BadRow(field, "wrong_type", f"{field} must be an object with id and text.")
    checks.only(value, _COMPLETION, "a completion")
    name = checks.text(value.get("id"), f"{field}.id", limit=200)
    source = checks.label(value.get("source"), f"{field}.source", limit=200)
    return name, [checks.text(value.get("text"), f"{field}.text"), source]


def _preference(value: Any, ids: tuple[str, ...]) -> list[list[int]]:
    if value is None:
        return [[0, 1]]
    if value not in ids:
        raise BadRow("preferred", "foreign_completion", "preferred must be an id in completions, or null for a tie.")
    return [[ids.index(value)], [1 - ids.index(value)]]


def _tiers(value: Any, ids: tuple[str, ...]) -> list[list[int]]:
    """Return the tiers as places among the ids, each of which must stand in them once."""
    if not (isinstance(value, list) and all(isinstance(tier, list) for tier in value)):
        raise BadRow("tiers", "wrong_type", "tiers must be a list of lists of completion ids, best first.")
    places = {name: place for place, name in enumerate(ids)}
    try:
        ranked = [[places[name] for name in tier] for tier in value]
    except (KeyError, TypeError):
        raise _tiers_fault(value, ids) from None
    if not all(ranked) or sorted(chain(*ranked)) != [*range(len(ids))]:
        raise _tiers_fault(value, ids)
    return ranked


def _tiers_fault(value: list[list[Any]], ids: tuple[str, ...]) -> BadRow:
    named = [name for tier in value for name in tier]
    foreign = next((name for name in named if name not in ids), None)
    if foreign is not None:
        shown = repr(foreign[:60]) if isinstance(foreign, str) else type(foreign).__name__
        return BadRow("tiers", "foreign_completion", f"tiers name {shown}, which is no id in completions.")
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        return BadRow("tiers", "repeated_completion", f"tiers name {twice[:60]!r} twice. Each stands in one tier.")
    try:
        validate_tiers(value, ids)
    except RankingError as error:
        return BadRow("tiers", "incomplete_tiers", f"tiers are not right: {error}.")
    return BadRow("tiers", "foreign_completion", "tiers name what is no id in completions.")
