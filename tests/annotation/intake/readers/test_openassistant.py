from __future__ import annotations

import json
from typing import Any

import pytest

from annotation.intake.rows import BadFile, Row
from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows, skips


def message(name: str, role: str, replies: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    given = {"message_id": name, "role": role, "text": f"Text of {name}", "lang": "en", "replies": replies or []}
    return given | more


def tree(prompt: dict[str, Any], name: str = "tree-1") -> dict[str, Any]:
    return {"message_tree_id": name, "tree_state": "ready_for_export", "prompt": prompt}


def ranked(count: int) -> list[dict[str, Any]]:
    return [message(f"a{rank}", "assistant", rank=rank) for rank in reversed(range(count))]


def kinds(read: list[Row]) -> list[str]:
    return [row.kind for row in read]


def test_ranked_replies_become_a_ranking_best_first_in_the_trees_group() -> None:
    (row,) = rows(lines_of(tree(message("p", "prompter", ranked(3)))))
    assert (row.kind, row.group, row.language, row.source) == ("ranking", "tree-1", "en", "openassistant")
    assert [text for text, _ in row.completions] == ["Text of a0", "Text of a1", "Text of a2"]
    assert row.tiers == [[0], [1], [2]]


def test_replies_with_one_rank_share_a_tier_and_models_are_named() -> None:
    replies = [
        message("a", "assistant", rank=1),
        message("b", "assistant", rank=0, synthetic=True, model_name="chip"),
        message("c", "assistant", rank=1),
    ]
    (row,) = rows(lines_of(tree(message("p", "prompter", replies))))
    assert row.tiers == [[0], [1, 2]]
    assert row.completions[0] == ["Text of b", "chip"]


def test_a_thread_goes_down_to_every_prompter() -> None:
    second = message("p2", "prompter", ranked(2))
    first = message("p1", "prompter", [message("a", "assistant", [second])])
    prompt, ranking = rows(lines_of(tree(first)))
    assert kinds([prompt, ranking]) == ["prompt", "ranking"]
    assert [m["role"] for m in ranking.messages] == ["user", "assistant", "user"]


def test_the_best_or_only_reply_is_a_demonstration_when_asked_for() -> None:
    single = message("p2", "prompter", [message("only", "assistant")])
    replies = [message("a0", "assistant", [single], rank=0), message("a1", "assistant", rank=1)]
    data = lines_of(tree(message("p", "prompter", replies)))
    read = rows(data, demonstrations="best")
    assert kinds(read) == ["ranking", "demonstration", "demonstration"]
    assert [row.completion for row in read[1:]] == ["Text of a0", "Text of only"]
    assert skips(data) == ["single_reply"]


def test_unranked_replies_wait_to_be_ranked() -> None:
    (row,) = rows(lines_of(tree(message("p", "prompter", [message("a", "assistant"), message("b", "assistant")]))))
    assert (row.kind, len(row.completions)) == ("completions", 2)


def test_deleted_messages_are_skipped_with_all_that_follows_them() -> None:
    below = message("p2", "prompter", [message("b0", "assistant", rank=0), message("b1", "assistant", rank=1)])
    replies = [*ranked(2), message("gone", "assistant", [below], rank=2, deleted=True)]
    data = lines_of(tree(message("p", "prompter", replies)))
    assert len(rows(data)[0].completions) == 2
    assert skips(data) == ["deleted_message"] * 4


def test_a_message_file_and_a_flat_list_give_what_the_tree_gives() -> None:
    root = message("p", "prompter", ranked(3))
    flat = [root | {"parent_id": None}, *(reply | {"parent_id": "p"} for reply in root["replies"])]
    for entry in flat:
        entry.pop("replies")
    as_list = [
        {"user_message_id": m["message_id"], "parent_message_id": m["parent_id"], "role": m["role"], "text": m["text"]}
        for m in flat
    ]
    by_tree = rows(lines_of(root))[0].to_json()
    assert by_tree["group"] == "p"
    assert rows(lines_of(*reversed(flat)))[0].to_json() == by_tree
    (unranked,) = rows(json.dumps(as_list, indent=1).encode())
    assert (unranked.kind, unranked.line, len(unranked.completions)) == ("completions", 2, 3)


def test_bare_strings_are_prompts() -> None:
    assert [row.messages[0]["content"] for row in rows(b'"Why?"\n"How?"\n')] == ["Why?", "How?"]


@pytest.mark.parametrize(
    ("prompt", "field", "reason"),
    [
        (message("p", "prompter", [message("a", "assistant", [message("p", "prompter")])]), "message_id", "cycle"),
        (message("p", "prompter", [message("a", "assistant"), message("a", "assistant")]), "message_id",
         "duplicate_id"),
        (message("p", "prompter", [message("a", "assistant", parent_id="z")]), "parent_id", "missing_parent"),
        (message("p", "prompter", parent_id="z"), "parent_id", "missing_parent"),
        (message("p", "pirate"), "role", "bad_role"),
        (message("p", "prompter", text=None), "text", "missing_field"),
        (message("p", "prompter", [message("a", "assistant", rank="best")]), "rank", "wrong_type"),
        (message("p", "prompter", ranked(10)), "replies", "too_many_completions"),
        (message("p", "prompter", [message("a", "assistant", text="Same", rank=0),
                                   message("b", "assistant", text="Same ", rank=1)]), "replies[1]",
         "repeated_completion"),
        (message("p", "prompter", text="\x00"), "message p", "control_character"),
    ],
)  # fmt: skip
def test_a_bad_tree_is_refused_and_the_next_is_read(prompt: dict[str, Any], field: str, reason: str) -> None:
    data = lines_of(tree(prompt), tree(message("good", "prompter"), "tree-2"))
    assert refusals(data) == [(1, field, reason)]
    assert [outcome.line for outcome in outcomes(data) if isinstance(outcome, Row)] == [2]


def test_a_flat_list_with_a_cycle_a_gap_and_a_repeated_id_keeps_its_good_tree() -> None:
    def flat(name: str, parent: str | None, role: str = "prompter") -> dict[str, Any]:
        return {"message_id": name, "parent_id": parent, "role": role, "text": f"Text of {name}"}

    data = lines_of(
        flat("good", None), flat("a", "b"), flat("b", "a", "assistant"), flat("lost", "nowhere"), flat("good", None),
        flat("below", "lost", "assistant"),
    )  # fmt: skip
    assert sorted(refusals(data)) == [
        (2, "parent_id", "cycle"),
        (3, "parent_id", "cycle"),
        (4, "parent_id", "missing_parent"),
        (5, "message_id", "duplicate_id"),
        (6, "parent_id", "missing_parent"),
    ]
    assert [outcome.line for outcome in outcomes(data) if isinstance(outcome, Row)] == [1]


def test_a_thread_without_end_is_cut() -> None:
    deep: dict[str, Any] = message("m250", "prompter")
    for number in reversed(range(250)):
        deep = message(f"m{number}", "prompter" if number % 2 == 0 else "assistant", [deep])
    read = outcomes(lines_of(tree(deep)))
    assert len([outcome for outcome in read if isinstance(outcome, Row)]) == 100
    assert refusals(lines_of(tree(deep))) == [(1, "replies", "too_deep")]


def test_a_flat_list_too_large_for_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.intake.readers.openassistant.MAXIMUM_FLAT_BYTES", 200)
    flat = [{"message_id": str(n), "parent_id": None, "role": "prompter", "text": "Hi"} for n in range(10)]
    with pytest.raises(BadFile, match="whole trees"):
        outcomes(lines_of(*flat))
    with pytest.raises(BadFile, match="whole trees"):
        outcomes(json.dumps(flat, indent=1).encode(), "openassistant")
