"""Keep a child for each model that is wanted up: start it, hear where it answers, start it again when it ends.

The rows say what is wanted and are told what became of it; this process holds the children. It may lose the database
for a while: the models go on answering.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from annotation import installed
from annotation.registry import launch, trees
from annotation.registry.launch import Child, Event
from annotation.registry.models import Served, ServedState
from annotation.registry.serving import report_served

logger = logging.getLogger(__name__)

LONGEST_DELAY_SECONDS = 60.0
HEALTHY_SECONDS = 60.0
_PATIENCE_SECONDS = 5.0


@dataclass
class Kept:
    """A served model's child and how it has been going; without a child it waits for its next start."""

    served: Served
    key: str = ""
    # Where its child answers; nothing until it does.
    address: str = ""
    child: Child | None = None
    started_at: float = 0.0
    quick_ends: int = 0
    starts_at: float = 0.0
    # State and reason that the row was told last, so that it is told once.
    told: tuple[ServedState, str] | None = None


class Keeper:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept: dict[int, Kept] = {}

    def step(self) -> None:
        """Bring the children nearer to what the rows want; quick, but for the start of a model from far storage."""
        wanted = {one.pk: one for one in self._wanted()}
        for pk in [pk for pk in self.kept if pk not in wanted]:
            self._end(self.kept.pop(pk))
        for pk, served in wanted.items():
            kept = self.kept.setdefault(pk, Kept(served))
            kept.served = served
            if kept.child is None:
                self._start(kept)
            else:
                self._hear(kept)

    def close(self) -> None:
        """See all children gone, and say so."""
        for kept in self.kept.values():
            self._end(kept)
            report_served(
                served=kept.served, state=ServedState.STARTING, now=timezone.now(), said="The site is starting."
            )
        self.kept.clear()

    def _wanted(self) -> Iterable[Served]:
        rows = Served.objects.filter(is_wanted=True, model__isnull=False).select_related("model")
        # What learned from words that were taken back speaks no longer, whoever wanted it up.
        return rows.filter(model__stale_at__isnull=True)

    def _start(self, kept: Kept) -> None:
        if time.monotonic() < kept.starts_at:
            return
        state = installed.read(settings.INSTALL_STATE)
        if state.state != "done":
            self._tell(kept, ServedState.STARTING, "The packages for training are being installed.")
            return
        folder = self.root / str(kept.served.pk)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        kept.key = secrets.token_urlsafe(32)
        assert kept.served.model is not None
        try:
            model = trees.readable(default_storage, kept.served.model.stored_prefix, folder / "model")
        except trees.TreeMissing:
            self._tell(kept, ServedState.FAILED, "Its files are gone from storage.")
            kept.starts_at = time.monotonic() + LONGEST_DELAY_SECONDS
            return
        config = folder / "serve.json"
        config.touch(mode=0o600)
        config.write_text(
            json.dumps({"stage": "serve", "model": str(model), "name": kept.served.name, "key": kept.key})
        )
        self._tell(kept, ServedState.STARTING)
        kept.child = Child(launch.training_command("serve", config), folder=folder)
        kept.started_at = time.monotonic()

    def _hear(self, kept: Kept) -> None:
        """Take in what a child said since the last look."""
        assert kept.child is not None
        events = kept.child.events(wait_seconds=0)
        if events is None:
            self._ended(kept)
            return
        for event in events:
            self._take(kept, event)
        # A row stopped and wanted again between two looks has forgotten where its child answers.
        if kept.address and not kept.served.address:
            self._tell_where(kept)

    def _take(self, kept: Kept, event: Event) -> None:
        if event["event"] == "ready":
            kept.address = f"http://{event['host']}:{event['port']}"
            self._tell_where(kept)
            logger.info("%s answers at %s.", kept.served, kept.address)
        elif event["event"] in ("refused", "log", "failed"):
            logger.warning("%s: %s", kept.served, event.get("message", ""))
            if event["event"] == "refused":
                self._tell(kept, ServedState.FAILED, str(event.get("message", "")))

    def _ended(self, kept: Kept) -> None:
        """Say why a child ended, and start it again: at once after a long life, later and later after short ones."""
        assert kept.child is not None
        said = kept.child.last_words().strip().splitlines()[-1:] or ["It ended without a word."]
        code = kept.child.exit_code()
        self._end(kept)
        lived = time.monotonic() - kept.started_at
        kept.quick_ends = 0 if lived > HEALTHY_SECONDS else kept.quick_ends + 1
        delay = min(2.0 ** (kept.quick_ends - 1), LONGEST_DELAY_SECONDS) if kept.quick_ends else 0.0
        kept.starts_at = time.monotonic() + delay
        # A child that refused its work has said why, better than its end does.
        if kept.told is None or kept.told[0] != ServedState.FAILED:
            self._tell(kept, ServedState.FAILED, f"It ended (exit code {code}) and is started again: {said[0]}")

    def _end(self, kept: Kept) -> None:
        if kept.child is not None:
            kept.child.end(patience_seconds=_PATIENCE_SECONDS)
            kept.child, kept.address = None, ""
        shutil.rmtree(self.root / str(kept.served.pk), ignore_errors=True)

    def _tell_where(self, kept: Kept) -> None:
        row = kept.served
        report_served(served=row, state=ServedState.READY, now=timezone.now(), address=kept.address, key=kept.key)
        row.address, kept.told = kept.address, (ServedState.READY, "")

    def _tell(self, kept: Kept, state: ServedState, said: str = "") -> None:
        if kept.told != (state, said):
            report_served(served=kept.served, state=state, now=timezone.now(), said=said)
            kept.told = (state, said)
