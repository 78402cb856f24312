"""Trees of messages out of nested replies or flat lists by parent; cycles and gaps are refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from annotation.intake import checks
from annotation.intake.rows import BadRow, Rejected, rejected

ROLES = ("prompter", "assistant")


@dataclass(slots=True)
class Node:
    line: int
    id: str
    parent_id: str
    role: str
    text: str
    rank: int | None = None
    is_deleted: bool = False
    language: str = ""
    model: str = ""
    tree_id: str = ""
    replies: list[Node] = field(default_factory=list)

    def with_descendants(self) -> Iterator[Node]:
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.replies)


def has_replies_inside(value: dict[str, Any]) -> bool:
    """Tell a tree, or its root message, from one message of a flat list."""
    return isinstance(value.get("prompt"), dict) or isinstance(value.get("replies"), list)


def nested(line: int, value: Any) -> Node:
    """Return the root of a tree whose replies stand inside their parents. Raise BadRow for the whole tree."""
    if not isinstance(value, dict):
        raise BadRow("", "wrong_type", "A line must hold a tree, a message or a prompt's text.")
    inside = value.get("prompt", value)
    root = _node(line, inside)
    if root.parent_id:
        raise BadRow("parent_id", "missing_parent", f"The first message {root.id} names a parent, which is not there.")
    root.tree_id = checks.label(value.get("message_tree_id"), "message_tree_id", limit=200) or root.id
    seen, waiting = {root.id}, [(root, inside, frozenset({root.id}))]
    while waiting:
        node, given, ancestors = waiting.pop()
        for reply_given in _replies_of(given, node):
            reply = _node(line, reply_given)
            _check_place(reply, node, seen, ancestors)
            seen.add(reply.id)
            node.replies.append(reply)
            waiting.append((reply, reply_given, ancestors | {reply.id}))
    return root


def forest(elements: Iterable[tuple[int, Any]]) -> tuple[list[Node], list[Rejected]]:
    """Return the roots of a flat list of (line, message), and every message that hangs on none of them."""
    nodes: dict[str, Node] = {}
    refused = []
    for line, value in elements:
        try:
            node = _node(line, value)
            if node.id in nodes:
                first = nodes[node.id].line
                raise BadRow("message_id", "duplicate_id", f"Message {node.id} stands on line {first} already.")
            nodes[node.id] = node
        except BadRow as error:
            refused.append(rejected(line, error, _text_of(value)))
    roots = [node for node in nodes.values() if not node.parent_id]
    refused += _hang(nodes, roots)
    return roots, refused


def _text_of(value: Any) -> str:
    text = value.get("text") if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""


def _hang(nodes: dict[str, Node], roots: list[Node]) -> Iterator[Rejected]:
    children: dict[str, list[Node]] = {}
    for node in nodes.values():
        children.setdefault(node.parent_id, []).append(node)
    reached = set()
    for root in roots:
        root.tree_id = root.id
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        reached.add(node.id)
        node.replies = children.get(node.id, [])
        waiting.extend(node.replies)
    lost = (node for node in nodes.values() if node.id not in reached)
    return (rejected(node.line, _why_lost(node, nodes), node.text) for node in lost)


def _why_lost(node: Node, nodes: dict[str, Node]) -> BadRow:
    seen = set()
    while node.parent_id in nodes and node.id not in seen:
        seen.add(node.id)
        node = nodes[node.parent_id]
    if node.id in seen:
        return BadRow("parent_id", "cycle", f"The parents of this message lead in a circle through {node.id}.")
    return BadRow("parent_id", "missing_parent", f"The parent {node.parent_id} of {node.id} is not in the file.")


def _check_place(reply: Node, parent: Node, seen: set[str], ancestors: frozenset[str]) -> None:
    if reply.id in ancestors:
        raise BadRow("message_id", "cycle", f"Message {reply.id} stands below itself.")
    if reply.id in seen:
        raise BadRow("message_id", "duplicate_id", f"Message {reply.id} stands twice in this tree.")
    if reply.parent_id and reply.parent_id != parent.id:
        message = f"Message {reply.id} names the parent {reply.parent_id} but stands below {parent.id}."
        raise BadRow("parent_id", "missing_parent", message)


def _node(line: int, given: Any) -> Node:
    if not isinstance(given, dict):
        raise BadRow("", "wrong_type", "A message must be an object with message_id, role and text.")
    own_id, parent = "message_id", "parent_id"
    if "user_message_id" in given:
        own_id, parent = "user_message_id", "parent_message_id"
    name = checks.text(given.get(own_id), own_id, limit=200)
    role, rank = given.get("role"), given.get("rank")
    if role not in ROLES:
        raise BadRow("role", "bad_role", f"The role of message {name} must be prompter or assistant.")
    if rank is not None and (not isinstance(rank, int) or isinstance(rank, bool)):
        raise BadRow("rank", "wrong_type", f"The rank of message {name} must be a whole number or null.")
    if not isinstance(given.get("text"), str):
        raise BadRow("text", "missing_field", f"Message {name} has no text.")
    is_model = checks.flag(given.get("synthetic"), "synthetic")
    return Node(
        line=line,
        id=name,
        parent_id=checks.label(given.get(parent), parent, limit=200),
        role=role,
        text=given["text"],
        rank=rank,
        is_deleted=checks.flag(given.get("deleted"), "deleted"),
        language=checks.label(given.get("lang"), "lang", limit=16),
        model=checks.label(given.get("model_name"), "model_name", limit=200) if is_model else "",
    )


def _replies_of(given: dict[str, Any], node: Node) -> list[Any]:
    replies = given.get("replies")
    if replies is not None and not isinstance(replies, list):
        raise BadRow("replies", "wrong_type", f"The replies of message {node.id} must be a list.")
    return replies or []
