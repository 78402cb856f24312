"""Recompute a model's digests and hold them against row, run and release: manage.py verify_model 7, or a directory."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.registry import verifying
from annotation.registry.models import ModelVersion

DIFFERS, NOTHING_TO_VERIFY = 1, 2


class Command(BaseCommand):
    help = (
        "Recompute the digests of a model version and say what is not as its run left it: files, card, run or release. "
        "Exit status 0 if it is whole, 1 if anything differs, 2 if there is no such model or no file of it."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", help="The model version's number, or a directory that holds one.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print one JSON object, nothing else.")

    def handle(self, *args: Any, model: str, as_json: bool, **options: Any) -> None:
        try:
            verdict = (
                verifying.verify(_model(int(model))) if model.isdecimal() else verifying.verify_folder(Path(model))
            )
        except verifying.NotAModel as error:
            raise CommandError(str(error), returncode=NOTHING_TO_VERIFY) from error
        if as_json:
            self.stdout.write(json.dumps(verdict.to_json()))
        elif verdict.is_whole:
            self.stdout.write(f"{verdict.files:,} files as the run left them: {verdict.found_sha256}")
        if not verdict.is_whole:
            raise CommandError("" if as_json else _said(verdict), returncode=DIFFERS)


def _model(pk: int) -> ModelVersion:
    model = ModelVersion.objects.select_related("run", "release").filter(pk=pk).first()
    if model is None:
        raise verifying.NotAModel(f"There is no model version {pk}.")
    return model


def _said(verdict: verifying.Verdict) -> str:
    lines = [f"Not as the run left it: {verdict.found_sha256} is not {verdict.model_sha256}."]
    if verdict.found_sha256 == verdict.model_sha256:
        lines = ["The weights are as the run left them, the rest is not."]
    return "\n".join([*lines, *(f"{found['what']}: {found['reason']}" for found in verdict.differing)])
