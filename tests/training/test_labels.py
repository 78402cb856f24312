from pathlib import Path

import pytest

from tests.training.releases import label, write_release
from training.fields import RecordError
from training.labels import LabelledText, categories_of, read_labels, unlearned
from training.records import RankedCompletion


def test_people_who_judged_the_same_text_are_put_together(tmp_path: Path) -> None:
    rows = [
        label("one", {"hate": True}, record_id="1"),
        label("one", {"hate": False, "sexual": False}, record_id="2"),
        label("one", {"hate": True}, record_id="3"),
        label("elsewhere", {"hate": True}, "test"),
        label("one", {}, record_id="4", judgement="labels", payload={"labels": ["hateful"]}),
    ]
    texts, answers = read_labels(write_release(tmp_path / "release", judgements=rows), "train")
    assert answers == 3
    assert [(text.text, text.votes) for text in texts] == [("one", {"hate": (2, 1), "sexual": (0, 1)})]
    assert (texts[0].target("hate"), texts[0].majority("hate")) == (2 / 3, True)
    assert (texts[0].target("violence"), texts[0].majority("violence")) == (None, None)


def test_a_completion_is_judged_where_one_was_shown(tmp_path: Path) -> None:
    shown = label("the prompt", {"hate": False}, completions=(RankedCompletion("9", "the completion"),))
    texts, _ = read_labels(write_release(tmp_path / "release", judgements=[shown]), "train")
    assert texts[0].text == "the completion"


def test_half_against_half_is_learned_as_a_half_and_decided_by_nobody() -> None:
    text = LabelledText("x", "g", {"hate": (1, 1)})
    assert (text.target("hate"), text.majority("hate")) == (0.5, None)


def test_a_category_needs_a_yes_and_a_no() -> None:
    texts = [
        LabelledText("a", "a", {"violence": (1, 0), "hate": (1, 0), "sexual": (1, 1)}),
        LabelledText("b", "b", {"violence": (0, 1), "hate": (2, 1), "sexual": (0, 1)}),
    ]
    assert categories_of(texts) == ("violence",)
    assert unlearned(texts, ("violence",)) == ("hate", "sexual")


def test_a_payload_without_verdicts_is_refused_by_its_record(tmp_path: Path) -> None:
    release = write_release(tmp_path / "release", judgements=[label("x", {}, payload={"verdicts": {"hate": "yes"}})])
    with pytest.raises(RecordError, match=r"label-train-x: payload.verdicts must say true or false"):
        read_labels(release, "train")
