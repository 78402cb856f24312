"""Open-Assistant files: trees of messages, flat lists of messages by parent, and bare prompts.

Each thread that ends with a prompter's message is a prompt in its tree's group. Ranked replies make a ranking,
unranked ones wait to be ranked, and a thread without a choice is a prompt (or a demonstration, as options say).
Source: Köpf et al. 2023, arXiv:2304.07327.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers.message_tree import Node, forest, has_replies_inside, nested
from annotation.intake.rows import BadFile, BadRow, Outcome, Row, Skipped, rejected
from annotation.intake.strict_json import loads
from annotation.tasks.messages import Message

SOURCE = "openassistant"
# A flat list is a forest only once all of it has been read.
MAXIMUM_FLAT_BYTES = 64 * 2**20
MAXIMUM_TURNS = 200
_ROLES = {"prompter": "user", "assistant": "assistant"}


def read(lines: Iterator[Line], options: Options) -> Iterator[Outcome]:
    flat: list[tuple[int, object]] = []
    flat_bytes = 0
    for line in lines:
        if not line.raw.strip():
            continue
        try:
            value = loads(line.text())
            if isinstance(value, dict) and not has_replies_inside(value):
                flat_bytes = _room_for(line.raw, flat_bytes)
                flat.append((line.number, value))
                continue
            yield from _prompt(line.number, value, options) if isinstance(value, str) else _tree(line, value, options)
        except BadRow as error:
            yield rejected(line.number, error, line.raw)
    yield from _flat(flat, options)


def is_message(given: Mapping[str, Any]) -> bool:
    """Tell a tree or a message of one, as files hold them or as seed data does."""
    names = given.keys()
    is_tree, is_message = {"message_tree_id", "prompt"} <= names, {"message_id", "role", "text"} <= names
    return is_tree or is_message or "user_message_id" in names


def _room_for(raw: bytes, so_far: int) -> int:
    if so_far + len(raw) > MAXIMUM_FLAT_BYTES:
        limit = MAXIMUM_FLAT_BYTES // 2**20
        raise BadFile(f"A flat list of messages may be {limit} MiB long. Import the file of whole trees instead.")
    return so_far + len(raw)


def _prompt(line: int, text: str, options: Options) -> Iterator[Row]:
    messages = [{"role": "user", "content": checks.text(text, "text")}]
    source = options.source or SOURCE
    yield Row(line, "prompt", checks.conversation(messages), language=options.language, source=source)


def _tree(line: Line, value: object, options: Options) -> Iterator[Outcome]:
    return _threads(nested(line.number, value), options)


def _flat(elements: list[tuple[int, object]], options: Options) -> Iterator[Outcome]:
    roots, refused = forest(elements)
    yield from refused
    for root in roots:
        yield from _threads(root, options)


def _threads(root: Node, options: Options) -> Iterator[Outcome]:
    """Walk the tree; every prompter's message that can be reached past no deleted one ends a thread."""
    waiting: list[tuple[Node, list[Node]]] = [(root, [])]
    while waiting:
        node, before = waiting.pop()
        if node.is_deleted:
            yield from (Skipped(node.line, "deleted_message") for _ in node.with_descendants())
            continue
        if len(before) == MAXIMUM_TURNS:
            message = f"A thread is longer than {MAXIMUM_TURNS} messages. The rest of it was left out."
            yield rejected(node.line, BadRow("replies", "too_deep", message), node.text)
            continue
        path = [*before, node]
        waiting.extend((reply, path) for reply in reversed(node.replies))
        if node.role == "prompter":
            try:
                yield from _thread(root, path, options)
            except BadRow as error:
                where = f"message {node.id}: {error.message}"
                yield rejected(node.line, BadRow(error.field, error.reason, where), node.text)


def _thread(root: Node, path: list[Node], options: Options) -> Iterator[Outcome]:
    replies = [reply for reply in path[-1].replies if reply.role == "assistant" and not reply.is_deleted]
    ranked = sorted((reply for reply in replies if reply.rank is not None), key=lambda reply: reply.rank or 0)
    chosen = ranked if len(ranked) > 1 else replies
    best = _best(chosen, options)
    if len(chosen) > 1:
        yield _comparison(root, path, chosen, options, is_ranked=len(ranked) > 1)
        yield from (Skipped(path[-1].line, "unranked_reply") for _ in range(len(replies) - len(chosen)))
    elif best is None:
        yield _row(root, path, options, "prompt")
        yield from (Skipped(path[-1].line, "single_reply") for _ in replies)
    if best is not None:
        yield _row(root, path, options, "demonstration", completion=checks.text(best.text, f"message {best.id}"))


def _best(replies: list[Node], options: Options) -> Node | None:
    """Return the one reply that ranks above all others, or is alone, if demonstrations are wanted."""
    if options.demonstrations == "none" or not replies:
        return None
    if len(replies) == 1:
        return replies[0]
    first, second = replies[:2]
    return first if first.rank is not None and first.rank != second.rank else None


def _comparison(root: Node, path: list[Node], replies: list[Node], options: Options, *, is_ranked: bool) -> Row:
    checks.completion_count(len(replies), "replies")
    texts = [checks.text(reply.text, f"replies[{place}].text") for place, reply in enumerate(replies)]
    checks.distinct(texts, "replies")
    source = options.source or SOURCE
    completions = [[text, reply.model or source] for text, reply in zip(texts, replies, strict=True)]
    if not is_ranked:
        return _row(root, path, options, "completions", completions=completions)
    tiers = [list(tier) for _, tier in groupby(range(len(replies)), key=lambda place: replies[place].rank)]
    return _row(root, path, options, "ranking", completions=completions, tiers=tiers)


def _row(root: Node, path: list[Node], options: Options, kind: str, **what: object) -> Row:
    messages: list[Message] = [
        {"role": _ROLES[node.role], "content": checks.text(node.text, f"message {node.id}")} for node in path
    ]
    return Row(
        line=path[-1].line,
        kind=kind,
        messages=checks.conversation(messages),
        group=root.tree_id,
        language=path[-1].language or options.language,
        source=options.source or SOURCE,
        **what,  # type: ignore[arg-type]
    )
