import io
import json

import pytest

from training.events import JSONReporter, TextReporter

COUNTS = {"rows_in": 3, "rows_used": 2, "left_out": {"all_tied": 1}, "truncated": 0}


def test_an_event_is_one_line_of_ascii_json() -> None:
    stream = io.StringIO()
    JSONReporter(stream)("log", level="info", message="line\none\u2028two é")

    (line,) = stream.getvalue().splitlines()
    assert line.isascii()
    assert json.loads(line) == {"event": "log", "level": "info", "message": "line\none\u2028two é"}


def test_what_is_not_a_json_number_is_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        JSONReporter(io.StringIO())("metric", step=1, split="train", values={"loss": float("nan")})


@pytest.mark.parametrize(
    ("event", "facts", "shown"),
    [
        (
            "start",
            {"total_steps": 5, "trained_tokens_per_epoch": 1200, "parameters": 91000, "counts": COUNTS},
            "91,000 parameters, 5 steps, 1,200 trained tokens an epoch; 2 of 3 rows used, left out {'all_tied': 1}",
        ),
        ("metric", {"step": 7, "split": "train", "values": {"loss": 0.123456, "pairs": 3}}, "loss 0.1235  pairs 3"),
        ("progress", {"done": 2, "total": 5}, "2 of 5"),
        ("log", {"level": "warning", "message": "Mind the gap."}, "warning: Mind the gap."),
        ("refused", {"code": "bad_config", "message": "epochs: too many."}, "refused: epochs: too many."),
        ("checkpoint", {"step": 9, "path": "out/step-9"}, "checkpoint out/step-9"),
        ("done", {"path": "out", "card": {}}, "done: out"),
    ],
)
def test_a_person_reads_a_sentence(event: str, facts: dict[str, object], shown: str) -> None:
    stream = io.StringIO()
    TextReporter(stream)(event, **facts)
    assert shown in stream.getvalue()
    assert stream.getvalue().endswith("\n")
