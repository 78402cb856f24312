"""Runs, followed live, and the models that they make."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from bennet_client import shapes
from bennet_client.jobs import ENDED, POLL_SECONDS, Job, JobFailed, Row


class Run(Job[shapes.Run]):
    def metrics(self, *, after: int = 0) -> Iterator[shapes.MetricsPoint]:
        """Yield what was measured so far, oldest first."""
        while points := self.site.get(f"{self.path}metrics/", after=after)["points"]:
            yield from points
            after = points[-1]["id"]

    def log(self, *, after: int = 0) -> Iterator[shapes.LogLine]:
        while lines := self.site.get(f"{self.path}log/", after=after)["lines"]:
            yield from lines
            after = lines[-1]["id"]

    def follow(self) -> Iterator[shapes.MetricsPoint]:
        """Yield measurements as they come, until the run ends. Raise JobFailed when it ends badly."""
        last = 0
        while True:
            ended = self.refresh().state in ENDED
            for point in self.metrics(after=last):
                last = point["id"]
                yield point
            if ended:
                break
            time.sleep(POLL_SECONDS)
        if self.state != "done":
            raise JobFailed(self.data.get("error") or "The run was cancelled.")

    @property
    def model(self) -> Model:
        """The model that the run made. Raise LookupError while there is none."""
        made = self.data["model"]
        if made is None:
            raise LookupError("This run has made no model yet: wait for it.")
        path = f"{self.path.partition('runs/')[0]}models/{made['id']}/"
        return Model(self.site, path, self.site.get(path))


class Batch(Job[shapes.Batch]):
    """An order for completions, which become tasks for people."""


class Model(Row[shapes.ModelDetail]):
    def write_completions(self, protocol: int, *, limit: int, n: int = 4, **sampling: Any) -> Batch:
        """Let the model answer the oldest prompts that it has not answered; people rank what it writes."""
        body: Mapping[str, Any] = {"protocol": protocol, "prompts": {"limit": limit}, "n": n, **sampling}
        data = self.site.post(f"{self.path}completions/", body)
        return Batch(self.site, f"{self.path.partition('models/')[0]}completion-batches/{data['id']}/", data)
