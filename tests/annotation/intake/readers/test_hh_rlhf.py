from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.intake.readers.reading import lines_of, refusals, rows

PREFIX = "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Is tea good?\n\nAssistant:"


def pair(chosen: Any, rejected: Any) -> bytes:
    return lines_of({"chosen": chosen, "rejected": rejected})


def test_a_pair_becomes_a_prompt_and_a_ranking_of_two() -> None:
    (row,) = rows(pair(PREFIX + " Yes.", PREFIX + " No, and\n\nnever."))
    assert row.messages == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "Is tea good?"},
    ]
    assert row.completions == [["Yes.", "hh_rlhf"], ["No, and\n\nnever.", "hh_rlhf"]]
    assert (row.kind, row.tiers, row.source, row.annotator) == ("ranking", [[0], [1]], "hh_rlhf", "")


@pytest.mark.parametrize(
    ("chosen", "rejected", "field", "reason"),
    [
        (PREFIX + " Yes.", PREFIX.replace("tea", "coffee") + " No.", "rejected", "unequal_prompts"),
        (PREFIX + " Yes.", PREFIX + " No.\n\nHuman: Why?\n\nAssistant: So.", "rejected", "unequal_prompts"),
        (PREFIX + " ", PREFIX + " No.", "chosen", "empty_reply"),
        (PREFIX + " Yes.", PREFIX, "rejected", "empty_reply"),
        (PREFIX + " Yes.", PREFIX + "  Yes. ", "rejected", "identical_replies"),
        (PREFIX + " Yes.", "\n\nHuman: Hi", "rejected", "bad_transcript"),
        (PREFIX + " Yes.\n\nHuman: Why?", PREFIX + " No.", "chosen", "bad_transcript"),
        ("Hello\n\nAssistant: Yes.", "Hello\n\nAssistant: No.", "chosen", "bad_transcript"),
        ("\n\nHuman: \n\nAssistant: Yes.", "\n\nHuman: \n\nAssistant: No.", "messages[0].content", "empty_text"),
        ("\n\nAssistant: Yes.", "\n\nAssistant: No.", "chosen", "bad_transcript"),
        (PREFIX + " Yes\x08.", PREFIX + " No.", "chosen", "control_character"),
        (None, PREFIX + " No.", "chosen", "missing_field"),
        (["Yes."], PREFIX + " No.", "chosen", "wrong_type"),
    ],
)
def test_a_pair_that_cannot_be_compared_is_refused(chosen: Any, rejected: Any, field: str, reason: str) -> None:
    assert refusals(pair(chosen, rejected), "hh_rlhf") == [(1, field, reason)]
