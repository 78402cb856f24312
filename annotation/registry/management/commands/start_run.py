"""Start to train on a release, and follow it if asked: manage.py start_run PROJECT sft RELEASE --preset small."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotation.durable import JobState
from annotation.exports.models import Release
from annotation.exports.queries import StaleData
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed
from annotation.registry import actions, queries
from annotation.registry.jobs import execute_run
from annotation.registry.models import Stage, TrainingRun

LOOK_SECONDS = 1.0
FINAL = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Command(BaseCommand):
    help = "Queue a training run; with --follow, print what it measures until it ends. A worker must be up."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("project", help="The project's number or name.")
        parser.add_argument("stage", choices=Stage.values)
        parser.add_argument("release", help="The release's number or name.")
        start = parser.add_mutually_exclusive_group(required=True)
        start.add_argument("--preset", help="A model from scratch.")
        start.add_argument("--model", type=int, help="A model of the project, by its number.")
        start.add_argument("--base", help="A folder in MODELS_ROOT.")
        parser.add_argument("--judge", type=int, help="A reward model of the project that chooses the look to keep.")
        parser.add_argument("--set", action="append", default=[], dest="given", metavar="NAME=JSON", help="A setting.")
        parser.add_argument("--as", dest="email", default="", help="Whose run it is; else the site's owner.")
        parser.add_argument(
            "--follow", action="store_true", help="Stay until it ends; exit with 1 unless it ends well."
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print JSON lines, nothing else.")

    def handle(self, *args: Any, project: str, stage: str, release: str, email: str, **options: Any) -> None:
        start = {name: options[name] for name in ("preset", "model", "base") if options[name] is not None}
        parent = _project(project)
        try:
            run = actions.request_run(
                project=parent,
                actor=_actor(email),
                release_id=_release(parent, release),
                stage=stage,
                start=start,
                judge=options["judge"],
                config=dict(_setting(text) for text in options["given"]),
                now=timezone.now(),
            )
        except (actions.OrderRefused, NotAllowed, StaleData) as error:
            raise CommandError(str(error)) from error
        execute_run.delay_on_commit(run_id=run.pk)
        self._say(options["as_json"], {"run": run.pk, "state": run.state}, f"Run {run.pk} is queued.")
        if options["follow"]:
            self._follow(run, options["as_json"])

    def _follow(self, run: TrainingRun, as_json: bool) -> None:
        seen = 0
        while True:
            run.refresh_from_db()
            is_over = run.state in FINAL
            for point in queries.metrics_after(run, seen):
                seen = point.pk
                values = "  ".join(f"{name} {_number(value)}" for name, value in point.values.items())
                facts = {"step": point.step, "split": point.split, "values": point.values}
                self._say(as_json, facts, f"step {point.step:>6}  {point.split:<10} {values}")
            if is_over:
                break
            time.sleep(LOOK_SECONDS)
        if run.state != JobState.DONE:
            raise CommandError(run.error or f"The run is {run.state}.")
        self._say(as_json, {"run": run.pk, "state": run.state, "model": run.model.pk}, f"Done: model {run.model.pk}.")

    def _say(self, as_json: bool, facts: dict[str, Any], line: str) -> None:
        self.stdout.write(json.dumps(facts, ensure_ascii=False) if as_json else line)


def _setting(text: str) -> tuple[str, Any]:
    """Read name=value; a value that is no JSON is a text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--set {text}: write name=value, for example epochs=2.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _project(name: str) -> Project:
    found = Project.objects.filter(pk=int(name)) if name.isdecimal() else Project.objects.filter(name=name)
    project = found.first()
    if project is None:
        raise CommandError(f"There is no project “{name}”.")
    return project


def _release(project: Project, name: str) -> int:
    rows = Release.objects.filter(project=project)
    release = (rows.filter(pk=int(name)) if name.isdecimal() else rows.filter(name=name)).first()
    if release is None:
        raise CommandError(f"There is no release “{name}” in {project.name}.")
    return release.pk


def _actor(email: str) -> User:
    people = User.objects.filter(email__iexact=email) if email else User.objects.filter(is_owner=True)
    person = people.order_by("pk").first()
    if person is None:
        raise CommandError(f"Nobody has the e-mail address {email}." if email else "The site has no owner yet.")
    return person
