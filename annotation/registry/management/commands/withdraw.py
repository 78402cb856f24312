"""Take words back from a shell. Without --yes it says what that would touch, and changes nothing."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from annotation.people.actions import BadField
from annotation.people.models import User, Withdrawal
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed
from annotation.registry import given, withdrawals
from annotation.tasks.models import Prompt


class Command(BaseCommand):
    help = (
        "Take back all that a person gave to a project, or one prompt with its completions and answers. "
        "Says what that touches and changes nothing, unless --yes is given. It cannot be undone."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("project", help="The project's number or name.")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--person", help="Whose work: an e-mail address, or the number of a person.")
        what.add_argument("--prompt", type=int, help="The number of a prompt.")
        parser.add_argument("--as", dest="email", default="", help="Who withdraws it; else the site's owner.")
        parser.add_argument("--reason", default="", help="Kept with the withdrawal.")
        parser.add_argument("--yes", action="store_true", dest="is_meant", help="Do it.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print one JSON object, nothing else.")

    def handle(self, *args: Any, project: str, is_meant: bool, as_json: bool, **given_words: Any) -> None:
        now, parent = timezone.now(), _project(project)
        # Tried as it would be done and then forgotten, so that what is said is what would happen.
        with transaction.atomic():
            try:
                row = _withdraw(parent, now, given_words)
            except (BadField, NotAllowed, withdrawals.NothingToWithdraw) as error:
                raise CommandError(str(error)) from error
            told = {"withdrawal": row.pk if is_meant or row.created_at != now else None, **given.touched_by(row)}
            if not is_meant:
                transaction.set_rollback(True)
        told |= {"is_done": is_meant, "was_done_at": row.created_at.isoformat() if row.created_at != now else None}
        self.stdout.write(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(_lines(told)))


def _withdraw(project: Project, now: datetime, given_words: dict[str, Any]) -> Withdrawal:
    how: dict[str, Any] = {"actor": _actor(given_words["email"]), "now": now, "reason": given_words["reason"]}
    if given_words["prompt"] is None:
        return withdrawals.withdraw_work(project=project, person=_person(given_words["person"]), **how)
    prompt = Prompt.objects.select_related("project").filter(project=project, pk=given_words["prompt"]).first()
    if prompt is None:
        raise CommandError(f"There is no prompt {given_words['prompt']} in “{project}”.")
    return withdrawals.withdraw_prompt(prompt=prompt, **how)


def _lines(told: dict[str, Any]) -> list[str]:
    did = "Withdrawn" if told["is_done"] else "This would withdraw"
    if told["was_done_at"]:
        did = f"Withdrawn already, on {told['was_done_at'][:10]}"
    lines = [f"{did}: {told['answers']:,} answers, {told['prompts']:,} prompts, {told['completions']:,} completions."]
    for release in told["releases"]:
        lines.append(f"Release {release['id']}, {release['name']}: stale, for {release['answers']:,} of its answers.")
    lines += [f"Model {model['id']}, {model['name']}: stale." for model in told["models"]]
    lines += [f"Run {pk}: stopped." for pk in told["runs"]]
    if not told["releases"]:
        lines.append("No release holds any of it.")
    if not told["is_done"] and not told["was_done_at"]:
        lines.append("Nothing has been changed. Repeat this with --yes to do it; it cannot be undone.")
    return lines


def _project(name: str) -> Project:
    found = Project.objects.filter(pk=int(name)) if name.isdecimal() else Project.objects.filter(name=name)
    if (project := found.first()) is None:
        raise CommandError(f"There is no project “{name}”.")
    return project


def _person(name: str) -> User:
    found = User.objects.filter(pk=int(name)) if name.isdecimal() else User.objects.filter(email__iexact=name)
    if (person := found.first()) is None:
        raise CommandError(f"There is nobody by “{name}”.")
    return person


def _actor(email: str) -> User:
    people = User.objects.filter(email__iexact=email) if email else User.objects.filter(is_owner=True)
    if (actor := people.order_by("pk").first()) is None:
        raise CommandError(f"Nobody has the e-mail address {email}." if email else "The site has no owner yet.")
    return actor
