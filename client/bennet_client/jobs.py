"""Work that the site does behind a row: an import, a freeze, a view, a run. Ask, wait, follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar

from bennet_client.http import Site

ShapeT = TypeVar("ShapeT", bound=Mapping[str, Any])

POLL_SECONDS = 1.0
ENDED = ("done", "failed", "cancelled")


class JobFailed(Exception):
    """The job ended without its result; the message is the site's."""


class JobStillRunning(TimeoutError):
    """The time given to `wait` is over. The job goes on; wait again, or cancel it."""


class Row(Generic[ShapeT]):
    """A row of the site as it was last seen, in `data`; `refresh` asks again."""

    def __init__(self, site: Site, path: str, data: ShapeT) -> None:
        self.site, self.path, self.data = site, path, data

    @property
    def id(self) -> int:
        return int(self.data["id"])

    def refresh(self) -> Self:
        self.data = self.site.get(self.path)
        return self

    def __repr__(self) -> str:
        about = self.data.get("name") or self.data.get("file_name") or ""
        state = f" {self.data['state']}" if "state" in self.data else ""
        return f"<{type(self).__name__} {self.id}{state} {about}>".replace(" >", ">")


class Job(Row[ShapeT]):
    @property
    def state(self) -> str:
        return str(self.data["state"])

    @property
    def progress(self) -> float | None:
        """The share that is done, or None while nobody knows how much there is to do."""
        total = self.data.get("progress_total")
        return self.data["progress_done"] / total if total else None

    def wait(self, *, seconds: float | None = None, show: Callable[[Self], None] | None = None) -> Self:
        """Return when the job is done. Raise JobFailed, or JobStillRunning after `seconds`.

        `show` is called each time the job has been asked for: print its progress there.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while self.state not in ENDED:
            if deadline is not None and time.monotonic() > deadline:
                raise JobStillRunning(f"{self!r} is still at work after {seconds:g} s.")
            time.sleep(POLL_SECONDS)
            self.refresh()
            if show is not None:
                show(self)
        if self.state != "done":
            raise JobFailed(self.data.get("error") or f"{self!r} was cancelled.")
        return self

    def cancel(self) -> Self:
        self.data = self.site.post(f"{self.path}cancel/")
        return self

    def retry(self) -> Self:
        self.data = self.site.post(f"{self.path}retry/")
        return self
