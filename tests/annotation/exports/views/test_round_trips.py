"""For each format that is read as well: what was read and is written again says the same, row for row."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from annotation.exports import view_files
from annotation.exports.views import VIEWS
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import READERS
from annotation.intake.rows import Row, Skipped
from tests.annotation.exports.views.test_views import stored
from training.handover import dump_line
from training.records import DemonstrationRecord, Message, RankedCompletion, RankingRecord

# What people write, as intake keeps it: no space around it, no control characters, never nothing.
SAID = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=30),
    st.sampled_from(["=1+1", "«Ja», sa hun.", "one\n\ntwo", "\u2028end", "🦉", "a " * 3_000 + "b", '"', "Human: hi"]),
).map(str.strip)
SAID = SAID.filter(bool)

READ_BY = {
    "trl_sft": "trl_sft",
    "trl_sft_prompt_completion": "trl_sft",
    "trl_prompt": "trl_prompt",
    "trl_preference": "trl_preference",
    "openai_sft": "openai_chat",
    "openai_preference": "openai_preference",
    "llama_factory_sharegpt": "sharegpt",
    "llama_factory_alpaca": "alpaca",
    "llama_factory_preference": "llama_factory_preference",
    "nemo_preference": "nemo_preference",
    "hh_rlhf": "hh_rlhf",
}
NO_SYSTEM = {"hh_rlhf"}


@st.composite
def asked(draw: st.DrawFn, *, may_have_system: bool) -> list[dict[str, str]]:
    """A conversation in turn, begun and ended by the user."""
    spoken = draw(st.lists(SAID, min_size=1, max_size=5).filter(lambda texts: len(texts) % 2 == 1))
    turns = [{"role": "assistant" if place % 2 else "user", "content": text} for place, text in enumerate(spoken)]
    if may_have_system and draw(st.booleans()):
        turns.insert(0, {"role": "system", "content": draw(SAID)})
    return turns


@st.composite
def records(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A record that the format can carry: a demonstration, or a ranking of completions that differ."""
    turns = draw(asked(may_have_system=name not in NO_SYSTEM))
    shared: dict[str, Any] = {
        "record_id": "1", "prompt_id": "2", "group": "g", "split": "train",
        "messages": tuple(Message(**turn) for turn in turns),
    }  # fmt: skip
    if "demonstrations" in VIEWS[name].kinds:
        return stored(DemonstrationRecord(**shared, completion=draw(SAID)))
    texts = draw(st.lists(SAID, min_size=2, max_size=5, unique=True))
    names = [f"c{place}" for place in range(len(texts))]
    cuts = [0, *sorted(draw(st.sets(st.integers(1, len(names) - 1), min_size=1))), len(names)]
    tiers = tuple(tuple(names[begin:end]) for begin, end in pairwise(cuts))
    completions = tuple(RankedCompletion(one, text) for one, text in zip(names, texts, strict=True))
    return stored(RankingRecord(**shared, completions=completions, tiers=tiers))


