"""A completion does not tell a judge who made it; what it says of others stays."""

from __future__ import annotations

import pytest

from annotation.projects import masking
from annotation.projects.masking import MASK, masked


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("I am ChatGPT, trained by OpenAI.", f"I am {MASK}, trained by {MASK}."),
        ("I'm Claude, made by Anthropic.", f"I'm {MASK}, made by {MASK}."),
        ("As an AI model developed by OpenAI, I cannot.", f"As an AI model developed by {MASK}, I cannot."),
        ("I am a large language model called Vicuna.", f"I am a large language model called {MASK}."),
        ("i’m gemini, built by google deepmind", f"i’m {MASK}, built by {MASK}"),
        ("Ich bin Mistral, entwickelt von Mistral AI.", f"Ich bin {MASK}, entwickelt von {MASK}."),
        ("Jeg heter Qwen2.", f"Jeg heter {MASK}."),
    ],
)  # fmt: skip
def test_what_it_says_of_itself_is_hidden(said: str, shown: str) -> None:
    assert masked(said)[0] == shown


@pytest.mark.parametrize(
    "said",
    [
        "OpenAI published GPT-4 in 2023, and Google followed with Gemini.",
        "Claude Monet painted water lilies; I am fond of them.",
        "The bridge was built by Romans, the Pixel is made by Google.",
        "As a vicuna grazes, so does an alpaca.",
        "Microsoft was founded in 1975.",
        "",
    ],
)
def test_what_it_says_of_others_stays(said: str) -> None:
    assert masked(said) == (said, [])


def test_what_was_hidden_is_told() -> None:
    assert masked("I am Koala, trained by Meta AI.") == (f"I am {MASK}, trained by {MASK}.", ["Koala", "Meta AI"])


def test_every_name_has_a_stem_by_which_a_text_is_looked_through() -> None:
    said = {
        "ChatGPT", "Mixtral AI", "Mistral", "GPT-4", "Tulu", "Tülu", "Open Assistant", "OpenAssistant", "HuggingFace",
    } | {name for name in masking._NAMES if name.isalnum()}  # fmt: skip
    assert {name for name in said if masked(f"I am {name}.")[0] != f"I am {MASK}."} == set()
