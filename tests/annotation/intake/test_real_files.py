"""Real files that others published, counted by hand."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from annotation.intake.models import ImportFile
from annotation.intake.queries import rejections_of
from annotation.tasks.models import Answer, Prompt, Task

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
