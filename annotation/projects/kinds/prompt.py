"""Prompt: a person writes what somebody might ask, plain, with examples, or for a use case.

Source: Ouyang et al. 2022 (arXiv:2203.02155), section 3.2: plain, few-shot and user-based prompts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotation.projects.kinds.reading import Fields
from annotation.projects.kinds.settings import InvalidConfig, Names, Number
from annotation.projects.kinds.shape import INSTRUCTION, Config, Kind, Payload

PLAIN, FEW_SHOT, USE_CASE = STYLES = ("plain", "few_shot", "use_case")
USE_CASE_CHARACTERS = 500


def check(payload: Payload, config: Config, labels: Sequence[Any]) -> Payload:
    fields = Fields(payload, ("style", "text", "shots", "use_case"))
    style = fields.choice("style", config["styles"])
    stored = {
        "style": style,
        "text": fields.text("text", limit=config["maximum_characters"], required=True),
        "shots": _shots(fields, style, config),
        "use_case": _use_case(fields, style, config["use_cases"]),
    }
    fields.done()
    return stored


def _shots(fields: Fields, style: str, config: Config) -> list[dict[str, str]]:
    given = fields.items("shots", most=config["maximum_shots"] if style == FEW_SHOT else 0)
    if style == FEW_SHOT and len(given) < config["minimum_shots"]:
        fields.fault("shots", f"must have at least {config['minimum_shots']}: add a query with its completion")
    shots = []
    for place, shot in enumerate(given):
        inner = fields.inside(f"shots[{place}]", shot, ("query", "completion"))
        limit = config["maximum_characters"]
        shots.append({name: inner.text(name, limit=limit, required=True) for name in ("query", "completion")})
    return shots


def _use_case(fields: Fields, style: str, use_cases: Sequence[str]) -> str:
    if use_cases:
        return fields.choice("use_case", use_cases, required=style == USE_CASE)
    return fields.text("use_case", limit=USE_CASE_CHARACTERS, required=style == USE_CASE)


def agree(config: Config) -> None:
    fewest, most = config["minimum_shots"], config["maximum_shots"]
    if fewest > most:
        raise InvalidConfig("minimum_shots", "is more than maximum_shots: lower it")


KIND = Kind(
    key="prompt",
    about="Write a prompt that somebody else will answer.",
    minimum_completions=0,
    maximum_completions=0,
    check=check,
    settings=(
        INSTRUCTION,
        Names(name="styles", about="The ways a prompt may be written.", default=STYLES, choices=STYLES, minimum=1),
        Names(name="use_cases", about="What a prompt may be for; empty for any, in the author's words."),
        Number(
            name="minimum_shots", about="The fewest examples in a few-shot prompt.", default=1, minimum=1, maximum=20
        ),
        Number(
            name="maximum_shots", about="The most examples in a few-shot prompt.", default=10, minimum=1, maximum=20
        ),
        Number(
            name="maximum_characters",
            about="The most characters of the prompt, and of each part of an example.",
            default=20_000,
            minimum=1,
            maximum=200_000,
        ),
    ),
    agree=agree,
    follow_ups=("demonstration", "labels"),
    has_brief=True,
)
