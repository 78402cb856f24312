"""What a child process said, gathered into what the rows need: one write for many events. Pure."""

from __future__ import annotations

from collections.abc import Iterable
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
    # (level, message).
    lines: list[tuple[str, str]] = field(default_factory=list)
    # The newest complete checkpoint on the worker's disk.
    checkpoint: Path | None = None
    # Set by the last event of a run that went well.
    card: dict[str, Any] | None = None
    is_done: bool = False
    # Why the child refused its configuration, release or model.
    refusal: str = ""

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
    report.columns["counts"] = {**event.get("counts", {}), **sizes}


def _read_metric(report: Report, event: Event) -> None:
    step, values = int(event["step"]), event["values"]
    report.metrics.setdefault((event["split"], step), {}).update(values)
    if event["split"] == "train":
        report.columns["progress_done"] = step
        report.columns |= {name: values[name] for name in ("tokens_per_second", "eta_seconds") if name in values}


def _read_log(report: Report, event: Event) -> None:
    level = event.get("level", "info")
    report.lines.append((level if level in _LEVELS else "info", str(event["message"])))


def _read_checkpoint(report: Report, event: Event) -> None:
    report.checkpoint = Path(event["path"])


def _read_progress(report: Report, event: Event) -> None:
    report.columns |= {"progress_done": int(event["done"]), "progress_total": int(event["total"])}


def _read_done(report: Report, event: Event) -> None:
    report.is_done, report.card = True, event.get("card")


def _read_refused(report: Report, event: Event) -> None:
    report.refusal = str(event["message"])


_READERS = {
    "start": _read_start,
    "metric": _read_metric,
    "log": _read_log,
    "checkpoint": _read_checkpoint,
    "progress": _read_progress,
    "done": _read_done,
    "refused": _read_refused,
}
