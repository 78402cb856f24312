"""The client's requests against a server that misbehaves as networks do."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from bennet_client import Bennet, BennetError, DamagedDownload, JobFailed, JobStillRunning, jobs
from bennet_client.http import Site
from bennet_client.jobs import Job

CONTENT = bytes(range(256)) * 4096
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers from a script, in order; remembers what it was asked."""

    script: list[Answer] = []
    asked: list[dict[str, Any]] = []

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.asked.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body})
        self.script.pop(0)(self)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


def says(body: object, status: int = 200) -> Answer:
    return lambda handler: handler.answer(status, json.dumps(body).encode())


def breaks_off(after: int) -> Answer:
    """Promise all of the content, send a part and hang up."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:after])
        handler.wfile.flush()
        handler.connection.close()

    return answer


def goes_on(handler: Handler) -> None:
    start = int(handler.headers["Range"].removeprefix("bytes=").removesuffix("-"))
    handler.answer(206, CONTENT[start:], Content_Range=f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")


@pytest.fixture
def server() -> Iterator[str]:
    Handler.script, Handler.asked = [], []
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_token_goes_with_every_request_and_lists_are_read_to_their_end(server: str) -> None:
    next_page = f"{server}/api/projects/?cursor=abc"
    Handler.script = [
        says({"results": [{"id": 2, "name": "Two"}], "next": next_page}),
        says({"results": [{"id": 1, "name": "One"}], "next": None}),
    ]
    assert [project.data["name"] for project in Bennet(server, "secret").projects()] == ["Two", "One"]
    assert [asked["path"] for asked in Handler.asked] == ["/api/projects/", "/api/projects/?cursor=abc"]
    assert {asked["headers"]["Authorization"] for asked in Handler.asked} == {"Bearer secret"}


def test_a_project_that_is_not_there_is_named_with_those_that_are(server: str) -> None:
    Handler.script = [says({"results": [{"id": 2, "name": "Two"}], "next": None})]
    with pytest.raises(LookupError, match=r"No project is named 'Three'\. There are: Two\."):
        Bennet(server, "secret").project("Three")


def test_a_write_is_sent_again_under_the_same_key(server: str) -> None:
    Handler.script = [says({}, 503), says({"id": 7, "name": "One"}, 201)]
    Bennet(server, "secret").create_project("One")
    first, second = (asked["headers"]["Idempotency-Key"] for asked in Handler.asked)
    assert first == second
    assert Handler.asked[0]["body"] == Handler.asked[1]["body"] != b""


def test_a_refusal_names_field_and_remedy(server: str) -> None:
    problem = {"code": "invalid", "detail": "The request has errors.", "errors": {"name": "is taken: choose another"}}
    Handler.script = [says(problem, 409)]
    with pytest.raises(BennetError, match=r"has errors. \(409 invalid\)\n  name: is taken: choose another") as refused:
        Site(server, "secret").post("projects/", {})
    assert (refused.value.status, refused.value.code) == (409, "invalid")


def test_a_refusal_that_is_no_json_is_still_told(server: str) -> None:
    Handler.script = [lambda handler: handler.answer(413, b"<html>")]
    with pytest.raises(BennetError, match="413"):
        Site(server, "secret").get("projects/")


def test_a_broken_download_goes_on_where_it_stopped(server: str, tmp_path: Path) -> None:
    Handler.script = [breaks_off(300_000), goes_on]
    right = hashlib.sha256(CONTENT).hexdigest()
    to = Site(server, "secret").download("file", tmp_path / "deep" / "file.bin", sha256=right)
    assert to.read_bytes() == CONTENT
    assert 0 < int(Handler.asked[1]["headers"]["Range"].removeprefix("bytes=").removesuffix("-")) <= 300_000
    assert [path.name for path in to.parent.iterdir()] == ["file.bin"]


def test_a_damaged_download_is_refused_and_leaves_nothing(server: str, tmp_path: Path) -> None:
    Handler.script = [lambda handler: handler.answer(200, b"something else")]
    with pytest.raises(DamagedDownload, match=r"file\.bin arrived damaged"):
        Site(server, "secret").download("file", tmp_path / "file.bin", sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.01)


@pytest.mark.usefixtures("impatient")
def test_a_job_is_waited_for_and_shown(server: str) -> None:
    states = [{"id": 1, "state": "running", "progress_done": n, "progress_total": 4} for n in (1, 3)]
    Handler.script = [*map(says, states), says({"id": 1, "state": "done", "progress_done": 4, "progress_total": 4})]
    shown: list[float | None] = []
    job: Job[Any] = Job(Site(server, "secret"), "jobs/1/", {"id": 1, "state": "queued", "progress_total": 0})
    assert job.progress is None
    assert job.wait(show=lambda one: shown.append(one.progress)).state == "done"
    assert shown == [0.25, 0.75, 1.0]


@pytest.mark.usefixtures("impatient")
def test_a_job_that_fails_or_takes_too_long_says_so(server: str) -> None:
    failed: Job[Any] = Job(Site(server, "secret"), "jobs/1/", {"id": 1, "state": "queued"})
    Handler.script = [says({"id": 1, "state": "failed", "error": "Line 3 is no JSON."})]
    with pytest.raises(JobFailed, match=r"Line 3 is no JSON\."):
        failed.wait()
    slow: Job[Any] = Job(Site(server, "secret"), "jobs/1/", {"id": 1, "state": "queued"})
    Handler.script = [says({"id": 1, "state": "running"})] * 50
    with pytest.raises(JobStillRunning, match=r"still at work after 0\.05 s"):
        slow.wait(seconds=0.05)
