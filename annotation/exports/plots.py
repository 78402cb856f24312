"""Bars as SVG that stands in a Markdown file: no script, no font of its own, readable on white and on black. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, ROW, LABEL, VALUE = 640, 22, 150, 80


def bars(title: str, counts: Sequence[tuple[str, float]]) -> str:
    """Return horizontal bars, one a row, with their numbers. Labels are escaped: they may be anybody's text."""
    most = max([number for _, number in counts] or [0]) or 1
    room = WIDTH - LABEL - VALUE
    drawn = [_bar(place, label, number, room * number / most) for place, (label, number) in enumerate(counts)]
    height = ROW * len(counts) + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" font-family="sans-serif" font-size="12" fill="#808080"><title>{escape(title)}</title>'
        + "".join(drawn)
        + "</svg>"
    )


def _bar(place: int, label: str, number: float, length: float) -> str:
    top = ROW * place + 4
    text = f'y="{top + 13}"'
    return (
        f'<text x="{LABEL - 8}" {text} text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LABEL}" y="{top}" width="{length:.1f}" height="{ROW - 6}" fill="#2a78d6"/>'
        f'<text x="{LABEL + length + 6:.1f}" {text}>{number:,.0f}</text>'
    )
