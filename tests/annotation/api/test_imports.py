from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from annotation import durable
from annotation.intake import actions
from annotation.intake.models import ImportFile, RejectedRow
from annotation.people.models import User
from annotation.projects.models import Project
from tests.guards import guards
from tests.people import EVERYBODY

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User | None], APIClient]
Statuses = Callable[..., dict[str, int]]

DATA = b'{"kind": "prompt", "text": "Why?"}\n{"kind": "prompt", "text": "=1+1", "kind": 2}\n{"kind": "=poem"}\n'


@pytest.fixture(autouse=True)
def _own_media(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    monkeypatch.setattr(durable, "BEAT_SECONDS", 3600.0)


@pytest.fixture
def place(project: Project) -> str:
    return f"/api/projects/{project.pk}/imports/"


@pytest.fixture
def done(place: str, owner: User, client_of: ClientOf) -> ImportFile:
    """An import of one good row and two bad ones, brought in."""
    row = ImportFile.objects.get(pk=upload(client_of(owner), place).json()["id"])
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    return row


def upload(client: APIClient, place: str, data: bytes = DATA, **fields: Any) -> Any:
    return client.post(place, {"file": SimpleUploadedFile("a.jsonl", data), **fields}, format="multipart")


def by_role(*codes: int) -> dict[str, int]:
    return dict(zip(EVERYBODY, codes, strict=True))


def test_a_file_is_received_and_its_import_is_queued(
    place: str, manager: User, client_of: ClientOf, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        answer = upload(client_of(manager), place, options=json.dumps({"open_tasks": False}))
    assert answer.status_code == 202
    assert len(callbacks) == 1
    body = answer.json()
    row = ImportFile.objects.get()
    assert body["id"] == row.pk
    assert (body["state"], body["format"], body["file_name"], body["options"]) == (
        "queued", "auto", "a.jsonl", {"open_tasks": False},
    )  # fmt: skip
    assert (body["progress_done"], body["progress_total"]) == (0, len(DATA))
    assert body["created_by"] == {"id": manager.pk, "name": manager.name}
    assert "stored_name" not in body


def test_a_finished_import_tells_its_counts(place: str, owner: User, client_of: ClientOf, done: ImportFile) -> None:
    body = client_of(owner).get(f"{place}{done.pk}/").json()
    assert (body["state"], body["error"], body["progress_done"]) == ("done", "", len(DATA))
    assert body["counts"] == {
        "read": 3,
        "prompts": 1,
        "completions": 0,
        "demonstrations": 0,
        "rankings": 0,
        "comparisons": 0,
        "labels": 0,
        "documents": 0,
        "tasks": 1,
        "duplicates": 0,
        "rejected": 2,
        "skipped": 0,
    }
    assert (body["is_dry_run"], body["found_format"]) == (False, "bennet")  # fmt: skip
    assert body["rejected_by_reason"] == {"duplicate_key": 1, "unknown_kind": 1}
    assert client_of(owner).get(place).json()["results"] == [body]


@guards(
    "POST /api/projects/{project}/imports/",
)
def test_who_may_upload(place: str, everybody: dict[str, User | None], client_of: ClientOf) -> None:
    codes = {who: upload(client_of(user), place).status_code for who, user in everybody.items()}
    assert codes == by_role(202, 202, 202, 403, 403, 403, 404, 401)
    assert ImportFile.objects.count() == 3


@guards(
    "GET /api/projects/{project}/imports/",
    "GET /api/projects/{project}/imports/{id}/",
    "GET /api/projects/{project}/imports/{id}/rejections/",
    "GET /api/projects/{project}/imports/{id}/rejections.csv",
    "GET /api/projects/{project}/imports/{id}/rejections.jsonl",
    "GET /api/projects/{project}/imports/{id}/preview/",
)
def test_who_may_see(place: str, done: ImportFile, statuses: Statuses) -> None:
    seen = by_role(200, 200, 200, 404, 404, 404, 404, 401)
    assert statuses("get", f"{place}{done.pk}/") == seen
    assert statuses("get", f"{place}{done.pk}/rejections/") == seen
    assert statuses("get", f"{place}{done.pk}/rejections.csv") == seen
    assert statuses("get", f"{place}{done.pk}/rejections.jsonl") == seen
    assert statuses("get", f"{place}{done.pk}/preview/") == seen
    assert statuses("get", place) == by_role(200, 200, 200, 200, 200, 200, 404, 401)


def test_a_list_is_empty_for_those_who_may_not_see(
    place: str, done: ImportFile, annotator: User, client_of: ClientOf
) -> None:
    assert client_of(annotator).get(place).json()["results"] == []


def test_an_import_is_found_in_its_own_project_only(
    done: ImportFile, outsider: User, owner: User, client_of: ClientOf
) -> None:
    elsewhere = Project.objects.get(name="Elsewhere")
    for user in (outsider, owner):
        assert client_of(user).get(f"/api/projects/{elsewhere.pk}/imports/{done.pk}/").status_code == 404


@guards(
    "POST /api/projects/{project}/imports/{id}/cancel/",
    "POST /api/projects/{project}/imports/{id}/retry/",
)
def test_who_may_cancel_and_retry(
    place: str, owner: User, client_of: ClientOf, everybody: dict[str, User | None]
) -> None:
    cancelled, retried = {}, {}
    for who, user in everybody.items():
        pk = upload(client_of(owner), place).json()["id"]
        cancelled[who] = client_of(user).post(f"{place}{pk}/cancel/").status_code
        ImportFile.objects.filter(pk=pk).update(state="cancelled")
        retried[who] = client_of(user).post(f"{place}{pk}/retry/").status_code
    assert cancelled == by_role(200, 200, 200, 404, 404, 404, 404, 401)
    assert retried == by_role(202, 202, 202, 404, 404, 404, 404, 401)


def test_what_has_ended_is_neither_cancelled_nor_retried(
    place: str, owner: User, client_of: ClientOf, done: ImportFile
) -> None:
    for verb, code in (("cancel", "job_ended"), ("retry", "job_not_retryable")):
        answer = client_of(owner).post(f"{place}{done.pk}/{verb}/")
        assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_a_cancelled_import_waits_again_after_a_retry(place: str, owner: User, client_of: ClientOf) -> None:
    client = client_of(owner)
    pk = upload(client, place).json()["id"]
    assert client.post(f"{place}{pk}/cancel/").json()["state"] == "cancelled"
    assert client.post(f"{place}{pk}/retry/").json()["state"] == "queued"


def test_rejections_come_in_pages_in_the_order_of_the_file(
    place: str, owner: User, client_of: ClientOf, done: ImportFile
) -> None:
    client = client_of(owner)
    page = client.get(f"{place}{done.pk}/rejections/", {"page_size": 1}).json()
    (first,) = page["results"]
    assert (first["line"], first["field"], first["reason"]) == (2, "kind", "duplicate_key")
    assert first["excerpt"].startswith('{"kind": "prompt"')
    (second,) = client.get(page["next"]).json()["results"]
    assert (second["line"], second["message"]) == (
        3,
        "kind must be one of prompt, completions, pair, demonstration, ranking, comparison, labels, moderation_label.",
    )


def test_rejections_as_csv_hold_no_formula(place: str, owner: User, client_of: ClientOf, done: ImportFile) -> None:
    RejectedRow.objects.filter(line=2).update(field="=cmd|' /C calc'!A0", excerpt="@SUM(1)")
    RejectedRow.objects.filter(line=3).update(field="+1", excerpt='-1, "quoted"')
    answer = client_of(owner).get(f"{place}{done.pk}/rejections.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *table = csv.reader(io.StringIO(answer.getvalue().decode()))
    assert header == ["line", "is_skipped", "field", "reason", "message", "excerpt"]
    assert [(line, field, excerpt) for line, _, field, _, _, excerpt in table] == [
        ("2", "'=cmd|' /C calc'!A0", "'@SUM(1)"),
        ("3", "'+1", '\'-1, "quoted"'),
    ]


def test_rejections_as_json_lines_are_all_of_them(
    place: str, owner: User, client_of: ClientOf, done: ImportFile
) -> None:
    RejectedRow.objects.create(import_file=done, attempt=done.attempt, line=9, reason="deleted", is_skipped=True)
    answer = client_of(owner).get(f"{place}{done.pk}/rejections.jsonl")
    assert answer.headers["Content-Type"] == "application/jsonl; charset=utf-8"
    rows = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert [(row["line"], row["is_skipped"], row["reason"]) for row in rows] == [
        (2, False, "duplicate_key"), (3, False, "unknown_kind"), (9, True, "deleted"),
    ]  # fmt: skip
    assert "id" not in rows[0]


@guards(
    "PATCH /api/projects/{project}/imports/{id}/",
    "DELETE /api/projects/{project}/imports/{id}/",
    "POST /api/projects/{project}/imports/{id}/confirm/",
)
def test_who_may_change_confirm_and_drop(
    place: str, owner: User, client_of: ClientOf, everybody: dict[str, User | None]
) -> None:
    changed, confirmed, dropped = {}, {}, {}
    for who, user in everybody.items():
        pk, other = (upload(client_of(owner), place, dry_run=True).json()["id"] for _ in range(2))
        changed[who] = client_of(user).patch(f"{place}{pk}/", {"format": "bennet"}, format="json").status_code
        confirmed[who] = client_of(user).post(f"{place}{pk}/confirm/").status_code
        dropped[who] = client_of(user).delete(f"{place}{other}/").status_code
    assert changed == confirmed == by_role(202, 202, 202, 404, 404, 404, 404, 401)
    assert dropped == by_role(204, 204, 204, 404, 404, 404, 404, 401)


def test_a_dry_run_is_previewed_mapped_and_confirmed(
    place: str, owner: User, client_of: ClientOf, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = client_of(owner)
    row = upload(client, place, b"question;reply\nWhy?;So.\nWho?;\n", dry_run=True).json()
    assert (row["is_dry_run"], row["state"]) == (True, "queued")
    at = f"{place}{row['id']}/"
    first = client.get(f"{at}preview/").json()
    assert first["table"] == {
        "names": ["question", "reply"], "rows": [["Why?", "So."], ["Who?", ""]], "delimiter": "semicolon",
    }  # fmt: skip
    assert "no column 'prompt'" in first["error"]
    assert first["rows"] == []
    columns = {"prompt_column": "question", "completion_column": "reply"}
    with django_capture_on_commit_callbacks() as callbacks:
        assert client.patch(at, {"options": columns}, format="json").status_code == 202
    assert len(callbacks) == 1
    second = client.get(f"{at}preview/").json()
    assert (second["error"], second["format"], second["is_whole"]) == ("", "csv", True)
    assert second["counts"] == {"read": 2, "demonstration": 1, "rejected": 1}
    (shown,) = second["rows"]
    assert (shown["line"], shown["kind"], shown["answer"]["completion"]) == (2, "demonstration", "So.")
    assert shown["messages"] == [{"role": "user", "content": "Why?"}]
    assert (shown["protocol"]["kind"], shown["protocol"]["id"] is None) == ("demonstration", False)
    (left_out,) = second["left_out"]
    assert (left_out["line"], left_out["is_skipped"], left_out["field"]) == (3, False, "reply")
    assert client.post(f"{at}confirm/").json()["is_dry_run"] is False
    again = client.post(f"{at}confirm/")
    assert (again.status_code, again.json()["code"]) == (409, "import_confirmed")
    wrong = client.patch(at, {"options": {"colour": "red"}}, format="json")
    assert wrong.status_code == 409


def test_a_ranking_is_previewed_as_its_annotator_will_see_it(place: str, owner: User, client_of: ClientOf) -> None:
    """Under labels, without its maker's name, and in an order that says nothing; the answer goes by the labels."""
    texts = {"a": "I am ChatGPT.", "b": "No.", "c": "Yes."}
    row = {
        "kind": "ranking",
        "text": "Why?",
        "completions": [{"id": name, "text": text, "source": "secret"} for name, text in texts.items()],
        "tiers": [["a"], ["b", "c"]],
        "annotator": "judge-a",
    }
    client = client_of(owner)
    pk = upload(client, place, json.dumps(row).encode(), dry_run=True).json()["id"]
    (shown,) = client.get(f"{place}{pk}/preview/").json()["rows"]
    by_text = {completion["text"]: completion["label"] for completion in shown["completions"]}
    assert sorted(by_text.values()) == ["c1", "c2", "c3"]
    assert "secret" not in json.dumps(shown["completions"])
    (best,), ties = shown["answer"]["tiers"]
    assert ("ChatGPT" in json.dumps(shown["completions"])) is not shown["protocol"]["config"]["mask_identity"]
    assert {text for text, label in by_text.items() if label in ties} == {"No.", "Yes."}
    assert best not in ties


def test_a_wrong_option_of_a_dry_run_is_named(place: str, owner: User, client_of: ClientOf) -> None:
    client = client_of(owner)
    at = f"{place}{upload(client, place, dry_run=True).json()['id']}/"
    wrong = client.patch(at, {"options": {"colour": "red"}}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "options.colour")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"format": "xlsx"}, "format"),
        ({"options": "{broken"}, "options"),
        ({"options": "[]"}, "options"),
        ({"options": '{"colour": "red"}'}, "options.colour"),
    ],
)
def test_a_wrong_field_is_named(place: str, owner: User, client_of: ClientOf, fields: Any, field: str) -> None:
    answer = upload(client_of(owner), place, **fields)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not ImportFile.objects.exists()


