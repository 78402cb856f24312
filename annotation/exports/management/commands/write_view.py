"""Write a view of a release from a shell: the same verbs as the page, and the same files in the same place."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotation.durable import JobState
from annotation.exports import building, queries
from annotation.exports.choices import BadChoice
from annotation.exports.models import Release, ReleaseView
from annotation.exports.view_files import options_of
from annotation.exports.views import VIEWS
from annotation.people.models import User
from annotation.projects.permissions import NotAllowed, ProjectArchived


class Command(BaseCommand):
    help = "Write a view of a release: manage.py write_view RELEASE FORMAT [--option NAME=VALUE …] [--json]."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("release", help="The release's number, or its digest or the beginning of it.")
        parser.add_argument("format", choices=VIEWS)
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--as", dest="email", default="", help="Who asks for it; else the site's owner.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of lines.")

    def handle(self, *args: Any, release: str, format: str, email: str, **given: Any) -> None:
        try:
            view = building.request_view(
                release=_release(release),
                format=format,
                options=_options(format, given["option"]),
                actor=_actor(email),
                now=timezone.now(),
            )
        except (BadChoice, NotAllowed, ProjectArchived, queries.ReleaseNotFrozen) as error:
            raise CommandError(str(error)) from error
        building.build(view_id=view.pk)
        view.refresh_from_db()
        if view.state != JobState.DONE:
            raise CommandError(view.error or f"The view is {view.state}: somebody else writes it.")
        self.stdout.write(json.dumps(_told(view)) if given["json"] else "\n".join(_lines(view)))


def _release(name: str) -> Release:
    found = Release.objects.filter(pk=int(name)) if name.isdecimal() and len(name) < 16 else Release.objects.none()
    row = found.first() or Release.objects.filter(digest_sha256__startswith=name, state=JobState.DONE).first()
    if row is None:
        known = ", ".join(f"{pk} {known!r}" for pk, known in Release.objects.order_by("pk").values_list("pk", "name"))
        raise CommandError(f"There is no release {name!r}; there are: {known or 'none yet'}.")
    return row


def _options(format: str, typed: list[str]) -> dict[str, Any]:
    """Return the options typed as name=value. Raise BadChoice."""
    known = {option.name: option for option in options_of(VIEWS[format])}
    options = {}
    for text in typed:
        name, separator, value = text.partition("=")
        if not separator or name not in known:
            raise BadChoice(name, f"write name=value with one of {', '.join(known)}")
        options[name] = known[name].parse(value)
    return options


def _actor(email: str) -> User:
    people = User.objects.filter(email__iexact=email) if email else User.objects.filter(is_owner=True)
    actor = people.order_by("pk").first()
    if actor is None:
        raise CommandError(f"Nobody here has the address {email!r}." if email else "This site has no owner yet.")
    return actor


def _told(view: ReleaseView) -> dict[str, Any]:
    return {"id": view.pk, "place": building.place_of(view), **view.manifest}


def _lines(view: ReleaseView) -> list[str]:
    files = [f"{entry['path']:>24} {entry['rows']:>12,} rows {entry['bytes']:>16,} bytes" for entry in _files(view)]
    reasons = [f"{'· ' + reason:>24} {number:>12,}" for reason, number in view.left_out.items()]
    return [building.place_of(view), *files, *reasons]


def _files(view: ReleaseView) -> list[dict[str, Any]]:
    return list(view.manifest["files"])
