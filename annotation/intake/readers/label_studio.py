"""Label Studio's JSON: the file of tasks that goes in, and the export with what its Pairwise and Ranker tags saved.

A task's data holds a prompt and either a pair of texts, which are compared, or a list of items, which are ranked. The
key of a text, or the id of an item, stays with the completion as its source, so that exports.label_studio can write it
back. Buckets are in no order that the file tells, unless they are called "tier 1", "tier 2" and so on.
Cancelled annotations, drafts, predictions and what no tag above has saved are left out and counted by reason.
Source: labelstud.io/guide/task_format, /tags/pairwise and /tags/ranker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers.each import each
from annotation.intake.rows import BadRow, Outcome, Row, Skipped, excerpt_of, rejected
from annotation.intake.strict_json import load_object
from training.ranking import RankingError, validate_tiers

SOURCE = "label-studio"
NEEDS = {"comparison": checks.comparison_needs(strength_levels=1)}
PROMPT, PAIR, ITEMS = "prompt", ("answer1", "answer2"), "items"
TIER = "tier "
_KEY = "label-studio:"
_TIERS = {"left": [[0], [1]], "right": [[1], [0]], "tie": [[0, 1]]}
# Keys that Label Studio adds to a task's data in its flat export, JSON-MIN.
_FLAT_EXPORT = frozenset({"annotation_id", "annotator", "lead_time"})


@dataclass(frozen=True)
class Shown:
    """What a task shows: the row it makes while nobody has judged it, and what judgements call its completions."""

    row: Row
    names: list[str]

    @property
    def is_pair(self) -> bool:
        return self.row.kind == "pair"


def is_task(value: Mapping[str, Any]) -> bool:
    """Tell a line of such a file: an export has its data inside, an import file may be the data alone."""
    return isinstance(value.get("data"), dict) or {PROMPT, *PAIR} <= set(value)


def key_of(source_label: str) -> str:
    """Return the key or id that a completion had in Label Studio's data; "" for one that came from elsewhere."""
    return source_label.removeprefix(_KEY) if source_label.startswith(_KEY) else ""


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _task(line.number, load_object(line.text()), options))


