"""Rows as TRL's documentation has them; not seen on a published file, since none lies with the development data."""

from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows, skips
from tests.annotation.intake.readers.samples import ASK, BLUE, GREEN, SAMPLES


def test_prompts_and_completions_as_text_and_as_conversations() -> None:
    as_text, as_turns = (rows(lines_of(sample))[0] for sample in SAMPLES["trl_sft"])
    assert (as_text.kind, as_text.messages, as_text.completion) == (
        "demonstration",
        [{"role": "user", "content": "The sky is"}],
        "blue.",
    )
    assert (as_turns.kind, as_turns.messages, as_turns.completion) == ("demonstration", [ASK], "It is blue.")
    assert [rows(lines_of(sample))[0].kind for sample in SAMPLES["trl_prompt"]] == ["prompt", "prompt"]


def test_columns_of_the_same_names_give_the_same_rows() -> None:
    data = lines_of({"prompt": "Hi", "completion": "Hello."}, {"prompt": "Ho", "completion": None})
    assert rows(data, "trl_sft") == rows(data, "trl_prompt") == rows(data, "jsonl")
    assert [row.kind for row in rows(data)] == ["demonstration", "prompt"]


def test_a_completion_of_several_turns_is_its_last_after_the_others() -> None:
    (row, skipped) = outcomes(lines_of({"prompt": [ASK], "completion": [GREEN, ASK, BLUE]}))
    assert (row.messages, row.completion) == ([ASK, GREEN, ASK], "It is blue.")
    assert skipped.reason == "earlier_reply"


def test_five_ways_to_write_a_preference_give_one_ranking() -> None:
    read = [rows(lines_of(sample))[0] for sample in SAMPLES["trl_preference"]]
    assert {(row.kind, str(row.tiers)) for row in read} == {("ranking", "[[0], [1]]")}
    assert [row.messages[0]["content"] for row in read] == ["The sky is"] * 2 + [ASK["content"]] * 3
    assert [[text for text, _ in row.completions] for row in read[:2]] == [["blue.", "green."]] * 2
    assert [[text for text, _ in row.completions] for row in read[2:]] == [["It is blue.", "It is green."]] * 3


def test_what_both_sides_begin_with_ends_at_a_space() -> None:
    (row,) = rows(lines_of({"chosen": "Say green", "rejected": "Say grey"}))
    assert ([text for text, _ in row.completions], row.messages[0]["content"]) == (["green", "grey"], "Say")


def test_what_is_not_paired_is_good_or_bad_by_itself() -> None:
    read = [rows(lines_of(sample))[0] for sample in SAMPLES["trl_unpaired"]]
    assert [row.labels for row in read] == [["good"], ["bad"], ["good"], ["good"], ["bad"]]
    assert {row.kind for row in read} == {"labels"}
    assert {len(row.completions) for row in read} == {1}
    assert read[2].messages == [ASK]


def test_margins_and_tools_are_left_out_and_counted() -> None:
    extra = {"margin": 0.5, "tools": [{"name": "f"}], "images": [], "chat_template_kwargs": {"a": 1}}
    assert skips(lines_of(SAMPLES["trl_preference"][0] | extra)) == ["margin", "tools", "unread_field"]


@pytest.mark.parametrize(
    ("given", "format", "field", "reason"),
    [
        ({"prompt": 7}, "trl_prompt", "prompt", "wrong_type"),
        ({"prompt": [ASK], "completion": [ASK]}, "trl_preference", "chosen", "missing_field"),
        ({"prompt": [ASK], "chosen": [], "rejected": [BLUE]}, "trl_preference", "chosen", "wrong_type"),
        ({"prompt": [ASK], "chosen": [BLUE], "rejected": [ASK]}, "trl_preference", "rejected", "no_reply"),
        ({"prompt": [ASK], "chosen": [BLUE], "rejected": [BLUE]}, "trl_preference", "rejected", "identical_replies"),
        ({"prompt": "Hi", "chosen": [ASK, BLUE], "rejected": [ASK, GREEN]}, "trl_preference", "chosen",
         "unequal_prompts"),
        ({"chosen": [ASK, BLUE], "rejected": [GREEN, ASK, GREEN]}, "trl_preference", "rejected", "unequal_prompts"),
        ({"chosen": "Yes.", "rejected": "No."}, "trl_preference", "prompt", "unequal_prompts"),
        ({"prompt": "a", "completion": "b", "label": 1}, "trl_unpaired", "label", "wrong_type"),
        ({"prompt": "a", "completion": "b"}, "trl_unpaired", "kto_tag", "wrong_type"),
        ({"messages": [ASK], "label": True}, "trl_unpaired", "completion", "no_reply"),
        ({"messages": [BLUE], "label": True}, "trl_unpaired", "messages", "bad_messages"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_refused_and_the_next_is_read(
    given: dict[str, Any], format: str, field: str, reason: str
) -> None:
    data = lines_of(given, SAMPLES[format][0])
    assert refusals(data, format) == [(1, field, reason)]
    assert outcomes(data, format)[1].line == 2
