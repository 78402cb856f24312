"""The whole site as real processes: it starts, survives what dies, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings

from annotation.processes.postgres import Server

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

PROGRAMS = {"postgres", "web", "default-jobs", "training-jobs", "beat"}


class Site:
    """`manage.py up` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        self.port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environ = {**kept, "VAR_ROOT": str(folder / "var"), "PORT": str(self.port), "WEB_WORKERS": "1"}
        self.server = Server.under(folder / "var")
        self.process = self.launch()

    def launch(self, **changes: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, settings.ROOT / "manage.py", "up"]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=self.environ | changes)

    def refuse(self, **changes: str) -> str:
        command = [sys.executable, settings.ROOT / "manage.py", "up"]
        environ = self.environ | changes
        refused = subprocess.run(command, check=False, capture_output=True, text=True, env=environ, timeout=60)
        assert refused.returncode == 1
        return refused.stderr

    def wait_ready(self, *, since: int = 0) -> None:
        def is_ready() -> bool:
            assert self.process.poll() is None, self.said()
            return "Bennet is ready at" in self.said()[since:]

        wait_until(is_ready, seconds=90, log=self.log)

    def said(self) -> str:
        return self.log.read_text()

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).close()
        except OSError:
            return False
        return True

    def runs(self, name: str) -> bool:
        return self.find(name) is not None

    def program(self, name: str) -> psutil.Process:
        found = self.find(name)
        assert found is not None, self.said()
        return found

    def find(self, name: str) -> psutil.Process | None:
        marks = {"postgres": "pginstall", "web": "granian", "beat": " beat"}
        mark = marks.get(name, f"--queues {name.removesuffix('-jobs')}")
        children = psutil.Process(self.process.pid).children()
        living = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
        return next((child for child in living if mark in " ".join(child.cmdline())), None)

    def family(self) -> list[psutil.Process]:
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def messages_sent(self) -> int:
        with psycopg.connect(self.server.url) as connection:
            row = connection.execute("SELECT total_messages FROM pgmq.metrics('default')").fetchone()
        return row[0] if row else 0

    def messages_waiting(self) -> int:
        """Those that a worker could read: one that a killed worker held stays out of sight for an hour."""
        with psycopg.connect(self.server.url) as connection:
            row = connection.execute("SELECT queue_visible_length FROM pgmq.metrics('default')").fetchone()
        return row[0] if row else 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], *, seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, log.read_text()[-6000:]
        time.sleep(0.1)


def gone(family: list[psutil.Process]) -> bool:
    return not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="bennet-up-") as folder:
        site = Site(Path(folder))
        try:
            yield site
        finally:
            if site.process.poll() is None:
                site.process.send_signal(signal.SIGTERM)
                site.process.wait(60)


def test_the_site_starts_refuses_a_twin_and_stops_without_a_trace(site: Site) -> None:
    site.wait_ready()
    assert re.search(rf"once: http://localhost:{site.port}/welcome/[\w-]{{40,}}\n", site.said())
    wait_until(site.answers, seconds=10, log=site.log)

    twin = site.refuse()
    assert twin.startswith(f"bennet: Bennet already runs on {site.environ['VAR_ROOT']} (process {site.process.pid})")
    with tempfile.TemporaryDirectory() as elsewhere:
        neighbour = site.refuse(VAR_ROOT=elsewhere)
    assert neighbour.startswith(f"bennet: PORT is {site.port}: another program listens there")
    assert neighbour.count("\n") == 1

    family = site.family()
    assert len(family) >= 1 + len(PROGRAMS)
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(60) == 0
    assert gone(family)
    said = site.said()
    assert said.index("stopping web") < said.index("stopping default-jobs") < said.index("stopping postgres")
    assert "database system is shut down" in said

    site.process = site.launch()
    site.wait_ready(since=len(said))
    assert "No migrations to apply" in site.said()[len(said) :]


def test_whatever_is_killed_comes_back(site: Site) -> None:
    site.wait_ready()
    for name in PROGRAMS:
        program = site.program(name)
        family = [program, *program.children(recursive=True)]
        program.kill()
        wait_until(lambda family=family: gone(family), seconds=10, log=site.log)
    wait_until(site.answers, seconds=60, log=site.log)
    for name in PROGRAMS:
        assert f"{name} ended after" in site.said()
    sent = site.messages_sent()
    wait_until(lambda: site.messages_sent() > sent, seconds=40, log=site.log)
    wait_until(lambda: site.messages_waiting() == 0, seconds=20, log=site.log)


def test_a_database_that_was_stopped_for_a_while_is_taken_up_again(site: Site) -> None:
    site.wait_ready()
    kept = {name: site.program(name).pid for name in PROGRAMS - {"postgres"}}
    for _ in range(3):  # each stop is followed by a longer wait for the next start
        stopped = site.program("postgres")
        stopped.send_signal(signal.SIGINT)
        wait_until(lambda stopped=stopped: gone([stopped]), seconds=20, log=site.log)
        wait_until(lambda: site.runs("postgres"), seconds=10, log=site.log)
    assert "postgres ended after" in site.said()
    wait_until(site.answers, seconds=30, log=site.log)

    sent = site.messages_sent()
    wait_until(lambda: site.messages_sent() > sent, seconds=40, log=site.log)
    wait_until(lambda: site.messages_waiting() == 0, seconds=20, log=site.log)
    assert {name: site.program(name).pid for name in kept} == kept


def test_a_killed_supervisor_takes_everything_with_it(site: Site) -> None:
    site.wait_ready()
    family = site.family()
    site.process.kill()
    site.process.wait(10)
    wait_until(lambda: gone(family), seconds=30, log=site.log)