def _task(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    task = given if isinstance(given.get("data"), dict) else {"data": given}
    shown = _shown(line, task["data"], options)
    annotations = _objects(task, "annotations")
    yield from (Skipped(line, "draft") for _ in _objects(task, "drafts"))
    yield from (Skipped(line, "prediction") for _ in _objects(task, "predictions"))
    left_out = [reason for annotation in annotations if (reason := _why_left_out(annotation))]
    yield from (Skipped(line, reason) for reason in left_out)
    if len(left_out) == len(annotations):
        yield shown.row
    for annotation in annotations:
        if not _why_left_out(annotation):
            yield from _judgement(shown, annotation)


def _shown(line: int, data: dict[str, Any], options: Options) -> Shown:
    if "data" not in data and _FLAT_EXPORT & set(data):
        raise BadRow("", "flat_export", "This is Label Studio's JSON-MIN, which leaves out who chose. Export as JSON.")
    prompt = options.prompt_column or PROMPT
    keys = [key.strip() for key in options.completion_column.split(",")] if options.completion_column else []
    if keys[1:] or not (keys or isinstance(data.get(ITEMS), list)):
        kind, names, completions = "pair", *_pair(data, keys or list(PAIR))
    else:
        kind, names, completions = "completions", *_items(data, keys[0] if keys else ITEMS)
    row = Row(
        line=line,
        kind=kind,
        messages=_messages(data.get(prompt), prompt),
        language=options.language,
        source=options.source or SOURCE,
        completions=completions,
    )
    return Shown(row, names)


def _messages(value: Any, field: str) -> list[dict[str, str]]:
    conversation = value if isinstance(value, list) else [{"role": "user", "content": checks.text(value, field)}]
    return checks.conversation(conversation)


def _pair(data: dict[str, Any], keys: list[str]) -> tuple[list[str], list[list[str]]]:
    if len(keys) != 2:
        raise BadRow("", "not_a_pair", "Pairwise compares two texts: name two keys in completion_column.")
    completions = [[checks.text(data.get(key), key, may_be_empty=True), _KEY + key] for key in keys]
    checks.distinct_completions([[text] for text, _ in completions], " and ".join(keys))
    return ["left", "right"], completions


def _items(data: dict[str, Any], key: str) -> tuple[list[str], list[list[str]]]:
    items = _objects(data, key)
    checks.completion_count(len(items), key)
    names = [str(item.get("id", "")) for item in items]
    for place, name in enumerate(names):
        checks.text(name, f"{key}[{place}].id", limit=100)
    texts = [_item_text(item, f"{key}[{place}]") for place, item in enumerate(items)]
    checks.distinct(names, f"{key}.id")
    return names, [[text, _KEY + name] for text, name in zip(texts, names, strict=True)]


def _item_text(item: dict[str, Any], field: str) -> str:
    """Return what the List tag shows of an item: its body, or its title where it has no body."""
    name = next((name for name in ("body", "html", "title") if item.get(name) is not None), "body")
    return checks.text(item.get(name), f"{field}.{name}", may_be_empty=True)


def _why_left_out(annotation: dict[str, Any]) -> str:
    """Return why an annotation says nothing, or ""."""
    if annotation.get("was_cancelled"):
        return "cancelled_annotation"
    results = _objects(annotation, "result")
    verdicts = [result for result in results if result.get("type") in ("pairwise", "ranker")]
    if not verdicts:
        return "unread_annotation" if results else "empty_annotation"
    return "nothing_selected" if all(_value(result).get("selected") == "none" for result in verdicts) else ""


def _judgement(shown: Shown, annotation: dict[str, Any]) -> Iterator[Outcome]:
    try:
        yield _judged(shown, annotation)
        known = ("pairwise", "ranker", "textarea")
        unread = [result for result in annotation["result"] if result.get("type") not in known]
        yield from (Skipped(shown.row.line, "unread_result") for _ in unread)
    except BadRow as error:
        where = f"annotation {excerpt_of(str(annotation.get('id')))}: {error.message}"
        text = shown.row.messages[-1]["content"]
        yield rejected(shown.row.line, BadRow(error.field, error.reason, where), text)


def _judged(shown: Shown, annotation: dict[str, Any]) -> Row:
    tiers = _tiers(shown, annotation["result"])
    return replace(
        shown.row,
        kind="comparison" if shown.is_pair else "ranking",
        annotator=_judge(annotation.get("completed_by")),
        tiers=tiers,
        strength=int(shown.is_pair and len(tiers) > 1),
        order_is_known=True,
        rationale=_rationale(annotation["result"]),
        seconds=checks.seconds(annotation.get("lead_time"), "lead_time"),
        created_at=checks.moment(annotation.get("created_at"), "created_at"),
    )


def _tiers(shown: Shown, results: list[dict[str, Any]]) -> list[list[int]]:
    wanted = "pairwise" if shown.is_pair else "ranker"
    verdicts = [result for result in results if result["type"] in ("pairwise", "ranker")]
    if len(verdicts) > 1 or verdicts[0]["type"] != wanted:
        raise BadRow("result", "unexpected_result", f"The task wants one result of the type {wanted}.")
    value = _value(verdicts[0])
    if shown.is_pair:
        selected = value.get("selected")
        if not isinstance(selected, str) or selected not in _TIERS:
            raise BadRow("selected", "unknown_label", "selected must be left, right or tie.")
        return _TIERS[selected]
    try:
        ranked = validate_tiers(_ranked(value.get("ranker")), shown.names)
    except (RankingError, TypeError) as error:
        raise BadRow("ranker", "incomplete_tiers", f"The ranker must name each item's id once: {error}.") from error
    return [[shown.names.index(name) for name in tier] for tier in ranked]


def _ranked(ranker: Any) -> list[list[Any]]:
    """Return the items by tiers. Older exports hold the order itself, newer ones by the names of tag or buckets."""
    if not isinstance(ranker, dict):
        return [[name] for name in ranker]
    filled = {name: items for name, items in ranker.items() if items}
    if filled and all(name in [f"{TIER}{place}" for place in range(1, len(ranker) + 1)] for name in filled):
        return [list(filled[name]) for name in sorted(filled, key=lambda name: int(name.removeprefix(TIER)))]
    if len(filled) > 1:
        message = "The items lie in several buckets, and the file does not say which of them is better."
        raise BadRow("ranker", "several_buckets", message)
    return [[name] for items in filled.values() for name in items]


def _judge(value: Any) -> str:
    """Return who it was: a number, or in full exports an object that has one."""
    inside = value.get("id", value.get("email")) if isinstance(value, dict) else value
    return checks.label(None if inside is None else str(inside), "completed_by", limit=200)


def _rationale(results: list[dict[str, Any]]) -> str:
    texts = [text for result in results if result.get("type") == "textarea" for text in _list(_value(result), "text")]
    said = "\n\n".join(checks.text(text, "text", limit=5_000) for text in texts)
    return checks.text(said, "text", limit=5_000, may_be_empty=True)


def _value(result: dict[str, Any]) -> dict[str, Any]:
    value = result.get("value")
    if not isinstance(value, dict):
        raise BadRow("value", "wrong_type", "The value of a result must be an object.")
    return value


def _objects(given: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    values = _list(given, name)
    if not all(isinstance(value, dict) for value in values):
        raise BadRow(name[:120], "wrong_type", f"{name[:60]} must be a list of objects.")
    return values


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name)
    if isinstance(value, str) and name == "text":
        return [value]
    if value is not None and not isinstance(value, list):
        raise BadRow(name[:120], "wrong_type", f"{name[:60]} must be a list.")
    return value or []
