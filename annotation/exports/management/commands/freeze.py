"""Freeze a release from a shell: the same verbs as the page, with a line of progress or one JSON object."""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from annotation.durable import JobState
from annotation.exports import actions
from annotation.exports.models import Release
from annotation.exports.selection import InvalidSelection
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed

PROGRESS_SECONDS = 1.0


class Command(BaseCommand):
    help = "Freeze a release: manage.py freeze PROJECT NAME [--selection JSON] [--json]."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("project", help="The project's number or name.")
        parser.add_argument("name", help="What the release is to be called.")
        parser.add_argument("--selection", default="{}", metavar="JSON", help="As the API takes it; else everything.")
        parser.add_argument("--as", dest="email", default="", help="Whose release it is; else the site's owner.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print the manifest, nothing else.")

    def handle(self, *args: Any, project: str, name: str, selection: str, email: str, **given: Any) -> None:
        refused = (
            actions.EmptySelection, actions.InvalidReleaseName, actions.ReleaseNameTaken, InvalidSelection, NotAllowed,
        )  # fmt: skip
        try:
            release = actions.request_release(
                project=_project(project),
                name=name,
                selection=json.loads(selection),
                actor=_actor(email),
                now=timezone.now(),
            )
        except json.JSONDecodeError as error:
            raise CommandError(f"The selection is not JSON: {error}") from error
        except refused as error:
            raise CommandError(str(error)) from error
        with self._progress(release.pk):
            actions.freeze(release_id=release.pk)
        release.refresh_from_db()
        if release.state != JobState.DONE:
            raise CommandError(release.error or f"The release is {release.state}.")
        self.stdout.write(json.dumps(release.manifest, ensure_ascii=False) if given["as_json"] else _said(release))

    @contextmanager
    def _progress(self, pk: int) -> Iterator[None]:
        """Rewrite one line on a terminal; print nothing where nobody watches."""
        done, begun = threading.Event(), time.monotonic()

        def show() -> None:
            while not done.wait(PROGRESS_SECONDS):
                row = Release.objects.get(pk=pk)
                seconds = time.monotonic() - begun
                left = seconds * (row.progress_total - row.progress_done) / max(row.progress_done, 1)
                rate = row.progress_done / seconds
                line = f"{row.progress_done:,} of {row.progress_total:,} rows, {rate:,.0f}/s, {left:,.0f} s left  "
                self.stderr.write(f"\r{line}", ending="")
            connection.close()

        if not self.stderr.isatty():
            yield
            return
        thread = threading.Thread(target=show, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self.stderr.write("")


def _said(release: Release) -> str:
    rows = ", ".join(f"{sum(splits.values()):,} {kind}" for kind, splits in release.counts.items())
    return f"Release {release.pk}, {release.name}: {rows}. {release.digest_sha256}"


def _project(name: str) -> Project:
    found = Project.objects.filter(pk=int(name)) if name.isdecimal() else Project.objects.filter(name=name)
    project = found.first()
    if project is None:
        raise CommandError(f"There is no project “{name}”.")
    return project


def _actor(email: str) -> User:
    people = User.objects.filter(email__iexact=email) if email else User.objects.filter(is_owner=True)
    person = people.order_by("pk").first()
    if person is None:
        raise CommandError(f"Nobody has the e-mail address {email}." if email else "The site has no owner yet.")
    return person