def written(name: str, record: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    made = VIEWS[name].stream([record], VIEWS[name].choices(options))
    return [json.loads(dump_line(row)) for row in made if not isinstance(row, str)]


def read(reader: str, rows: list[dict[str, Any]]) -> list[Row]:
    lines = (Line(number, json.dumps(row).encode()) for number, row in enumerate(rows, start=1))
    outcomes = list(READERS[reader](iter(lines), Options()))
    assert all(isinstance(outcome, Row | Skipped) for outcome in outcomes), outcomes
    return [outcome for outcome in outcomes if isinstance(outcome, Row)]


def record_of(row: Row) -> dict[str, Any]:
    """Return what a release would hold of a row, had it come in."""
    shared = {"record_id": "1", "prompt_id": "2", "group": "g", "split": "train", "messages": row.messages}
    if row.kind in ("ranking", "comparison"):
        completions = [{"completion_id": str(place), "text": text} for place, (text, _) in enumerate(row.completions)]
        tiers = [[str(place) for place in tier] for tier in row.tiers]
        return {"kind": "ranking", **shared, "completions": completions, "tiers": tiers}
    return {"kind": "demonstration", **shared, "completion": row.completion}


@pytest.mark.parametrize("name", READ_BY)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_was_read_is_written_again(name: str, data: st.DataObject) -> None:
    """write(read(x)) equals x, for any x that the format can carry."""
    rows = written(name, data.draw(records(name)))
    assume(rows)
    found = read(READ_BY[name], rows)
    assert len(found) == len(rows)
    again = [row for one in found for row in written(name, record_of(one))]
    assert again == rows


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_ranking_comes_back_from_nemo_with_its_ties(data: st.DataObject) -> None:
    """K-wise with ties, so the record itself survives, but for the names of its completions."""
    record = data.draw(records("nemo_preference"))
    [row] = read("nemo_preference", written("nemo_preference", record))
    text_of = {completion["completion_id"]: completion["text"] for completion in record["completions"]}
    said = [[row.completions[place][0] for place in tier] for tier in row.tiers]
    assert said == [[text_of[name] for name in tier] for tier in record["tiers"]]
    assert row.messages == record["messages"]


@settings(max_examples=30, deadline=None)
@given(data=st.data(), form=st.sampled_from(["conversational", "standard"]))
def test_good_and_bad_come_back(data: st.DataObject, form: str) -> None:
    record = data.draw(records("trl_preference"))
    rows = written("trl_unpaired", record, form=form)
    assume(rows)
    found = read("trl_unpaired", rows)
    assert [(row.completions[0][0], row.labels == ["good"]) for row in found] == [
        (row["completion"] if form == "standard" else row["completion"][0]["content"], row["label"]) for row in rows
    ]
    assert all(row.messages == record["messages"] for row in found)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("trl_sft_prompt_completion", {"form": "standard"}),
        ("trl_preference", {"form": "standard"}),
        ("llama_factory_preference", {"formatting": "alpaca"}),
        ("nemo_preference", {"unit": "pair"}),
    ],
)
# A record of many turns has no row in some of these.
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_other_forms_come_back_too(name: str, options: dict[str, Any], data: st.DataObject) -> None:
    rows = written(name, data.draw(records(name)), **options)
    assume(rows)
    again = [row for one in read(READ_BY[name], rows) for row in written(name, record_of(one), **options)]
    assert again == rows


def is_reason(text: str) -> bool:
    """Whether an import takes a text of this length for why somebody ranked so."""
    return len(text) <= 5_000


@st.composite
def judged(draw: st.DrawFn) -> dict[str, Any]:
    """A record with what an import keeps: whose it is, in which language, why, and how much better."""
    record = draw(st.one_of(records("trl_sft"), records("nemo_preference")))
    record |= {"annotator": draw(st.sampled_from(["", "judge-1"])), "language": draw(st.sampled_from(["", "nb"]))}
    if record["kind"] == "ranking":
        record |= {"all_bad": draw(st.booleans()), "rationale": draw(st.just("") | SAID.filter(is_reason))}
        if len(record["completions"]) == 2:
            record |= {"strength": draw(st.integers(1, 3)), "strength_levels": 3}
    return record


@settings(max_examples=40, deadline=None)
@given(record=judged())
def test_our_own_lines_come_in_again(record: dict[str, Any]) -> None:
    rows = written("bennet", record, form="import")
    [row] = read("bennet", rows)
    again = record_of(row) | {"group": row.group, "annotator": row.annotator, "language": row.language}
    if record["kind"] == "ranking":
        again["completions"] = [one | {"completion_id": f"c{one['completion_id']}"} for one in again["completions"]]
        places = [[f"c{place}" for place in tier] for tier in row.tiers]
        again |= {"tiers": places, "all_bad": row.all_bad, "rationale": row.rationale}
        again |= {"kind": "ranking", "strength": row.strength if row.kind == "comparison" else None}
    assert written("bennet", again, form="import") == rows


@settings(max_examples=30, deadline=None)
@given(prompt=SAID, completion=SAID)
def test_a_table_of_demonstrations_comes_in_again(prompt: str, completion: str) -> None:
    """Where no cell had to be kept from being a formula."""
    assume(view_files.cell_of(prompt) == prompt and view_files.cell_of(completion) == completion)
    record = {"record_id": "1", "prompt_id": "2", "messages": [{"role": "user", "content": prompt}]}
    [row] = written("csv_demonstrations", record | {"completion": completion})
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([row, row.values()])
    lines = (Line(number, line.encode()) for number, line in enumerate(text.getvalue().split("\n"), start=1))
    [found] = list(READERS["csv"](lines, Options()))
    assert isinstance(found, Row)
    assert (found.messages[0]["content"], found.completion) == (prompt, completion)
