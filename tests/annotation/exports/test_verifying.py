"""A release frozen and verified from a shell, whole and spoiled."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django.fixtures import Settings

from annotation.exports import verifying
from annotation.exports.models import Release
from annotation.projects.models import Project
from annotation.tasks.models import Answer
from tests.training.releases import everyday_release, write_columns
from training import parquet
from training.records import LINES_SCHEMA, SPLITS

Freeze = Callable[..., Release]


def run(command: str, *words: str) -> Any:
    out = StringIO()
    call_command(command, *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_release_is_frozen_and_verified_from_a_shell(
    media: Path, answers: dict[str, Answer], project: Project, owner: object
) -> None:
    manifest = run("freeze", project.name, "Spring", "--selection", '{"languages": [""]}')
    release = Release.objects.get()
    assert (release.name, release.digest_sha256) == ("Spring", manifest["digest_sha256"])
    assert manifest["selection"] == {"languages": [""]}
    verdict = run("verify_release", str(release.pk))
    assert verdict == {
        "is_whole": True,
        "digest_sha256": release.digest_sha256,
        "found_sha256": release.digest_sha256,
        "records": 5,
        "differing": [],
    }
    out = StringIO()
    call_command("verify_release", str(media / "releases" / release.digest_sha256), stdout=out)
    assert f"5 records as they were frozen: {release.digest_sha256}" in out.getvalue()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "x"], "There is no project “nowhere”"),
        (["{project}", "x", "--as", "nobody@example.com"], "Nobody has the e-mail address"),
        (["{project}", "x", "--selection", "{"], "The selection is not JSON"),
        (["{project}", "x", "--selection", '{"kind": 1}'], "kind: is not part of a selection"),
        (["{project}", "x", "--selection", '{"languages": ["xx"]}'], "No answer passes this selection"),
        (["{project}", " "], "Give the release a name"),
    ],
)
def test_a_freeze_that_cannot_be_says_why(
    answers: dict[str, Answer], project: Project, owner: object, words: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("freeze", *(word.replace("{project}", str(project.pk)) for word in words))


def test_a_changed_record_is_named_by_its_file(media: Path, answers: dict[str, Answer], freeze: Freeze) -> None:
    release = freeze()
    place = media / "releases" / release.digest_sha256
    split = next(split for split in SPLITS if release.counts["rankings"][split])
    path = place / split / "rankings.parquet"
    rows = list(parquet.rows_of("rankings", path))
    write_columns(place, split, "rankings", [rows[0] | {"rationale": "Somebody else's."}, *rows[1:]])
    verdict = verifying.verify(place)
    assert not verdict.is_whole
    assert verdict.found_sha256 != release.digest_sha256
    assert verdict.differing == [
        {"file": f"{split}/rankings.parquet", "reason": "other bytes than the manifest's sha256"}
    ]
    with pytest.raises(CommandError, match=rf"(?s)Not as it was frozen.*{split}/rankings.parquet: other bytes"):
        call_command("verify_release", str(release.pk))


def test_missing_unreadable_and_misplaced_are_told_apart(
    media: Path, answers: dict[str, Answer], freeze: Freeze
) -> None:
    release = freeze()
    place = media / "releases" / release.digest_sha256
    split = next(split for split in SPLITS if release.counts["rankings"][split])
    other = next(name for name in SPLITS if name != split)
    (place / "README.md").unlink()
    rows = list(parquet.rows_of("rankings", place / split / "rankings.parquet"))
    write_columns(place, other, "rankings", rows)
    (place / split / "rankings.parquet").write_bytes(b"PAR1")
    reasons = {(one["file"], one.get("record")): one["reason"] for one in verifying.verify(place).differing}
    assert reasons["README.md", None] == "missing"
    assert f"stands in {other} and says {split}" in reasons[f"{other}/rankings.parquet", rows[0]["record_id"]]
    assert "records where the manifest counts" in reasons[f"{split}/rankings.parquet", None]


def test_a_release_of_lines_is_verified_too(tmp_path: Path) -> None:
    place = everyday_release(tmp_path / "old", schema=LINES_SCHEMA)
    digest = verifying.verify(place)
    assert (digest.records, digest.differing) == (112, [])
    assert len(digest.found_sha256) == 64


def test_a_release_in_an_object_store_is_copied_first(
    media: Path, answers: dict[str, Answer], settings: Settings, freeze: Freeze
) -> None:
    backend = "tests.annotation.exports.test_storage.ObjectStore"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend}}
    assert run("verify_release", str(freeze().pk))["is_whole"]


def test_what_is_no_release_is_said_to_be_none(tmp_path: Path, db: None) -> None:
    with pytest.raises(CommandError, match="not a finished release"):
        call_command("verify_release", str(tmp_path))
    with pytest.raises(CommandError, match="There is no release 7"):
        call_command("verify_release", "7")
