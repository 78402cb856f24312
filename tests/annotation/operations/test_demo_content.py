"""The demo project's files hold what their README promises; no database is needed to know."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import annotation.operations
from training import ranking

DEMO = Path(annotation.operations.__file__).parent / "demo"
CATEGORIES = {
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent",
    "self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors",
    "violence", "violence/graphic",
}  # fmt: skip
KINDS = {
    "demonstrations.jsonl": ("demonstration", 120, {"completion", "annotator", "source"}),
    "rankings.jsonl": ("ranking", 80, {"completions", "tiers", "annotator", "all_bad", "rationale"}),
    "waiting.jsonl": ("completions", 25, {"completions"}),
    "to_answer.jsonl": ("prompt", 30, set()),
}
PROMPT_FIELDS = {"kind", "id", "language", "messages", "tags"}
PEOPLE = {"Demo writer ": {"demonstrations.jsonl", "moderation.jsonl"}, "Demo judge ": {"rankings.jsonl"}}

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (DEMO / name).read_bytes().split(b"\n")[:-1]]


def conversation(row: Row) -> str:
    return json.dumps(row["messages"])


@pytest.mark.parametrize("path", sorted(DEMO.iterdir()), ids=lambda path: path.name)
def test_every_file_is_clean_utf8_text(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")

    assert text.endswith("\n")
    assert not set("\r\u2028\u2029\u0085\ufeff") & set(text)


@pytest.mark.parametrize("name", KINDS)
def test_every_line_has_its_kinds_fields(name: str) -> None:
    kind, at_least, fields = KINDS[name]
    lines = rows(name)

    assert len(lines) >= at_least
    for row in lines:
        assert row["kind"] == kind
        assert set(row) == PROMPT_FIELDS | fields, row["id"]


@pytest.mark.parametrize("name", KINDS)
def test_conversations_alternate_and_end_with_the_person(name: str) -> None:
    for row in rows(name):
        roles = [message["role"] for message in row["messages"]]
        expected = ["user", "assistant"] * (len(roles) // 2) + ["user"]

        assert roles == expected, row["id"]
        assert all(message["content"].strip() for message in row["messages"])


@pytest.mark.parametrize("name", KINDS)
def test_languages_are_english_and_bokmal(name: str) -> None:
    assert {row["language"] for row in rows(name)} == {"en", "nb"}


def test_demonstrations_are_varied_and_neither_curt_nor_endless() -> None:
    lines = rows("demonstrations.jsonl")

    assert sum(len(row["messages"]) > 1 for row in lines) >= 15
    assert sum(row["language"] == "nb" for row in lines) >= 12
    assert all(40 <= len(row["completion"].split()) <= 200 for row in lines)


@pytest.mark.parametrize("name", ["demonstrations.jsonl", "waiting.jsonl", "to_answer.jsonl"])
def test_a_prompt_stands_once_in_a_file(name: str) -> None:
    lines = rows(name)

    assert len({conversation(row) for row in lines}) == len({row["id"] for row in lines}) == len(lines)


def test_an_id_means_one_prompt_across_all_files() -> None:
    prompts = {(row["id"], conversation(row)) for name in KINDS for row in rows(name)}

    assert len({prompt_id for prompt_id, _ in prompts}) == len({text for _, text in prompts}) == len(prompts)


def test_work_that_waits_has_not_been_done() -> None:
    done = {row["id"] for name in ("demonstrations.jsonl", "rankings.jsonl") for row in rows(name)}

    assert done.isdisjoint(row["id"] for name in ("waiting.jsonl", "to_answer.jsonl") for row in rows(name))


@pytest.mark.parametrize(("name", "fewest", "most"), [("rankings.jsonl", 2, 5), ("waiting.jsonl", 3, 5)])
def test_completions_of_a_prompt_differ(name: str, fewest: int, most: int) -> None:
    for row in rows(name):
        completions = row["completions"]

        assert fewest <= len(completions) <= most
        assert len({each["id"] for each in completions}) == len(completions)
        assert len({each["text"].strip() for each in completions} - {""}) == len(completions), row["id"]


def test_tiers_rank_every_completion_once() -> None:
    for row in rows("rankings.jsonl"):
        ids = [each["id"] for each in row["completions"]]

        assert [list(tier) for tier in ranking.validate_tiers(row["tiers"], ids)] == row["tiers"]


def test_judges_of_one_prompt_saw_the_same_completions() -> None:
    shown: dict[str, Any] = {}

    for row in rows("rankings.jsonl"):
        assert shown.setdefault(row["id"], row["completions"]) == row["completions"]


def test_several_judges_mostly_but_not_always_agree() -> None:
    lines = rows("rankings.jsonl")
    by_prompt: dict[str, list[Row]] = {}
    for row in lines:
        by_prompt.setdefault(row["id"], []).append(row)
    thrice = [judged for judged in by_prompt.values() if len(judged) >= 3]
    best = [Counter(json.dumps(row["tiers"][0]) for row in judged).most_common(1)[0][1] for judged in thrice]

    assert len(by_prompt) >= 45
    assert len(thrice) >= 10
    assert all(len({row["annotator"] for row in judged}) == len(judged) for judged in by_prompt.values())
    assert any(count < 3 for count in best)
    assert sum(count >= 2 for count in best) > len(best) / 2


def test_rankings_show_ties_and_all_bad_and_reasons() -> None:
    lines = rows("rankings.jsonl")

    assert sum(row["all_bad"] for row in lines) == 2
    assert sum(any(len(tier) > 1 for tier in row["tiers"]) for row in lines) >= 10
    assert sum(bool(row["rationale"]) for row in lines) > len(lines) / 2


def test_people_are_plainly_fictional() -> None:
    for prefix, names in PEOPLE.items():
        people = {row["annotator"] for name in names for row in rows(name)}

        assert len(people) >= 3
        assert all(person.startswith(prefix) for person in people)


def test_moderation_labels_name_all_categories() -> None:
    lines = rows("moderation.jsonl")

    assert len({row["text"] for row in lines}) == len(lines) == 60
    assert all(set(row) == {"kind", "language", "text", "verdicts", "annotator"} for row in lines)
    assert all(set(row["verdicts"]) == CATEGORIES for row in lines)
    assert {json.dumps(label) for row in lines for label in row["verdicts"].values()} == {"true", "false", "null"}
    assert sum(not any(row["verdicts"].values()) for row in lines) >= 25


def test_moderation_has_an_example_of_each_category_but_one() -> None:
    shown = {category for row in rows("moderation.jsonl") for category, label in row["verdicts"].items() if label}

    assert CATEGORIES - shown == {"sexual/minors"}


def test_prose_is_long_enough_for_a_tiny_foundation_model_and_never_repeats() -> None:
    text = (DEMO / "text.txt").read_text(encoding="utf-8")
    paragraphs = [part for part in text.split("\n\n") if part.strip()]

    assert 28_000 <= len(text.encode()) <= 36_000
    assert len(set(paragraphs)) == len(paragraphs)
