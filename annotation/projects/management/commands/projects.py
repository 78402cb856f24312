"""List the projects with their protocols: manage.py projects."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand

from annotation.projects.models import Project


class Command(BaseCommand):
    help = "List the projects with their protocols."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print one JSON array, nothing else.")

    def handle(self, *args: Any, as_json: bool, **options: Any) -> None:
        rows = [_described(row) for row in Project.objects.order_by("pk").prefetch_related("protocols")]
        self.stdout.write(json.dumps(rows, ensure_ascii=False) if as_json else "\n".join(_lines(rows)))


def _described(project: Project) -> dict[str, Any]:
    protocols = sorted(project.protocols.all(), key=lambda row: row.pk)
    return {
        "id": project.pk,
        "name": project.name,
        "is_archived": project.archived_at is not None,
        "protocols": [{"id": row.pk, "name": row.name, "kind": row.kind, "state": row.state} for row in protocols],
    }


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        lines.append(f"{row['id']:>5}  {row['name']}{' (archived)' if row['is_archived'] else ''}")
        lines += [f"       {one['id']:>5}  {one['name']} ({one['kind']}, {one['state']})" for one in row["protocols"]]
    return lines or ["There is no project yet."]
