from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from annotation.tasks.sketches import ALIKE, SLOT_BYTES, SLOTS, Components, digests, likeness, runs_of, text_of


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def exactly(one: str, other: str) -> float:
    first, second = set(runs_of(text_of(said(one)))), set(runs_of(text_of(said(other))))
    return len(first & second) / len(first | second)


def test_likeness_is_near_the_share_of_runs_in_common() -> None:
    draw = random.Random(0)
    words = [f"word{number}" for number in range(500)]
    for _ in range(30):
        one = draw.choices(words, k=60)
        other = [draw.choice(words) if draw.random() < 0.15 else word for word in one]
        texts = " ".join(one), " ".join(other)
        first, second = digests(map(said, texts))
        assert abs(likeness(first, second) - exactly(*texts)) < 0.2


def test_case_spaces_and_width_of_letters_make_no_difference() -> None:
    first, second = digests([said("What is  a LEASE?"), said("what is\na ｌｅａｓｅ?")])
    assert first == second
    assert len(first) == SLOTS * SLOT_BYTES


def test_only_the_first_turn_of_a_person_counts() -> None:
    longer = [{"role": "system", "content": "Be kind."}, *said("Why?"), {"role": "assistant", "content": "So."}]
    assert len(set(digests([said("Why?"), [*longer, *said("And then?")]]))) == 1


def test_short_and_empty_texts_have_digests() -> None:
    assert len({*digests([said("a"), said("b"), [], said("日本語")])}) == 4


def test_near_duplicates_are_alike_and_others_are_not() -> None:
    prompts = ["How do I cook rice on a gas stove?", "How do I cook rice on a gas stove", "How do I knit a long scarf?"]
    one, near, far = digests(map(said, prompts))
    assert likeness(one, near) >= ALIKE > likeness(one, far)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_components_are_what_can_be_reached_and_go_by_their_lowest(pairs: list[tuple[int, int]]) -> None:
    components = Components()
    near: dict[int, set[int]] = {}
    for one, other in pairs:
        components.join(one, other)
        near.setdefault(one, {one}).add(other)
        near.setdefault(other, {other}).add(one)
    for number, lowest in components.all().items():
        reached, fresh = {number}, {number}
        while fresh:
            fresh = {other for one in fresh for other in near[one]} - reached
            reached |= fresh
        assert lowest == min(reached)
    assert set(components.all()) == set(near)
