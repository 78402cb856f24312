"""Events gathered into what the rows need."""

from pathlib import Path

import pytest

from annotation.registry.reports import gather


def test_many_events_become_one_write() -> None:
    counts = {"rows_in": 10, "rows_used": 8, "left_out": {"too_long": 2}, "truncated": 1}
    report = gather(
        [
            {"event": "start", "total_steps": 40, "trained_tokens_per_epoch": 99, "parameters": 7, "counts": counts},
            {"event": "metric", "step": 1, "split": "train", "values": {"loss": 6.0, "tokens_per_second": 10.0}},
            {"event": "log", "level": "warning", "message": "slow"},
            {"event": "metric", "step": 2, "split": "train", "values": {"loss": 5.0, "eta_seconds": 3.5}},
            {"event": "metric", "step": 2, "split": "validation", "values": {"loss": 5.5}},
            {"event": "checkpoint", "step": 2, "path": "/work/checkpoints/step-000002"},
        ]
    )
    assert report.columns == {
        "progress_total": 40,
        "progress_done": 2,
        "counts": {**counts, "parameters": 7, "trained_tokens_per_epoch": 99},
        "tokens_per_second": 10.0,
        "eta_seconds": 3.5,
    }
    assert report.metrics == {
        ("train", 1): {"loss": 6.0, "tokens_per_second": 10.0},
        ("train", 2): {"loss": 5.0, "eta_seconds": 3.5},
        ("validation", 2): {"loss": 5.5},
    }
    assert report.lines == [
        ("info", "7 parameters, 40 steps. 8 of 10 rows used; left out: 2 too_long; truncated: 1."),
        ("warning", "slow"),
        ("info", "Step 2, validation: loss 5.5"),
        ("info", "Checkpoint at step 2"),
    ]
    assert report.checkpoint == Path("/work/checkpoints/step-000002")
    assert not report.is_done


def test_two_metrics_of_one_step_are_one_point() -> None:
    metric = {"event": "metric", "step": 3, "split": "test"}
    report = gather([{**metric, "values": {"loss": 1.0}}, {**metric, "values": {"accuracy": 0.5}}])
    assert report.metrics == {("test", 3): {"loss": 1.0, "accuracy": 0.5}}


def test_the_newest_checkpoint_counts() -> None:
    events = [{"event": "checkpoint", "step": step, "path": f"/w/step-{step}"} for step in (1, 2)]
    assert gather(events).checkpoint == Path("/w/step-2")


def test_the_end_is_told_by_done_or_refused() -> None:
    assert gather([{"event": "done", "path": "/w", "card": {"stage": "sft"}}]).card == {"stage": "sft"}
    assert gather([{"event": "done", "path": "/w/completions.jsonl"}]).is_done
    refused = gather([{"event": "refused", "code": "bad_release", "message": "release: its bytes differ."}])
    assert refused.refusal == "release: its bytes differ."
    assert not refused.is_done


def test_an_unknown_event_is_passed_over_and_an_unknown_level_is_info() -> None:
    report = gather([{"event": "novelty"}, {"event": "log", "level": "shout", "message": "hello"}])
    assert report.lines == [("info", "hello")]


@pytest.mark.parametrize("event", [{"event": "metric", "split": "train"}, {"event": "start", "total_steps": "many"}])
def test_an_event_that_breaks_the_contract_is_an_error(event: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        gather([event])
