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
from tests.annotation.intake.readers.reading import lines_of, rows
from tests.annotation.intake.test_actions import make_protocol

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


def test_llama_factorys_chinese_comparisons_of_which_eleven_stand_twice(bring_in: Importer) -> None:
    data = (DATA / "llama_factory_demo" / "dpo_zh_demo.json").read_bytes()
    row = bring_in(data, name="dpo_zh_demo.json")
    assert (row.state, row.counts["rankings"], row.counts["completions"]) == ("done", 289, 578)
    assert (row.counts["read"], row.counts["duplicates"], row.counts["rejected"], row.counts["skipped"]) == (
        300,
        11,
        0,
        0,
    )
    assert {len(prompt.messages) for prompt in Prompt.objects.all()} == {1, 2}


def test_llama_factorys_good_and_bad_replies_but_for_one_with_a_control_character(
    bring_in: Importer, project: Project
) -> None:
    row = bring_in((DATA / "llama_factory_demo" / "kto_en_demo.json").read_bytes(), name="kto_en_demo.json")
    assert (row.state, row.counts["labels"], row.counts["completions"]) == ("done", 299, 299)
    assert (row.rejected_by_reason, row.skipped_by_reason) == ({"control_character": 1}, {})
    labels = Counter(labels[0] for labels in Answer.objects.values_list("payload__labels", flat=True))
    assert sorted(labels.values()) == [149, 150]
    assert max(len(prompt.messages) for prompt in Prompt.objects.all()) == 11
    assert project.protocols.get(kind="labels").name.startswith("Good or bad")


def test_self_instructs_seed_tasks(bring_in: Importer) -> None:
    row = bring_in((DATA / "self_instruct" / "seed_tasks.jsonl").read_bytes())
    assert (row.state, row.counts["demonstrations"], row.counts["rejected"]) == ("done", 175, 0)


def test_vicunas_reviews_are_comparisons_by_their_reviewers(bring_in: Importer) -> None:
    files = sorted((DATA / "fastchat" / "vicuna_eval").rglob("*.jsonl"))
    data = b"".join(file.read_bytes() for file in files)
    row = bring_in(data)
    assert (row.state, row.rejected_by_reason) == ("done", {})
    assert [row.counts[name] for name in ("comparisons", "prompts", "completions", "tasks")] == [520, 40, 280, 520]
    assert User.objects.filter(source="fastchat").count() == 6
    assert bring_in(data).counts["duplicates"] == 520


def test_doccanos_labels_go_to_the_protocol_that_has_them(bring_in: Importer, project: Project, owner: User) -> None:
    data = (DATA / "doccano_formats" / "export" / "text_classification" / "example.jsonl").read_bytes()
    without = bring_in(data)
    assert (without.state, "no protocol of the kind labels" in without.error) == ("failed", True)
    make_protocol(project, "label", options=["positive", "negative"])
    assert bring_in(data).counts["labels"] == 3
    others = lines_of({"text": "Hm", "label": ["neutral"]})
    assert bring_in(others).rejected_by_reason == {"unlike_protocol": 1}


def test_novels_are_documents(bring_in: Importer, project: Project) -> None:
    data = (DATA / "jane_austen" / "emma.txt").read_bytes()
    row = bring_in(data, name="emma.txt")
    assert (row.state, row.found_format, row.counts["documents"]) == ("done", "text", 1)
    document = project.documents.get()
    assert (document.text, document.source_label) == (data.decode().strip("\n"), "emma.txt")
    assert not Prompt.objects.exists()
    assert bring_in(data).counts["duplicates"] == 1
    assert bring_in(data, text_unit="paragraph").counts["documents"] > 1_000


def test_sharegpts_sample_of_fastchat(bring_in: Importer) -> None:
    row = bring_in((DATA / "fastchat" / "dummy_conversation.json").read_bytes(), name="dummy_conversation.json")
    assert (row.state, row.counts["read"], row.counts["rejected"]) == ("done", 500, 0)
    assert row.counts["demonstrations"] + row.counts["duplicates"] == 500


def test_gsm8ks_solutions_are_as_often_right_as_they_say(bring_in: Importer) -> None:
    row = bring_in((DATA / "gsm8k" / "example_model_solutions.part.jsonl").read_bytes())
    assert (row.state, row.counts["rankings"], row.counts["completions"]) == ("done", 319, 4 * 319)
    assert row.skipped_by_reason == {"reference_answer": 319}
    payloads = list(Answer.objects.values_list("payload", flat=True))
    sizes = Counter(len(payload["tiers"][0]) for payload in payloads if len(payload["tiers"]) == 2)
    assert (sizes, sum(payload["all_bad"] for payload in payloads)) == ({1: 62, 2: 53, 3: 51}, 108)


def test_autojs_comparisons_of_which_one_stands_twice(bring_in: Importer) -> None:
    data = (DATA / "autoj_pairwise" / "testdata_pairwise.part.jsonl").read_bytes()
    row = bring_in(data)
    assert (row.state, row.counts["comparisons"], row.counts["duplicates"]) == ("done", 854, 1)
    verdicts = Counter(verdict for item in verdicts_of(Answer.objects.all()).values() for verdict in item.values())
    assert verdicts == {1: 324, 2: 308, 0: 222}
    assert bring_in(data).counts["duplicates"] == 855


@pytest.mark.parametrize(
    ("language", "cases", "alpha"),
    [
        ("arabic", 3570, 0.573),
        ("french", 3718, 0.328),
        ("german", 3645, 0.598),
        ("hindi", 3565, 0.722),
        ("polish", 3815, 0.794),
    ],
)
def test_hatechecks_coders_agree_as_published(language: str, cases: int, alpha: float) -> None:
    read = rows((DATA / "multilingual_hatecheck" / f"hatecheck_cases_final_{language}.csv").read_bytes())
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    for row in read:
        votes[row.line][row.labels[0]] += 1
    assert (len(read), len(votes)) == (3 * cases, cases)
    assert krippendorff_alpha(votes.values()) == pytest.approx(alpha, abs=0.0005)


def test_openai_moderations_missing_labels_are_unknown_and_not_no(bring_in: Importer) -> None:
    data = (DATA / "openai_moderation" / "samples-1680.part.jsonl.gz").read_bytes()
    row = bring_in(data, name="samples-1680.part.jsonl.gz")
    assert (row.state, row.error) == ("done", "")
    assert (row.counts["read"], row.counts["rejected"]) == (367, 0)
    said = [answer.payload for answer in Answer.objects.filter(task__protocol__kind="moderation_label")]
    assert len(said) == row.counts["labels"]
    assert Counter(payload["verdicts"].get("sexual") for payload in said) == {False: 167, True: 45, None: 155}
    assert all(("sexual" in payload["unknown"]) is ("sexual" not in payload["verdicts"]) for payload in said)


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
