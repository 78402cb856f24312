"""Real files that others published, counted by hand."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models import QuerySet

from annotation.intake.models import ImportFile
from annotation.intake.queries import rejections_of
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.quality.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from annotation.tasks.models import Answer, Completion, Prompt, Task, TaskCompletion
from tests.annotation.intake.readers.reading import rows

DATA = Path(os.environ.get("BENNET_DATA", ""))

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files"),
]

Importer = Callable[..., ImportFile]


def test_hh_rlhf(bring_in: Importer) -> None:
    data = (DATA / "hh_rlhf_harmless" / "harmless-base_test.part.jsonl.gz").read_bytes()
    row = bring_in(data, name="harmless-base_test.part.jsonl.gz")
    assert (row.state, row.counts["read"], row.counts["rankings"], row.counts["duplicates"]) == ("done", 1851, 1845, 0)
    assert row.rejected_by_reason == {"unequal_prompts": 4, "empty_reply": 2}
    assert set(rejections_of(row).values_list("line", flat=True)) == {66, 411, 1337, 1554, 1556, 1627}
    assert Answer.objects.filter(annotator__source="hh_rlhf", annotator__external_id="unnamed-1").count() == 1845
    assert bring_in(data).counts["duplicates"] == 1845


def test_open_assistant_trees(bring_in: Importer) -> None:
    data = (DATA / "openassistant" / "en_100_tree.part.jsonl").read_bytes()
    row = bring_in(data, demonstrations="best")
    assert (row.state, row.counts["rejected"], row.counts["skipped"]) == ("done", 0, 1)
    sizes = Counter(task.completions.count() for task in Task.objects.filter(protocol__kind="ranking"))
    assert sizes == {2: 42, 3: 65, 4: 17, 5: 1, 6: 2, 8: 1, 9: 1}
    assert (sum(sizes.values()), sum(n * k * (k - 1) // 2 for k, n in sizes.items())) == (129, 443)
    assert Prompt.objects.values("group").distinct().count() == 60
    assert (row.counts["demonstrations"], row.counts["prompts"]) == (154, 277)
    messages = (DATA / "openassistant" / "en_100_message.part.jsonl").read_bytes()
    again = bring_in(messages)
    assert (again.counts["read"], again.counts["duplicates"]) == (277, 277)


@pytest.mark.parametrize(
    ("name", "prompts", "completions"),
    [
        ("prompt_lottery_en_250_text.part.jsonl", 150, 0),
        ("realistic_seed_data.json", 179, 161),
        ("test_generic_data.json", 6, 4),
    ],
)
def test_the_other_open_assistant_files(bring_in: Importer, name: str, prompts: int, completions: int) -> None:
    row = bring_in((DATA / "openassistant" / name).read_bytes(), name=name)
    assert (row.state, row.counts["rejected"]) == ("done", 0)
    assert (row.counts["prompts"], row.counts["completions"]) == (prompts, completions)


def test_gsm8k_by_column_mapping(bring_in: Importer) -> None:
    data = (DATA / "gsm8k" / "train.jsonl").read_bytes()
    mapping = {"prompt_column": "question", "completion_column": "answer"}
    row = bring_in(data, **mapping, source="gsm8k")
    assert (row.state, row.counts["read"], row.counts["demonstrations"]) == ("done", 7473, 7473)
    texts = [messages[0]["content"] for messages in Prompt.objects.values_list("messages", flat=True)]
    texts += Answer.objects.values_list("payload__completion", flat=True)
    assert [text.count("\u2028") for text in texts if "\u2028" in text] == [2]
    unmapped = bring_in(data)
    assert (unmapped.state, "prompt_column" in unmapped.error) == ("failed", True)


def test_label_studio_goes_in_whole(bring_in: Importer, project: Project) -> None:
    waiting = bring_in((DATA / "label_studio_rlhf" / "ls_input_data.json").read_bytes(), name="ls_input_data.json")
    assert (waiting.state, waiting.counts["tasks"], waiting.counts["rejected"]) == ("done", 32, 0)
    assert Task.objects.filter(state="open").count() == 32
    export = (DATA / "label_studio_rlhf" / "ls_output_data.json").read_bytes()
    row = bring_in(export, name="ls_output_data.json")
    assert (row.counts["comparisons"], row.counts["tasks"], row.counts["completions"]) == (32, 0, 0)
    assert Task.objects.filter(state="closed").count() == 32
    answers = Answer.objects.select_related("annotator")
    assert {(a.annotator.source, a.annotator.external_id) for a in answers} == {("label-studio", "2")}
    chosen = Counter(answer.shown_order.index(answer.payload["preferred"]) for answer in answers)
    assert chosen == {0: 18, 1: 14}
    assert min(answers.values_list("seconds", "submitted_at"))[0] > 0
    assert bring_in(export).counts["duplicates"] == 32


def test_pandalm_agrees_as_published(bring_in: Importer, project: Project) -> None:
    data = (DATA / "pandalm" / "testset-v1.json").read_bytes()
    row = bring_in(data, name="testset-v1.json")
    assert (row.state, row.counts["rejected"], row.counts["duplicates"]) == ("done", 0, 0)
    assert (row.counts["comparisons"], row.counts["tasks"], row.counts["prompts"]) == (2997, 999, 170)
    assert Completion.objects.filter(text="true").count() > 0
    assert Completion.objects.filter(text="").exists()
    verdicts = verdicts_of(Answer.objects.all())
    judges = [[item[f"annotator{number}"] for item in verdicts.values()] for number in (1, 2, 3)]
    pairs = [(judges[0], judges[1]), (judges[0], judges[2]), (judges[1], judges[2])]
    assert [cohen_kappa(*pair) for pair in pairs] == pytest.approx([0.8520, 0.8789, 0.8617], abs=0.00005)
    assert fleiss_kappa([Counter(item.values()) for item in verdicts.values()]) == pytest.approx(0.8642, abs=0.00005)
    assert bring_in(data).counts["duplicates"] == 2997


def test_tulu_keeps_sides_strengths_and_who_judged_twice(bring_in: Importer, project: Project) -> None:
    data = (DATA / "tulu_human_eval" / "eval_annotations_tulu_1.part.xlsx").read_bytes()
    row = bring_in(data, name="eval_annotations_tulu_1.part.xlsx")
    # Four times somebody came back to an item and judged otherwise than before, once alike.
    assert (row.state, row.rejected_by_reason, row.counts["duplicates"]) == ("done", {"contradiction": 4}, 1)
    assert (row.counts["read"], row.counts["comparisons"], row.counts["tasks"]) == (592, 587, 510)
    assert User.objects.filter(source="tulu").count() == 16
    answers = Answer.objects.all()
    strengths = Counter(answer.payload["strength"] for answer in answers)
    assert set(strengths) == {0, 1, 2}
    shown = {tuple(order) for order in answers.values_list("shown_order", flat=True)}
    assert any(order[::-1] in shown for order in shown)
    yes = sum(flags["acceptable"] for answer in answers for flags in answer.payload["outputs"].values())
    assert 930 <= yes <= 476 + 471
    assert bring_in(data).counts["duplicates"] == 588


def test_davidsons_votes_are_ballots_that_agree_as_published() -> None:
    read = rows((DATA / "davidson_hate_offensive" / "labeled_data.part.csv").read_bytes())
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    for row in read:
        votes[row.line][row.labels[0]] += 1
    assert (len(read), len(votes)) == (48_519, 14_965)
    assert krippendorff_alpha(votes.values()) == pytest.approx(0.5412, abs=0.00005)


@pytest.mark.slow
def test_davidsons_votes_are_answers_of_seats(bring_in: Importer, project: Project) -> None:
    data = (DATA / "davidson_hate_offensive" / "labeled_data.part.csv").read_bytes()
    row = bring_in(data, name="labeled_data.part.csv")
    assert (row.state, row.counts["rejected"], row.counts["duplicates"]) == ("done", 0, 0)
    assert (row.counts["tasks"], row.counts["labels"]) == (14_965, 48_519)
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    for task, labels in Answer.objects.values_list("task_id", "payload__labels"):
        votes[task][labels[0]] += 1
    assert krippendorff_alpha(votes.values()) == pytest.approx(0.5412, abs=0.00005)


def verdicts_of(answers: QuerySet[Answer]) -> dict[int, dict[str, int]]:
    """Return by task what each judge chose: 0 for a tie, else 1 or 2 for the response on that place."""
    place = {(row.task_id, row.completion_id): row.position + 1 for row in TaskCompletion.objects.all()}
    verdicts: dict[int, dict[str, int]] = defaultdict(dict)
    for task, judge, payload in answers.values_list("task_id", "annotator__external_id", "payload"):
        verdicts[task][judge] = place.get((task, payload["preferred"]), 0)
    return verdicts
