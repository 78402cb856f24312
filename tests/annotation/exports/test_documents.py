"""Texts to learn language from, in a release that asks for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from annotation.exports import actions, documents, storage
from annotation.exports.actions import EmptySelection
from annotation.exports.previewing import preview
from annotation.exports.selection import Selection
from annotation.exports.verifying import verify
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.tasks import bulk
from annotation.tasks.documents import NewDocument, add_documents
from annotation.tasks.models import Document
from annotation.tasks.splits import split_of, text_sha256
from tests.annotation.exports.conftest import Freeze
from tests.people import NOW
from training.parquet import read_documents

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = [f"Chapter {number}. It was a quiet day.\nNothing happened." for number in range(60)]


@pytest.fixture
def texts(project: Project) -> list[str]:
    with transaction.atomic():
        bulk.take_turn(project)
        add_documents(project, [NewDocument(text, "en", "novel.txt") for text in TEXTS], now=NOW)
    return TEXTS


def place_of(media: Path, digest: str) -> Path:
    return media / storage.prefix_of(digest)


def test_a_release_of_texts_alone_holds_each_in_its_stored_split(media: Path, texts: list[str], freeze: Freeze) -> None:
    release = freeze("Texts", {"documents": True})

    assert release.state == "done", release.error
    place = place_of(media, release.digest_sha256)
    read = {split: list(read_documents(place, split)) for split in ("train", "validation", "test")}
    assert {split: len(found) for split, found in read.items()} == release.counts["documents"]
    assert sum(release.counts["documents"].values()) == 60
    assert release.counts["demonstrations"] == {"train": 0, "validation": 0, "test": 0}
    assert all(split_of(text_sha256(one.text)) == split for split, found in read.items() for one in found)
    assert sorted(one.text for found in read.values() for one in found) == sorted(texts)
    assert {(one.language, one.source) for found in read.values() for one in found} == {("en", "novel.txt")}
    verdict = verify(place)
    assert verdict.is_whole
    assert verdict.records == 60


def test_texts_stay_out_where_nobody_asks_for_them(texts: list[str], answers: dict[str, Any], freeze: Freeze) -> None:
    plain = freeze("Plain", {})
    both = freeze("Both", {"documents": True})

    assert "documents" not in plain.counts
    assert not any("documents" in file["path"] for file in plain.manifest["files"])
    assert both.counts["rankings"] == plain.counts["rankings"]
    assert both.digest_sha256 != plain.digest_sha256


def test_texts_are_chosen_by_day_and_language(texts: list[str], project: Project) -> None:
    Document.objects.filter(project=project, text=TEXTS[0]).update(language="nb", created_at=NOW + timedelta(days=9))

    def number(**chosen: object) -> int:
        return documents.going_in(project, Selection.parse({"documents": True, **chosen})).count()

    assert number(languages=["nb"]) == 1
    assert number(date_to=NOW.date().isoformat()) == 59
    assert number(date_from=(NOW + timedelta(days=1)).date().isoformat()) == 1
    assert documents.going_in(project, Selection()).count() == 0


def test_a_preview_counts_them_with_one_more_query(texts: list[str], project: Project) -> None:
    costs = []
    for chosen in ({}, {"documents": True}):
        with CaptureQueriesContext(connection) as captured:
            found = preview(project, Selection.parse(chosen))
        costs.append(len(captured))

    assert sum(found.counts["documents"].values()) == 60
    assert costs[1] == costs[0] + 1


def test_a_project_without_texts_or_answers_has_nothing_to_freeze(project: Project, owner: User) -> None:
    with pytest.raises(EmptySelection):
        actions.request_release(project=project, name="Nothing", selection={"documents": True}, actor=owner, now=NOW)
