"""A running site for journeys: real web server, real workers, real PostgreSQL; and people who use it over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from annotation.processes import programs

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Site:
    """Where the site listens, and the environment of its processes."""

    address: str
    environment: dict[str, str]
    log: Path

    def lines(self) -> str:
        return self.log.read_text(errors="replace")[-6000:]


@dataclass
class Reply:
    status: int
    body: Any


@dataclass
class Person:
    """Somebody at a browser: cookies, CSRF token, JSON in and out."""

    site: Site
    cookies: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.get("/api/session/")

    def get(self, path: str) -> Any:
        return self.ask("GET", path, expect=200).body

    def post(self, path: str, body: object = None, expect: int = 200) -> Any:
        return self.ask("POST", path, body, expect=expect).body

    def ask(
        self, method: str, path: str, body: object = None, *, expect: int | None = None, key: str | None = None
    ) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, path, data, "application/json", expect, key)

    def upload(self, path: str, file_name: str, content: bytes, **fields: str) -> Any:
        boundary = uuid.uuid4().hex
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n\r\n'
        data = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self._send("POST", path, data, f"multipart/form-data; boundary={boundary}", 202).body

    def sign_in(self, email: str, password: str) -> None:
        self.post("/_allauth/browser/v1/auth/login", {"email": email, "password": password})

    def until(self, path: str, done: Callable[[Any], bool], seconds: float = 120) -> Any:
        """Poll an address until its body satisfies the question; fail with the body and the site's log."""
        deadline = time.monotonic() + seconds
        while not done(body := self.get(path)):
            assert time.monotonic() < deadline, f"{path} after {seconds} s: {body}\n{self.site.lines()}"
            time.sleep(0.2)
        return body

    def until_ended(self, path: str, seconds: float = 120) -> Any:
        """Wait for a job to end well."""
        body = self.until(path, lambda job: job["state"] in ("done", "failed", "cancelled"), seconds)
        assert body["state"] == "done", f"{body}\n{self.site.lines()}"
        return body

    def _send(
        self, method: str, path: str, data: bytes | None, content_type: str, expect: int | None, key: str | None = None
    ) -> Reply:
        request = urllib.request.Request(self.site.address + path, data, method=method)
        request.add_header("Content-Type", content_type)
        request.add_header("X-CSRFToken", next((c.value or "" for c in self.cookies if c.name == "csrftoken"), ""))
        if key:
            request.add_header("Idempotency-Key", key)
        try:
            with self.opener.open(request, timeout=60) as answer:
                reply = Reply(answer.status, _parsed(answer.read()))
        except urllib.error.HTTPError as error:
            reply = Reply(error.code, _parsed(error.read()))
        assert expect in (None, reply.status), f"{method} {path}: {reply}\n{self.site.lines()}"
        return reply


@contextmanager
def running_site(
    database_url: str,
    folder: Path,
    *,
    web_workers: int = 1,
    web_threads: int = 4,
    serves_models: bool = False,
    **settings: str,
) -> Iterator[Site]:
    """Run web server and both workers as `manage.py up` does, on a database that is there already."""
    site = site_at(database_url, folder, **settings)
    port = int(site.address.rpartition(":")[2])
    with ExitStack() as stack:
        log = stack.enter_context(site.log.open("wb"))
        for program in (
            programs.web(host="127.0.0.1", port=port, workers=web_workers, threads=web_threads),
            programs.worker("default", threads=2, log_level="INFO"),
            programs.worker("training", threads=1, log_level="INFO"),
            programs.beat(log_level="WARNING"),
            *([programs.serving()] if serves_models else []),
        ):
            stack.enter_context(started(program.guarded, site.environment, log))
        wait_until_answering(site)
        yield site


@dataclass
class WebServer:
    """The pages and the API alone, to be killed and started again."""

    site: Site
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        port = int(self.site.address.rpartition(":")[2])
        command = programs.web(host="127.0.0.1", port=port, workers=1, threads=4).guarded
        with self.site.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.site.environment, stdout=log, stderr=log, start_new_session=True
            )
        wait_until_answering(self.site)

    def kill(self) -> None:
        """End it as a power cut does: it finishes nothing."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def running_web(database_url: str, folder: Path, **settings: str) -> Iterator[WebServer]:
    server = WebServer(site_at(database_url, folder, **settings))
    try:
        server.start()
        yield server
    finally:
        server.kill()


def site_at(database_url: str, folder: Path, **settings: str) -> Site:
    """Return where a site will listen, before any of its processes is started."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        "DATABASE_URL": database_url,
        "VAR_ROOT": str(folder / "var"),
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    return Site(f"http://127.0.0.1:{port}", environment, folder / "site.log")


@contextmanager
def started(command: list[str], environment: dict[str, str], log: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in the block; ask it to stop at the end, and make it after a while."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_answering(site: Site, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(site.address + "/healthz", timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, site.lines()
            time.sleep(0.1)


def run_manage(site: Site, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=site.environment, check=True, capture_output=True, text=True, timeout=120
    ).stdout


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body
