"""What `manage.py up` runs: one program a process, under the guard that ties it to its parent."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

GUARD = [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py"))]


@dataclass(frozen=True)
class Program:
    name: str
    command: list[str]
    runs_once: bool = False
    stop_signal: str = "SIGTERM"
    stop_seconds: float = 15
    # What ends it when the supervisor itself is killed and can ask for nothing any more.
    orphan_signal: str = "SIGKILL"
    user: str = ""
    # What differs from the supervisor's own environment.
    variables: Mapping[str, str] = field(default_factory=dict)
    # Programs with a lower number stop first.
    stops: int = 1

    @property
    def guarded(self) -> list[str]:
        user = ["--user", self.user] if self.user else []
        options = ["--parent", str(os.getpid()), "--signal", self.orphan_signal, *user]
        return [*GUARD, *options, "--", *self.command]


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(Path(__file__).resolve().parents[2] / "manage.py"), *arguments]


def web(*, host: str, port: int, workers: int, threads: int) -> Program:
    command = [sys.executable, "-m", "granian", "annotation.wsgi:application", "--interface", "wsgi"]
    command += ["--host", host, "--port", str(port), "--no-ws"]
    command += ["--workers", str(workers), "--blocking-threads", str(threads)]
    command += ["--workers-kill-timeout", "10", "--respawn-failed-workers"]
    return Program("web", command, stops=0)


def gateway(*, host: str, port: int, threads: int) -> Program:
    """The same application with many threads, which wait for models and hold no connection meanwhile."""
    served = web(host=host, port=port, workers=1, threads=threads)
    return replace(served, name="gateway", variables={"IS_GATEWAY": "true"})


def serving() -> Program:
    return Program("models", manage("serve_models"), stop_seconds=20)


def worker(queue: str, *, threads: int, log_level: str) -> Program:
    """Threads, not forks: a pool of processes would outlive a killed worker."""
    command = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m", "celery"]
    command += ["--quiet", "--app", "annotation", "worker", "--queues", queue]
    command += ["--pool", "threads", "--concurrency", str(threads), "--hostname", f"{queue}@%h"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", log_level]
    return Program(f"{queue}-jobs", command, stop_seconds=30)


def beat(*, log_level: str) -> Program:
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "annotation", "beat"]
    return Program("beat", [*command, "--pidfile=", "--loglevel", log_level])


def training_install(state: Path) -> Program:
    command = [sys.executable, "-m", "annotation.processes.installs", str(state)]
    return Program("install", command, runs_once=True)
