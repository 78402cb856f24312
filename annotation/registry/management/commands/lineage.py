"""Say where something comes from and what was made of it: manage.py lineage model 7."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.exports.models import Release
from annotation.people.models import User
from annotation.registry import lineage, lineage_text
from annotation.registry.models import ModelVersion
from annotation.tasks.models import Answer, Prompt

_ANSWER = ("task__protocol__project", "annotator", "protocol_version__protocol", "guideline_version__protocol")
# The rows of each kind, what tells their lineage, and the name of such a row's node.
_SUBJECTS: dict[str, tuple[Any, Callable[[Any, User], lineage.Graph], str]] = {
    "model": (ModelVersion.objects.select_related("run__release", "release"), lineage.of_model, "model"),
    "release": (Release.objects.select_related("project"), lineage.of_release, "release"),
    "answer": (Answer.objects.select_related(*_ANSWER), lineage.of_answer, "answers"),
    "prompt": (Prompt.objects.select_related("project"), lineage.of_prompt, "prompt"),
}


class Command(BaseCommand):
    help = "Say where a model, release, answer or prompt comes from, and what was made of it, as a tree."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("kind", choices=_SUBJECTS)
        parser.add_argument("number", type=int)
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print one JSON object, nothing else.")

    def handle(self, *args: Any, kind: str, number: int, as_json: bool, **options: Any) -> None:
        rows, told, name = _SUBJECTS[kind]
        row = rows.filter(pk=number).first()
        if row is None:
            raise CommandError(f"There is no {kind} {number}.")
        graph, subject = told(row, _reader()), f"{name}:{row.pk}"
        reasons = lineage.reasons_in(graph)
        if as_json:
            self.stdout.write(json.dumps(lineage_text.to_json(graph, subject, reasons), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(lineage_text.lines_of(graph, subject, reasons)))


def _reader() -> User:
    """Who has a shell reads as the site's owner does."""
    owner = User.objects.filter(is_owner=True).order_by("pk").first()
    if owner is None:
        raise CommandError("The site has no owner yet.")
    return owner
