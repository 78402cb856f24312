"""Views as stored files: whole or not there, written once, packed as chosen, and flat in memory."""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pytest_django.fixtures import Settings

from annotation import durable
from annotation.exports import building, storage, view_files, view_writing
from annotation.exports.models import Release, ReleaseView
from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.tasks.models import Answer
from tests.annotation.exports.many import make_rankings
from tests.annotation.exports.test_storage import room_for
from tests.people import NOW
from training import parquet
from training.records import MANIFEST, SPLITS

Freeze = Callable[..., Release]


def built(release: Release, owner: User, format: str = "trl_preference", **options: Any) -> ReleaseView:
    view = building.request_view(release=release, format=format, options=options, actor=owner, now=NOW)
    building.build(view_id=view.pk)
    view.refresh_from_db()
    return view


def stored(media: Path, view: ReleaseView) -> Path:
    return media / building.place_of(view)


def rows(media: Path, view: ReleaseView) -> list[Any]:
    """Read the rows of all splits, however they are packed."""
    found = []
    for entry in view.manifest["files"]:
        path = stored(media, view) / entry["path"]
        if path.suffix == ".parquet":
            found += pq.read_table(path).to_pylist()
            continue
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
        if path.suffix == ".zst":
            raw = pa.CompressedInputStream(pa.BufferReader(raw), "zstd").read()
        found += [json.loads(line) for line in raw.splitlines()]
    return found


def test_a_view_is_files_and_a_manifest(answers: dict[str, Answer], owner: User, freeze: Freeze, media: Path) -> None:
    release = freeze()
    view = built(release, owner)
    assert view.state == "done"
    manifest = json.loads((stored(media, view) / MANIFEST).read_text())
    assert manifest == view.manifest
    assert manifest["release_sha256"] == release.digest_sha256
    assert manifest["options"]["ties"] == "drop"
    assert manifest["loses"]
    assert manifest["left_out"] == {"all_bad_ranking": 1, "tied_pair": 1}
    assert sum(manifest["counts"]["records"].values()) == 3
    assert sum(manifest["counts"]["rows"].values()) == 3
    assert sum(entry["rows"] for entry in manifest["files"]) == 3
    assert {entry["path"] for entry in manifest["files"]} <= {f"{split}.jsonl" for split in SPLITS}
    for entry in manifest["files"]:
        raw = (stored(media, view) / entry["path"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())


@pytest.mark.parametrize("options", [{"container": "parquet"}, {"compression": "gz"}, {"compression": "zst"}])
def test_the_rows_are_the_same_however_packed(
    answers: dict[str, Answer], owner: User, freeze: Freeze, media: Path, options: dict[str, str]
) -> None:
    release = freeze()
    plain = rows(media, built(release, owner, weights=True))
    assert plain
    assert rows(media, built(release, owner, weights=True, **options)) == plain


def test_other_choices_lie_beside(answers: dict[str, Answer], owner: User, freeze: Freeze, media: Path) -> None:
    release = freeze()
    places = {built(release, owner, pairs=rule).pk for rule in ("all", "adjacent", "all")}
    assert len(places) == 2
    assert len(list((media / storage.prefix_of(release.digest_sha256) / storage.VIEWS).iterdir())) == 2
    assert freeze("again").digest_sha256 == release.digest_sha256


def test_each_prompt_stands_once(answers: dict[str, Answer], owner: User, freeze: Freeze, media: Path) -> None:
    view = built(freeze(), owner, "trl_prompt", form="standard")
    found = sorted(row["prompt"] for row in rows(media, view))
    assert found == ["Name a bird.", "Name a river.", "Name a tree.", "What is a lease?"]
    assert view.left_out == {"repeated_row": 1}


def test_a_full_disk_leaves_nothing_and_says_what_to_do(
    ranking_protocol: Protocol, owner: User, freeze: Freeze, media: Path
) -> None:
    make_rankings(ranking_protocol, owner, 100)
    release = freeze()
    with room_for(50_000):
        view = built(release, owner)
    assert view.state == "failed"
    assert "The disk is full" in view.error
    assert [path.name for path in (media / "releases").iterdir()] == [release.digest_sha256]
    assert not stored(media, view).exists()

    again = built(release, owner)
    assert (again.pk, again.state) == (view.pk, "done")


def test_a_cancelled_view_leaves_nothing(
    answers: dict[str, Answer], owner: User, freeze: Freeze, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = freeze()
    view = building.request_view(release=release, format="trl_preference", options={}, actor=owner, now=NOW)
    publish = storage.publish_view

    def cancelled_meanwhile(*given: Any) -> Any:
        building.cancel_view(view=view, actor=owner, now=NOW)
        durable.beat(ReleaseView.objects.get(pk=view.pk), now=NOW)
        return publish(*given)

    monkeypatch.setattr(storage, "publish_view", cancelled_meanwhile)
    building.build(view_id=view.pk)
    view.refresh_from_db()
    assert (view.state, view.manifest) == ("cancelled", {})
    assert not stored(media, view).exists()


def test_a_worker_that_was_killed_leaves_a_partial_that_the_next_clears(
    answers: dict[str, Answer], owner: User, freeze: Freeze, media: Path
) -> None:
    release = freeze()
    left = media / "releases" / ".partial-view-9-1" / "view"
    left.mkdir(parents=True)
    (left / "train.jsonl").write_text("{")
    view = built(release, owner)
    assert view.state == "done"
    assert not left.exists()


def test_an_object_store_holds_the_same_view(
    answers: dict[str, Answer], owner: User, freeze: Freeze, settings: Settings
) -> None:
    on_disk = built(freeze("on a disk"), owner)
    backend = {"BACKEND": "tests.annotation.exports.test_storage.ObjectStore"}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    in_store = built(freeze("in a store"), owner)
    assert in_store.manifest == on_disk.manifest
    assert storage.standing_view(building.place_of(in_store)) == in_store.manifest


def test_memory_does_not_grow_with_the_rows(
    ranking_protocol: Protocol, owner: User, freeze: Freeze, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_files, "CHUNK_BYTES", 1 << 16)
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", 64)

    def peak_of(release: Release) -> int:
        view = building.request_view(release=release, format="trl_preference", options={}, actor=owner, now=NOW)
        (media / str(release.pk)).mkdir()
        gc.collect()
        tracemalloc.start()
        try:
            view_writing.write(
                media / str(release.pk), release=release, format=view.format, choices=view.options,
                progress=lambda done, total: None,
            )  # fmt: skip
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    make_rankings(ranking_protocol, owner, 300)
    few = peak_of(freeze("few"))
    make_rankings(ranking_protocol, owner, 1200, first=301)
    assert peak_of(freeze("many")) - few < 1200 * 100
