import pytest

from training.categories import CATEGORIES, EVALUATION_SET, LLAMA_GUARD, OPENAI, NoVerdict, in_order, read_guard


def test_there_are_openais_thirteen_keys_and_none_of_them_twice() -> None:
    assert len(OPENAI) == 13
    assert len({*CATEGORIES}) == len(CATEGORIES)
    assert {*EVALUATION_SET.values()} <= {*OPENAI}


def test_every_hazard_of_llama_guard_says_known_keys() -> None:
    assert [*LLAMA_GUARD] == [f"S{number}" for number in range(1, 15)]
    assert {name for names in LLAMA_GUARD.values() for name in names} <= {*CATEGORIES}


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("safe", ()),
        ("\n\nsafe\n", ()),
        ("unsafe\nS10", ("hate",)),
        ("\n\nunsafe\nS12, S1", ("illicit/violent", "sexual", "violence")),
        ("unsafe\nS9,S1", ("illicit/violent", "violence")),
    ],
)
def test_a_guards_answer_is_read(answer: str, names: tuple[str, ...]) -> None:
    assert read_guard(answer) == names


@pytest.mark.parametrize("answer", ["", "Safe.", "unsafe", "unsafe\nS15", "unsafe\nhate", "No. unsafe\nS1"])
def test_what_is_no_verdict_does_not_pass_for_safe(answer: str) -> None:
    with pytest.raises(NoVerdict, match="neither `safe` nor `unsafe`"):
        read_guard(answer)


def test_unknown_names_come_last() -> None:
    assert in_order(["zeal", "violence", "hate", "apathy", "hate"]) == ("hate", "violence", "apathy", "zeal")
