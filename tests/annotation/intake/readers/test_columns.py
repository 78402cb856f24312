from __future__ import annotations

import pytest

from annotation.intake.rows import BadFile
from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows


@pytest.mark.parametrize(("delimiter"), [",", ";", "\t"])
def test_the_delimiter_is_found_in_the_header(delimiter: str) -> None:
    data = delimiter.join(["prompt", "completion", "annotator"]) + "\n" + delimiter.join(["Hi", "Hello.", "kim"])
    (row,) = rows(data.encode())
    assert (row.kind, row.completion, row.annotator) == ("demonstration", "Hello.", "kim")


def test_a_row_without_a_completion_is_a_prompt() -> None:
    assert [row.kind for row in rows(b"prompt,completion\nHi,\nHo,Hello.\n")] == ["prompt", "demonstration"]


def test_other_columns_are_named_in_the_options() -> None:
    (row,) = rows(b"id,question,answer\n1,Why?,So.\n", prompt_column="question", completion_column="answer")
    assert (row.messages[0]["content"], row.completion) == ("Why?", "So.")


def test_quoted_cells_hold_line_ends_blank_lines_and_quotes_and_rows_keep_their_line_numbers() -> None:
    data = b'prompt,completion\r\n"one\r\n\r\ntwo, ""three""",A\r\n\r\nlast\r\n"x","y"\r\n'
    read = outcomes(data)
    assert [(outcome.line, type(outcome).__name__) for outcome in read] == [(2, "Row"), (6, "Rejected"), (7, "Row")]
    assert read[0].messages[0]["content"] == 'one\n\ntwo, "three"'  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (b"one", "", "ragged_row"),
        (b"one,two,three", "", "ragged_row"),
        (b'"one"two,three', "", "bad_csv"),
        (b"caf\xe9,two", "", "not_utf8"),
        (b"a\x00b,two", "prompt", "control_character"),
        (b",two", "prompt", "missing_field"),
        (b"one,   ", "completion", "empty_text"),
    ],
)
def test_a_bad_row_is_refused_and_the_next_is_read(row: bytes, field: str, reason: str) -> None:
    data = b"prompt,completion\nfirst,1\n" + row + b"\nlast,3\n"
    assert refusals(data) == [(3, field, reason)]
    assert len(outcomes(data)) == 3


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"question,answer\nWhy?,So.\n", "prompt_column"),
        (b"prompt,prompt\na,b\n", "same name"),
        (b'prompt,completion\na,b\n"c,d\ne,f\n', "line 3 is never closed"),
        (b"caf\xe9,prompt\na,b\n", "header cannot be read"),
    ],
)
def test_a_file_that_cannot_be_a_table_is_refused_in_whole(data: bytes, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence):
        outcomes(data, "csv")


def test_a_quotation_that_is_never_closed_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.intake.readers.columns.MAXIMUM_LINE_BYTES", 1000)
    with pytest.raises(BadFile, match="line 2 is never closed"):
        outcomes(b'prompt\n"' + b"many\n" * 10_000 + b'"\n', "csv")


def test_json_lines_are_read_by_the_same_names() -> None:
    data = lines_of({"question": "Why?", "answer": "So.\u2028Really."}, {"question": "How?", "answer": "Thus."})
    first, second = rows(data, prompt_column="question", completion_column="answer")
    assert first.completion == "So.\u2028Really."
    assert (second.line, second.kind) == (2, "demonstration")


def test_a_prompt_may_be_a_conversation() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]
    (row,) = rows(lines_of({"prompt": messages}))
    assert (row.messages, row.kind) == (messages, "prompt")


def test_a_key_that_is_missing_is_named() -> None:
    data = lines_of({"q": "Why?"})
    assert refusals(data, prompt_column="q", completion_column="a") == [(1, "a", "missing_field")]


def test_a_chosen_and_a_rejected_column_make_rankings() -> None:
    options = {"prompt_column": "q", "chosen_column": "good", "rejected_column": "bad", "source": "shop"}
    data = b"q,good,bad,annotator\nWhy?,So.,No.,ann\nWho?,Me.,Me.,ann\nWhat?,This.,,ann\n"
    row, same, missing = outcomes(data, "csv", **options)
    assert (row.kind, row.completions, row.tiers, row.annotator) == (
        "ranking", [["So.", "shop"], ["No.", "shop"]], [[0], [1]], "ann",
    )  # fmt: skip
    assert [(bad.line, bad.field, bad.reason) for bad in (same, missing)] == [
        (3, "bad", "identical_replies"), (4, "bad", "missing_field"),
    ]  # fmt: skip


def test_a_label_column_makes_labels_of_the_prompt_or_of_a_completion() -> None:
    data = b"prompt,completion,verdict\nWhy?,So.,safe|kind|safe\n"
    (about_prompt,) = outcomes(data, "csv", label_column="verdict")
    (about_completion,) = outcomes(data, "csv", label_column="verdict", completion_column="completion")
    assert (about_prompt.kind, about_prompt.labels, list(about_prompt.completions)) == ("labels", ["safe", "kind"], [])
    assert about_completion.completions == [["So.", ""]]
    (from_list,) = outcomes(b'{"prompt": "Why?", "verdict": ["safe"]}\n', "jsonl", label_column="verdict")
    assert from_list.labels == ["safe"]


def test_a_table_without_a_header_has_columns_by_their_places() -> None:
    data = b"Why?;So.\nWho?;\n"
    options = {"header": False, "prompt_column": "column 1", "completion_column": "column 2"}
    good, bad = outcomes(data, "csv", **options)
    assert (good.line, good.completion) == (1, "So.")
    assert (bad.line, bad.field) == (2, "column 2")
    with pytest.raises(BadFile, match="'column 1', 'column 2'"):
        outcomes(data, "csv", header=False)
