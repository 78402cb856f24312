from __future__ import annotations

import pytest

from annotation.tasks.lint import Context, Shown
from annotation.tasks.lint.copying import near_copy

PROMPT = "Explain to a child why the sky is blue and why it turns red when the sun goes down in the evening."
OTHER = "Light is scattered by the air, and blue light most of all; in the evening it has a longer way to go."
JAPANESE = "空が青い理由と、夕方に赤くなる理由を子供に説明してください。"


def told(text: str, *shown: Shown) -> list[dict[str, str]]:
    return [dict(advice.values) for advice in near_copy(text, Context(shown))]


def test_the_prompt_itself_is_a_copy() -> None:
    assert told(PROMPT, Shown("prompt", PROMPT)) == [{"of": "prompt", "percent": "100"}]


def test_a_word_changed_here_and_there_leaves_a_copy() -> None:
    changed = PROMPT.replace("child", "kid").upper()
    (advice,) = told(changed, Shown("prompt", PROMPT))
    assert advice["of"] == "prompt"
    assert 80 <= int(advice["percent"]) < 100


def test_of_several_the_one_copied_most_is_named() -> None:
    shown = (Shown("prompt", "Why?"), Shown("prompt", PROMPT), Shown("c1", "Because."), Shown("c2", OTHER))
    assert told(OTHER, *shown) == [{"of": "c2", "percent": "100"}]
    assert told(PROMPT, *shown) == [{"of": "prompt", "percent": "100"}]


def test_a_text_without_spaces_is_compared_too() -> None:
    assert told(JAPANESE, Shown("prompt", JAPANESE)) == [{"of": "prompt", "percent": "100"}]
    assert told("太陽の光は空気で散らばり、青い光がいちばんよく散らばります。", Shown("prompt", JAPANESE)) == []


@pytest.mark.parametrize(
    "text", ["", "Yes.", "Why is the sky blue?", OTHER, f"You ask: “{PROMPT}” {OTHER} {OTHER} {OTHER}"]
)
def test_an_answer_of_ones_own_is_none(text: str) -> None:
    assert told(text, Shown("prompt", PROMPT), Shown("c1", "")) == []


def test_nothing_shown_nothing_copied() -> None:
    assert told(PROMPT) == []


def test_the_passage_is_what_was_copied() -> None:
    text = f"Well. {PROMPT}"
    (advice,) = near_copy(text, Context([Shown("prompt", PROMPT)]))
    assert text[advice.start : advice.end] == PROMPT.rstrip(".")
