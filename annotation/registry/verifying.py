"""Is a model what its run left? Its files, its card, its run and its release are held against what the row says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.storage import default_storage

from annotation.durable import JobState
from annotation.registry import trees
from annotation.registry.models import ModelVersion
from training.handover import model_sha256, sha256_of_file
from training.records import CARD


class NotAModel(Exception):
    """There is nothing to look at: no files, or no card among them."""


@dataclass
class Verdict:
    """What was found; `differing` names what is not as it was, each with why."""

    model_sha256: str
    files: int = 0
    found_sha256: str = ""
    differing: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.differing and self.found_sha256 == self.model_sha256

    def say(self, what: str, reason: str) -> None:
        self.differing.append({"what": what, "reason": reason})

    def to_json(self) -> dict[str, Any]:
        return {
            "is_whole": self.is_whole,
            "model_sha256": self.model_sha256,
            "found_sha256": self.found_sha256,
            "files": self.files,
            "differing": self.differing,
        }


def verify(model: ModelVersion) -> Verdict:
    """Look at a model version, its stored files, its run and its release. Raise NotAModel where no file is stored."""
    verdict = Verdict(model.sha256)
    with _folder_of(model) as folder:
        _compare_files(verdict, folder, model.files)
        card = _card_in(folder, verdict)
        verdict.found_sha256 = model_sha256(folder)
    if card is not None:
        _compare_card(verdict, card, model)
    _compare_run(verdict, model)
    return verdict


def verify_folder(place: Path) -> Verdict:
    """Look at a model's directory by what its own card says. Raise NotAModel where it has none."""
    if not (place / CARD).is_file():
        raise NotAModel(f"{place} holds no {CARD}: it is no model's directory, or not all of one.")
    verdict = Verdict("")
    card = _card_in(place, verdict)
    verdict.model_sha256 = str((card or {}).get("model_sha256", ""))
    verdict.files, verdict.found_sha256 = len(trees.files_in(place)), model_sha256(place)
    return verdict


@contextmanager
def _folder_of(model: ModelVersion) -> Iterator[Path]:
    """Give a directory with the stored files: storage's own, or a copy of them."""
    with TemporaryDirectory(prefix="bennet-verify-") as scratch:
        try:
            yield trees.readable(default_storage, model.stored_prefix, Path(scratch) / "model")
        except trees.TreeMissing as error:
            raise NotAModel(f"The files of {model} are gone from storage.") from error


def _compare_files(verdict: Verdict, folder: Path, listed: list[Mapping[str, Any]]) -> None:
    """Hold what is stored against the row's list; a model older than that list has its digest alone."""
    found = {path.relative_to(folder).as_posix(): path for path in trees.files_in(folder)}
    verdict.files = len(found)
    for entry in listed:
        path = found.pop(entry["path"], None)
        if path is None:
            verdict.say(entry["path"], "missing")
        elif path.stat().st_size != entry["bytes"] or sha256_of_file(path) != entry["sha256"]:
            verdict.say(entry["path"], "other bytes than the row's sha256")
    for name in found if listed else ():
        verdict.say(name, "was not there when the run ended")


def _card_in(folder: Path, verdict: Verdict) -> dict[str, Any] | None:
    try:
        card = json.loads((folder / CARD).read_bytes())
    except FileNotFoundError:
        # The list of files has said so already, where there is one.
        if not any(found["what"] == CARD for found in verdict.differing):
            verdict.say(CARD, "missing")
        return None
    except ValueError:
        verdict.say(CARD, "is not JSON")
        return None
    return card if isinstance(card, dict) else {}


def _compare_card(verdict: Verdict, card: Mapping[str, Any], model: ModelVersion) -> None:
    if card != model.card:
        names = sorted(name for name in {*card, *model.card} if card.get(name) != model.card.get(name))
        verdict.say(CARD, f"differs from the row's card in {', '.join(names)}")
    if card.get("model_sha256") != model.sha256:
        verdict.say(CARD, "names another digest than the row")
    if card.get("stage") != model.stage:
        verdict.say(CARD, f"says stage {card.get('stage')} where the row says {model.stage}")
    if card.get("release_digest_sha256") != model.release.digest_sha256:
        verdict.say(CARD, f"names another release than {model.release.name}")


def _compare_run(verdict: Verdict, model: ModelVersion) -> None:
    run, name = model.run, f"run {model.run_id}"
    if run.state != JobState.DONE:
        verdict.say(name, f"is {run.state}")
    if run.release_id != model.release_id:
        verdict.say(name, f"was ordered on release {run.release_id}, the model names {model.release_id}")
    if run.stage != model.stage:
        verdict.say(name, f"is of stage {run.stage}, the model of {model.stage}")
