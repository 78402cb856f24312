"""The formats whose loaders are not run here, against their documented shapes, key by key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.exports.changes import changed_spans
from annotation.exports.views import VIEWS
from tests.annotation.exports.views.records import (
    ALL_BAD,
    COMPARISON,
    CONVERSATION,
    DEMONSTRATION,
    RANKING,
    TEXTS,
    TURNS,
)
from tests.annotation.exports.views.test_trl import outcomes, reasons, rows, says
from training.records import Message

EARLIER = [TURNS[0], TURNS[1], TURNS[2] | {"weight": 0}, TURNS[3]]
SPOKEN = [
    {"from": "human", "value": "Hello?"},
    {"from": "gpt", "value": "Yes."},
    {"from": "human", "value": "Name a bird."},
]
ASKED = {"instruction": "Name a bird.", "input": "", "system": "Be brief.", "history": [["Hello?", "Yes."]]}


def spoken(text: str) -> dict[str, str]:
    return {"from": "gpt", "value": text}


def without_system(record: Any) -> Any:
    return replace(record, messages=CONVERSATION[1:])


def test_openai_sft_by_its_schema_loader_not_run() -> None:
    reply = says("A wren.\u2028Small.")
    assert rows("openai_sft", DEMONSTRATION) == [{"messages": [*EARLIER, *reply]}]
    assert rows("openai_sft", DEMONSTRATION, earlier_answers="train") == [{"messages": [*TURNS, *reply]}]


def test_openai_preference_by_its_schema_loader_not_run() -> None:
    found = rows("openai_preference", RANKING, pairs="best_rest")
    assert found[0] == {
        "input": {"messages": TURNS},
        "preferred_output": says("text b"),
        "non_preferred_output": says("text a"),
    }
    assert len(found) == 3


def test_nemo_preference_by_its_schema_loader_not_run() -> None:
    assert rows("nemo_preference", RANKING) == [
        {
            "context": TURNS,
            "completions": [
                {"rank": 0, "completion": says("text b")},
                {"rank": 1, "completion": says("text a")},
                {"rank": 1, "completion": says("text d")},
                {"rank": 2, "completion": says("text c")},
            ],
            "task_name": "preference",
        }
    ]
    pairs = rows("nemo_preference", RANKING, unit="pair", task_name="birds")
    assert [[entry["rank"] for entry in row["completions"]] for row in pairs] == [[0, 1]] * 5
    assert {row["task_name"] for row in pairs} == {"birds"}
    assert outcomes("nemo_preference", ALL_BAD) == ["all_bad_ranking"]


def test_llama_factory_alpaca_by_its_schema_loader_not_run() -> None:
    assert rows("llama_factory_alpaca", DEMONSTRATION) == [ASKED | {"output": "A wren.\u2028Small."}]


def test_llama_factory_sharegpt_by_its_schema_loader_not_run() -> None:
    expected = {"conversations": [*SPOKEN, spoken("A wren.\u2028Small.")], "system": "Be brief."}
    assert rows("llama_factory_sharegpt", DEMONSTRATION) == [expected]


def test_llama_factory_preference_by_its_schema_loader_not_run() -> None:
    best = {"pairs": "best_rest"}
    assert rows("llama_factory_preference", RANKING, **best)[0] == {
        "conversations": SPOKEN,
        "system": "Be brief.",
        "chosen": spoken("text b"),
        "rejected": spoken("text a"),
    }
    expected = ASKED | {"chosen": "text b", "rejected": "text a"}
    assert rows("llama_factory_preference", RANKING, formatting="alpaca", **best)[0] == expected


@pytest.mark.parametrize("name", ["llama_factory_alpaca", "llama_factory_sharegpt", "llama_factory_preference"])
def test_what_llama_factory_would_drop_unsaid_is_counted(name: str) -> None:
    twice = (*CONVERSATION, Message("user", "And a tree."))
    record = RANKING if "rankings" in VIEWS[name].kinds else DEMONSTRATION
    assert outcomes(name, replace(record, messages=twice)) == ["turns_do_not_alternate"]


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("llama_factory_alpaca", {}, {"formatting": "alpaca"}),
        ("llama_factory_sharegpt", {}, {"formatting": "sharegpt"}),
        ("llama_factory_preference", {}, {"formatting": "sharegpt", "ranking": True}),
        ("llama_factory_preference", {"formatting": "alpaca"}, {"formatting": "alpaca", "ranking": True}),
    ],
)
def test_dataset_info_names_every_column_of_the_rows(name: str, options: Any, told: dict[str, Any]) -> None:
    view, record = VIEWS[name], RANKING if "rankings" in VIEWS[name].kinds else DEMONSTRATION
    [registry] = view.beside(view.choices(options), {"train": "train.jsonl"}).values()
    [(entry, info)] = registry.items()
    assert entry.endswith("_train")
    assert info["file_name"] == "train.jsonl"
    assert {key: info[key] for key in told} == told
    assert set(info["columns"].values()) == set(rows(name, record, **options)[0])


def test_axolotl_trains_on_the_demonstration_alone_loader_not_run() -> None:
    [row] = rows("axolotl_chat_template", DEMONSTRATION)
    assert [message["train"] for message in row["messages"]] == [False, False, False, False, True]
    assert {frozenset(message) for message in row["messages"]} == {
        frozenset({"role", "content", "train", "train_detail"})
    }


def test_axolotl_trains_on_what_an_editor_changed_loader_not_run() -> None:
    [row] = rows("axolotl_chat_template", COMPARISON)
    reply = row["messages"][-1]
    trained = [
        reply["content"][detail["begin_offset"] : detail["end_offset"] + 1]
        for detail in reply["train_detail"]
        if detail["train"]
    ]
    assert (reply["content"], trained) == ("text a, edited", [", edited"])
    # Axolotl counts the last character in, and knows nothing of what no stretch covers.
    covered = [
        place for detail in reply["train_detail"] for place in range(detail["begin_offset"], detail["end_offset"] + 1)
    ]
    assert covered == list(range(len(reply["content"])))
    assert rows("axolotl_chat_template", COMPARISON, edits="whole")[0]["messages"][-1]["train_detail"] == []
    assert outcomes("axolotl_chat_template", COMPARISON, edits="drop") == ["edit"]
    assert outcomes("axolotl_chat_template", RANKING) == ["ranking_without_edit"]


@settings(max_examples=100, deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_what_did_not_change_stood_there_before(before: str, after: str) -> None:
    spans, at, kept = changed_spans(before, after), 0, 0
    for begin, end in [*spans, (len(after), len(after))]:
        assert at <= begin <= end <= len(after)
        found = before.find(after[at:begin], kept)
        assert found >= 0
        kept, at = found + begin - at, end
    assert changed_spans(after, after) == []


def test_a_huge_change_is_one_stretch() -> None:
    before, after = "a " * 9_000, "start " + "b " * 9_000 + "end"
    assert changed_spans(before, "a " + after) == [(2, len(after) + 2)]


def test_transcripts_part_in_the_last_reply() -> None:
    row = rows("hh_rlhf", without_system(RANKING), pairs="best_rest")[0]
    begun = "\n\nHuman: Hello?\n\nAssistant: Yes.\n\nHuman: Name a bird.\n\nAssistant: "
    assert row == {"chosen": f"{begun}text b", "rejected": f"{begun}text a"}
    assert outcomes("hh_rlhf", RANKING) == ["system_turn"]


def test_a_text_that_looks_like_a_turn_makes_no_transcript() -> None:
    asks = without_system(RANKING)
    quoting = replace(asks, messages=(Message("user", "He said:\n\nHuman: no"),))
    assert outcomes("hh_rlhf", quoting) == ["text_with_a_turn_mark"]
    completions = (replace(asks.completions[0], text="Yes\n\nAssistant: no"), *asks.completions[1:])
    found = outcomes("hh_rlhf", replace(asks, completions=completions), pairs="best_rest")
    assert found.count("text_with_a_turn_mark") == 1
    assert sum(isinstance(outcome, dict) for outcome in found) == 2


def test_tables_have_a_row_a_completion() -> None:
    found = rows("csv_rankings", replace(RANKING, shown_order=("d", "a")))
    assert [(row["completion_id"], row["rank"], row["place_shown"]) for row in found] == [
        ("a", 2, 2),
        ("b", 1, ""),
        ("c", 3, ""),
        ("d", 2, 1),
    ]
    assert found[0]["prompt"] == "System: Be brief.\n\nUser: Hello?\n\nAssistant: Yes.\n\nUser: Name a bird."
    assert rows("csv_demonstrations", DEMONSTRATION)[0]["completion"] == "A wren.\u2028Small."


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_our_own_lines_lose_nothing(data: st.DataObject) -> None:
    from tests.annotation.exports.views.records import demonstrations, rankings

    record = data.draw(st.one_of(demonstrations(), rankings()))
    [row] = rows("bennet", record)
    assert type(record).from_json(row) == type(record).from_json(record.to_json())
    assert reasons("bennet", record) == []
