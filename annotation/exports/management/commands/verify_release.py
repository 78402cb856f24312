"""Recompute a release's digests and say which file or record differs: manage.py verify_release 7, or a directory."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.exports import queries, storage, verifying
from annotation.exports.models import Release
from training.fields import RecordError


class Command(BaseCommand):
    help = "Recompute the digests of a release and say which file or record differs. Exit status 1 if any does."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("release", help="The release's number, or a directory that holds one.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print one JSON object, nothing else.")

    def handle(self, *args: Any, release: str, as_json: bool, **options: Any) -> None:
        try:
            verdict = _stored(int(release)) if release.isdecimal() else verifying.verify(Path(release))
        except (RecordError, queries.ReleaseNotFrozen, storage.FilesGone) as error:
            raise CommandError(str(error)) from error
        if as_json:
            self.stdout.write(json.dumps(verdict.to_json()))
        elif verdict.is_whole:
            self.stdout.write(f"{verdict.records:,} records as they were frozen: {verdict.digest_sha256}")
        if not verdict.is_whole:
            raise CommandError("" if as_json else _said(verdict))


def _stored(pk: int) -> verifying.Verdict:
    release = Release.objects.filter(pk=pk).first()
    if release is None:
        raise CommandError(f"There is no release {pk}.")
    manifest = queries.manifest_of(release)
    with tempfile.TemporaryDirectory(prefix="bennet-verify-") as folder:
        verdict = verifying.verify(storage.local_copy(manifest, Path(folder)))
    if verdict.digest_sha256 != release.digest_sha256:
        verdict.differing.append({"file": "manifest.json", "reason": "names another digest than the site's row"})
    return verdict


def _said(verdict: verifying.Verdict) -> str:
    lines = [f"Not as it was frozen: {verdict.found_sha256} is not {verdict.digest_sha256}."]
    if verdict.found_sha256 == verdict.digest_sha256:
        lines = ["The records are as they were frozen, the files are not."]
    for found in verdict.differing:
        place = ", ".join(f"{name} {found[name]}" for name in ("row", "record") if name in found)
        lines.append(f"{found['file']}{f', {place}' if place else ''}: {found['reason']}")
    return "\n".join(lines)
