"""Demonstration: a person writes the ideal answer to a prompt, or the rest of the conversation up to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotation.projects.kinds.reading import Fields
from annotation.projects.kinds.settings import Number, Switch
from annotation.projects.kinds.shape import INSTRUCTION, Config, Kind, Payload

# What the author writes between the prompt and the last answer, over and over.
_ROLES = ("assistant", "user")


def check(payload: Payload, config: Config, labels: Sequence[Any]) -> Payload:
    fields = Fields(payload, ("completion", "turns"))
    limit = config["maximum_characters"]
    stored: Payload = {"completion": fields.text("completion", limit=limit, required=True)}
    turns = _turns(fields, config["maximum_turns"] if config["multi_turn"] else 0, limit)
    fields.done()
    return stored | ({"turns": turns} if config["multi_turn"] else {})


def _turns(fields: Fields, most: int, limit: int) -> list[dict[str, str]]:
    given = fields.items("turns", most=most)
    turns = []
    for place, turn in enumerate(given):
        inner = fields.inside(f"turns[{place}]", turn, ("role", "content"))
        if inner.payload.get("role") != (role := _ROLES[place % 2]):
            inner.fault("role", f"must be {role}: the turns alternate, and the first answers the prompt")
        turns.append({"role": role, "content": inner.text("content", limit=limit, required=True)})
    if len(given) % 2:
        fields.fault("turns", "must end with a turn of the user, which the completion then answers")
    return turns


KIND = Kind(
    key="demonstration",
    about="Write the ideal answer to a prompt.",
    minimum_completions=0,
    maximum_completions=0,
    check=check,
    settings=(
        INSTRUCTION,
        Number(
            name="maximum_characters",
            about="The most characters an answer may have.",
            default=20_000,
            minimum=1,
            maximum=200_000,
        ),
        Switch(name="multi_turn", about="The author may write further turns, the user's too, before the last answer."),
        Number(
            name="maximum_turns",
            about="The most turns that may be written before the last answer.",
            default=20,
            minimum=2,
            maximum=100,
        ),
    ),
    record="demonstrations",
    follow_ups=("score", "labels"),
)
