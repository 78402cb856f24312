"""Digests and splits are stored and published: a change of any value here is a break with every release."""

from __future__ import annotations

from collections import Counter

import pytest

from annotation.tasks.splits import group_key_of, messages_sha256, split_of, task_sha256, text_sha256


def says(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


ASK = says("user", "What is a lease?")


def test_digests_are_the_ones_that_were_always_written() -> None:
    assert group_key_of([ASK]) == "719464c644b359ddd9cf57aeb0ff9948007ae2efb9e70e10f14479c0529dd95f"
    assert messages_sha256([ASK]) == "8385df96faaa5c7fc60a7ceb6e4a3ffde22966f8a325af602154c1e49f240ff6"
    assert text_sha256("Blåbærsyltetøy 🫐") == "e7f7e983243134fcab2b5aaa0f9faa60404e6645881f20ea098659d7443ee258"
    assert task_sha256(7, [3, 1, 2]) == "4339d73992eac2de00cb8c1e2898b9d26634c7ada4b2a624640957ac8689af70"


@pytest.mark.parametrize(
    ("key", "split"),
    [
        ("tree-38", "validation"),
        ("tree-43", "validation"),
        ("lease", "train"),
        ("tree-1", "train"),
        ("tree-17", "test"),
        ("tree-25", "test"),
    ],
)
def test_a_key_falls_where_it_always_fell(key: str, split: str) -> None:
    assert split_of(key) == split


def test_about_eight_in_ten_groups_train() -> None:
    shares = Counter(split_of(f"group {number}") for number in range(10_000))
    assert shares["train"] == pytest.approx(8000, abs=150)
    assert shares["validation"] == pytest.approx(1000, abs=100)
    assert shares["test"] == pytest.approx(1000, abs=100)


def test_prompts_with_one_first_question_are_one_group() -> None:
    spellings = ["What is a lease?", "  what IS a\n lease? ", "Ｗhat is a lease?"]
    longer = [says("system", "Be brief."), ASK, says("assistant", "A contract."), says("user", "Of what?")]
    assert len({group_key_of([says("user", spelling)]) for spelling in spellings} | {group_key_of(longer)}) == 1
    assert group_key_of([says("user", "What is a loan?")]) != group_key_of([ASK])


def test_the_same_completions_in_another_order_are_the_same_work() -> None:
    assert task_sha256(1, [2, 3]) == task_sha256(1, [3, 2])
    assert len({task_sha256(1, [2, 3]), task_sha256(1, [23]), task_sha256(12, [3]), task_sha256(1, [])}) == 4


def test_roles_and_places_of_messages_count() -> None:
    one, other = says("user", "a"), says("assistant", "a")
    assert len({messages_sha256(rows) for rows in ([one], [other], [one, one], [one, other], [other, one])}) == 5
