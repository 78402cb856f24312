"""Bring a file in from a shell: the same verbs as the page, with a line of progress."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from annotation.durable import JobState
from annotation.intake import actions
from annotation.intake.detect import AUTO, FORMATS
from annotation.intake.first_pass import COUNTS
from annotation.intake.models import ImportFile
from annotation.intake.options import BadOption, parse_option
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed

PROGRESS_SECONDS = 1.0


class Command(BaseCommand):
    help = "Import a file into a project: manage.py import_file PROJECT FILE [--format F] [--option name=value]."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("project", help="The project's number or name.")
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", default=AUTO, choices=FORMATS)
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--as", dest="email", default="", help="Whose import it is; else the site's owner.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print one JSON object, nothing else.")

    def handle(self, *args: Any, project: str, file: Path, email: str, **given: Any) -> None:
        try:
            import_file = _receive(_project(project), file, _actor(email), given["format"], given["option"])
        except (actions.UploadTooLarge, BadOption, NotAllowed, OSError) as error:
            raise CommandError(str(error)) from error
        with self._progress(import_file):
            actions.run_import(import_file_id=import_file.pk, clock=timezone.now)
        import_file.refresh_from_db()
        self._report(import_file, given["as_json"])

    @contextmanager
    def _progress(self, import_file: ImportFile) -> Iterator[None]:
        """Rewrite one line on a terminal; print nothing where nobody watches."""
        done = threading.Event()

        def show() -> None:
            while not done.wait(PROGRESS_SECONDS):
                row = ImportFile.objects.get(pk=import_file.pk)
                share = row.progress_done / max(row.progress_total, 1)
                rows = f"{row.counts.get('read', 0):,} rows read"
                self.stderr.write(f"\r{row.file_name}: {row.phase} {share:4.0%}, {rows}", ending="")
            connection.close()

        thread = threading.Thread(target=show, daemon=True)
        if self.stderr.isatty():
            thread.start()
        try:
            yield
        finally:
            done.set()
            if thread.is_alive():
                thread.join()
                self.stderr.write("\n", ending="")

    def _report(self, row: ImportFile, as_json: bool) -> None:
        if as_json:
            facts = {"import": row.pk, "state": row.state, "counts": row.counts}
            left_out = {"rejected": row.rejected_by_reason, "skipped": row.skipped_by_reason}
            self.stdout.write(json.dumps(facts | left_out, ensure_ascii=False))
        else:
            self._tell(row)
        if row.state != JobState.DONE:
            raise CommandError(row.error or f"The import is {row.state}.")

    def _tell(self, row: ImportFile) -> None:
        for name in COUNTS:
            self.stdout.write(f"{name:>24} {row.counts.get(name, 0):>10,}")
        for reason, number in sorted({**row.rejected_by_reason, **row.skipped_by_reason}.items()):
            self.stdout.write(f"{'· ' + reason:>24} {number:>10,}")


def _receive(project: Project, path: Path, actor: User, format: str, options: list[str]) -> ImportFile:
    with path.open("rb") as stream:
        return actions.receive_file(
            actor=actor,
            project=project,
            file=File(stream, name=path.name),
            file_name=path.name,
            format=format,
            options=dict(parse_option(option) for option in options),
            now=timezone.now(),
        )


def _project(name: str) -> Project:
    lookup: dict[str, Any] = {"pk": int(name)} if name.isdecimal() else {"name": name}
    try:
        return Project.objects.get(**lookup)
    except Project.DoesNotExist:
        names = ", ".join(f"{pk} {known!r}" for pk, known in Project.objects.order_by("pk").values_list("pk", "name"))
        raise CommandError(f"There is no project {name!r}; there are: {names or 'none yet'}.") from None


def _actor(email: str) -> User:
    people = User.objects.filter(email__iexact=email) if email else User.objects.filter(is_owner=True)
    actor = people.order_by("pk").first()
    if actor is None:
        raise CommandError(f"Nobody here has the address {email!r}." if email else "This site has no owner yet.")
    return actor
