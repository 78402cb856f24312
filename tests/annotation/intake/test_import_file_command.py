from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from annotation.intake.models import ImportFile
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.tasks.models import Answer
from tests.annotation.intake.readers.reading import lines_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sums.jsonl"
    path.write_bytes(
        lines_of({"question": "1 + 1?", "answer": "2"}, {"question": "2 + 2?"}, {"question": "", "answer": "4"})
    )
    return path


def said(*words: object) -> str:
    out = io.StringIO()
    call_command("import_file", *map(str, words), stdout=out, stderr=io.StringIO())
    return " ".join(out.getvalue().split())


def test_a_file_comes_in_from_a_shell(project: Project, path: Path) -> None:
    mapping = ("--option", "prompt_column=question", "--option", "completion_column=answer")
    text = said("Assistant", path, *mapping, "--option", "source=sums")
    assert "read 3 prompts 1" in text
    assert "rejected 2" in text
    assert "· empty_text 1 · missing_field 1" in text
    assert Answer.objects.get().annotator.source == "sums"
    assert "duplicates 1" in said(project.pk, path, *mapping, "--option", "source=sums")


def test_a_program_reads_one_object(project: Project, path: Path) -> None:
    mapping = ("--option", "prompt_column=question", "--option", "completion_column=answer")
    found = json.loads(said(project.pk, path, *mapping, "--json"))
    assert (found["state"], found["counts"]["prompts"]) == ("done", 1)
    assert found["rejected"] == {"empty_text": 1, "missing_field": 1}


def test_whose_import_it_is_may_be_said(project: Project, path: Path, researcher: User, annotator: User) -> None:
    said(project.pk, path, "--option", "prompt_column=question", "--as", researcher.email)
    assert ImportFile.objects.get().created_by == researcher
    with pytest.raises(CommandError, match="does not allow"):
        said(project.pk, path, "--as", annotator.email)
    with pytest.raises(CommandError, match="Nobody here"):
        said(project.pk, path, "--as", "nobody@example.com")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--option", "colour=red"], "prompt_column"),
        (["--option", "limit_rows=many"], "whole number"),
        ([], "prompt_column"),
    ],
)
def test_a_wrong_word_is_told(project: Project, path: Path, words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        said(project.pk, path, *words)


def test_a_project_or_file_that_is_not_there_is_told(project: Project, path: Path) -> None:
    with pytest.raises(CommandError, match="'Assistant'"):
        said("Nothing", path)
    with pytest.raises(CommandError, match="No such file"):
        said(project.pk, path.with_name("nothing.csv"))


def test_two_gibibytes_are_refused_unread(project: Project, tmp_path: Path, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2**30
    sparse = tmp_path / "large.jsonl"
    with sparse.open("wb") as file:
        file.truncate(2 * 2**30)
    with pytest.raises(CommandError, match="larger than 1,024 MiB"):
        said(project.pk, sparse)
    assert not ImportFile.objects.exists()
