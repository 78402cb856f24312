"""Which protocol a row would go to, and whether that takes it: asked without making or writing anything."""

from __future__ import annotations

from datetime import datetime

from annotation.intake.merging import CHECKED, JUDGED, PROTOCOL_KIND, payload_of
from annotation.intake.models import ImportFile
from annotation.intake.options import read_options
from annotation.intake.protocols import Plan, Targets
from annotation.intake.rows import DOCUMENT, BadRow, Outcome, Row, rejected
from annotation.projects.kinds.shape import InvalidAnswer

__all__ = ["JUDGED", "Fitting"]


class Fitting:
    """The protocols that the rows of one file would go to, each looked up when the first row wants it."""

    def __init__(self, job: ImportFile, format: str, now: datetime) -> None:
        self.targets = Targets(job, format, now)
        self.opens_tasks = read_options(job.options).open_tasks
        self.plans: dict[str, Plan] = {}

    def plan(self, row: Row) -> Plan | None:
        """Return where the row would go; None when it waits for nobody. Raise BadFile."""
        if row.kind == DOCUMENT or (row.kind not in JUDGED and not self.opens_tasks):
            return None
        kind = PROTOCOL_KIND[row.kind]
        if kind not in self.plans:
            self.plans[kind] = self.targets.planned(kind)
        return self.plans[kind]

    def fitted(self, outcome: Outcome) -> Outcome:
        """Return the row, or its refusal where its protocol would take such an answer from nobody. Raise BadFile."""
        if not isinstance(outcome, Row):
            return outcome
        plan = self.plan(outcome)
        if plan is None or outcome.kind not in CHECKED:
            return outcome
        try:
            payload_of(outcome, plan.config, range(1, len(outcome.completions) + 1))
        except InvalidAnswer as error:
            field, message = error.errors[0]
            refusal = BadRow(field, "unlike_protocol", f"{field} {message}. The protocol is “{plan.name}”.")
            return rejected(outcome.line, refusal, outcome.messages[-1]["content"])
        return outcome
