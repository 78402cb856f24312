"""What a child process said, gathered into what the rows need: one write for many events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotation.registry.launch import Event

_LEVELS = ("info", "warning", "error")


@dataclass
class Report:
    # Columns of the job's row.
    columns: dict[str, Any] = field(default_factory=dict)
    # Values by (split, step).
    metrics: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    # {prompt, text, values} by step.
    samples: dict[int, dict[str, Any]] = field(default_factory=dict)
    # (level, message).
    lines: list[tuple[str, str]] = field(default_factory=list)
    # The newest complete checkpoint, from the child's folder.
    checkpoint: Path | None = None
    # Set by the last event of a run that went well.
    card: dict[str, Any] | None = None
    is_done: bool = False
    # Why the child refused its configuration, release or model.
    refusal: str = ""

    def say(self, message: str) -> None:
        """Put a plain line into the log."""
        self.lines.append(("info", message))

    @property
    def ends(self) -> bool:
        """Whether something in it says how the child ends."""
        return self.is_done or bool(self.refusal) or any(level == "error" for level, _ in self.lines)


def gather(events: Iterable[Event]) -> Report:
    """Read events in their order. Raise KeyError or ValueError for one that breaks the contract."""
    report = Report()
    for event in events:
        read = _READERS.get(event["event"])
        if read is not None:
            read(report, event)
    return report


def _read_start(report: Report, event: Event) -> None:
    report.columns["progress_total"] = int(event["total_steps"])
    sizes = {name: event[name] for name in ("parameters", "trained_tokens_per_epoch") if name in event}
    counts = event.get("counts", {})
    report.columns["counts"] = {**counts, **sizes}
    report.say(f"{sizes.get('parameters', 0):,} parameters, {event['total_steps']} steps. {_rows_in_words(counts)}")


def _read_metric(report: Report, event: Event) -> None:
    step, values = int(event["step"]), event["values"]
    report.metrics.setdefault((event["split"], step), {}).update(values)
    if event["split"] != "train":
        figures = ", ".join(f"{name} {value:.4g}" for name, value in values.items() if isinstance(value, float))
        report.say(f"Step {step}, {event['split']}: {figures or 'no rows to measure'}")
    else:
        report.columns["progress_done"] = step
        report.columns |= {name: values[name] for name in ("tokens_per_second", "eta_seconds") if name in values}


def _read_sample(report: Report, event: Event) -> None:
    step = int(event["step"])
    report.samples[step] = {"prompt": str(event["prompt"]), "text": str(event["text"]), "values": event["values"]}
    report.say(f"A sample at step {step}")


def _read_log(report: Report, event: Event) -> None:
    level = event.get("level", "info")
    report.lines.append((level if level in _LEVELS else "info", str(event["message"])))


def _read_checkpoint(report: Report, event: Event) -> None:
    report.checkpoint = Path(event["path"])
    report.say(f"Checkpoint at step {event['step']}")


def _read_progress(report: Report, event: Event) -> None:
    report.columns |= {"progress_done": int(event["done"]), "progress_total": int(event["total"])}


def _read_curve(report: Report, event: Event) -> None:
    report.columns["found"] = event["found"]


def _read_done(report: Report, event: Event) -> None:
    report.is_done, report.card = True, event.get("card")
    report.say("Done.")


def _read_refused(report: Report, event: Event) -> None:
    report.refusal = str(event["message"])


def _rows_in_words(counts: Mapping[str, Any]) -> str:
    left_out = ", ".join(f"{number} {reason}" for reason, number in counts.get("left_out", {}).items())
    used, given = counts.get("rows_used", 0), counts.get("rows_in", 0)
    return f"{used} of {given} rows used; left out: {left_out or 'none'}; truncated: {counts.get('truncated', 0)}."


_READERS = {
    "start": _read_start,
    "metric": _read_metric,
    "sample": _read_sample,
    "log": _read_log,
    "checkpoint": _read_checkpoint,
    "progress": _read_progress,
    "curve": _read_curve,
    "done": _read_done,
    "refused": _read_refused,
}
