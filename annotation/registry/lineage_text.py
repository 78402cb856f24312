"""A lineage as text: one tree back to where something comes from, one on to what was made of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from annotation.registry.lineage import KINDS, Graph, Node, Reason

BACK, ON = "Made of", "Made from it"
# What a node of many stands for; a row's kind is its word as it is.
_MANY = {"answers": ("answer", "answers"), "people": ("person", "people")}


_KINDS = {"work": "by who gave them", "prompt": "of a prompt", "strike": "by a manager's strike"}
Reasons = Mapping[str, Sequence[Reason]]


@dataclass
class _Tree:
    graph: Graph
    reasons: Reasons
    # {node: those below it}.
    edges: Mapping[str, list[str]]
    told: set[str] = field(default_factory=set)

    def below(self, of: str, indent: str = "") -> Iterator[str]:
        self.told.add(of)
        shown = _in_order(self.graph.nodes[id] for id in self.edges.get(of, ()))
        for place, node in enumerate(shown):
            is_last, again = place == len(shown) - 1, node.id in self.told
            yield f"{indent}{'└─' if is_last else '├─'} {said(node, self.reasons)}{' (above)' if again else ''}"
            if not again:
                yield from self.below(node.id, f"{indent}{'   ' if is_last else '│  '}")


def lines_of(graph: Graph, subject: str, reasons: Reasons) -> list[str]:
    """Return both trees with the subject at their roots. What stands in a tree already is named, not told again."""
    back: dict[str, list[str]] = {}
    on: dict[str, list[str]] = {}
    for origin, made in graph.edges:
        back.setdefault(made, []).append(origin)
        on.setdefault(origin, []).append(made)
    lines = [said(graph.nodes[subject], reasons)]
    for title, edges in ((BACK, back), (ON, on)):
        if edges.get(subject):
            lines += ["", f"{title}:", *_Tree(graph, reasons, edges).below(subject)]
    return [*lines, "", "There is more than is shown."] if graph.is_cut else lines


def to_json(graph: Graph, subject: str, reasons: Reasons) -> dict[str, Any]:
    """Return the graph as the API tells it, and which node was asked for."""
    nodes = [
        {**vars(node), "reasons": [vars(reason) | {"last_at": _day(reason)} for reason in reasons.get(node.id, ())]}
        for node in graph.nodes.values()
    ]
    edges = [{"origin": origin, "made": made} for origin, made in graph.edges]
    return {"subject": subject, "nodes": nodes, "edges": edges, "is_cut": graph.is_cut}


def said(node: Node, reasons: Reasons) -> str:
    stale = "; ".join(_why(reason) for reason in reasons.get(node.id, ()))
    return f"{_named(node)}, stale: {stale or 'it holds what was withdrawn'}" if node.is_stale else _named(node)


def _named(node: Node) -> str:
    if node.kind in _MANY and node.row is None:
        return _number(node.count or 0, node.kind)
    if node.kind == "answers":
        # One answer goes by its number: its label is the protocol that asked for it.
        return f"answer {node.row}, {node.label}"
    return f"{node.kind} {node.label}" + (f" ({_number(node.count, 'answers')})" if node.count else "")


def _why(reason: Reason) -> str:
    what = f"{_number(reason.answers, 'answers')} withdrawn" if reason.answers is not None else "answers withdrawn"
    return f"{what} {_KINDS[reason.kind]}, last on {_day(reason)[:10]}"


def _number(number: int, kind: str) -> str:
    return f"{number:,} {_MANY[kind][number != 1]}"


def _day(reason: Reason) -> str:
    return reason.last_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _in_order(nodes: Iterable[Node]) -> list[Node]:
    """People before protocols and guidelines, of each kind the newest last."""
    order = ("person", "people", *(kind for kind in KINDS if kind not in ("person", "people")))
    return sorted(nodes, key=lambda node: (order.index(node.kind), node.row or 0))