def test_an_empty_or_missing_file_is_named(place: str, owner: User, client_of: ClientOf) -> None:
    for answer in (upload(client_of(owner), place, b""), client_of(owner).post(place, {}, format="multipart")):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "file"


class Endless(io.RawIOBase):
    """A request body that makes its bytes as they are read and counts them."""

    def __init__(self, head: bytes, size_bytes: int) -> None:
        self.head, self.left_bytes, self.read_bytes = head, size_bytes, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self.left_bytes)
        given = (self.head[:size] + b"x" * (size - len(self.head[:size])))[:size]
        self.head = self.head[size:]
        buffer[:size] = given
        self.left_bytes -= size
        self.read_bytes += size
        return size


def stream(client: APIClient, place: str, size_bytes: int) -> tuple[Any, Endless]:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
    body = Endless(head, size_bytes)
    sent = {"CONTENT_LENGTH": str(size_bytes), "wsgi.input": body}
    return client.generic("POST", place, b"", "multipart/form-data; boundary=b", **sent), body


@pytest.fixture(params=["session", "csrf"])
def uploader(request: pytest.FixtureRequest, owner: User) -> APIClient:
    """A signed-in browser; with CSRF checked, Django itself reads the form before the view does."""
    token = "t" * CSRF_SECRET_LENGTH
    client = APIClient(enforce_csrf_checks=request.param == "csrf", HTTP_X_CSRFTOKEN=token)
    client.cookies["csrftoken"] = token
    client.force_login(owner, backend="annotation.people.sessions.Backend")
    return client


def test_two_gibibytes_are_refused_before_a_byte_is_read(place: str, uploader: APIClient, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2**30
    answer, body = stream(uploader, place, 2 * 2**30)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    assert "larger than 1,024 MiB" in answer.json()["detail"]
    assert body.read_bytes == 0


def test_an_upload_is_cut_off_at_the_limit_while_it_streams(
    place: str, uploader: APIClient, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the announced length tells nothing, the bytes do; no more than the limit reaches the disk."""
    settings.UPLOAD_LIMIT_BYTES = 2**20
    monkeypatch.setattr("annotation.api.imports.ENVELOPE_BYTES", 2**30)
    answer, body = stream(uploader, place, 2**29)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    assert body.read_bytes < 2 * 2**20
    assert not list(tmp_path.glob("*.upload*"))
    assert not ImportFile.objects.exists()


def test_a_list_costs_the_same_however_long(
    place: str, owner: User, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(owner)
    for _ in range(5):
        upload(client, place)
    with django_assert_num_queries(4):
        assert len(client.get(place).json()["results"]) == 5
