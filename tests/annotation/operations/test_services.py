"""A team's own PostgreSQL, Redis and RabbitMQ instead of the embedded defaults, with the real worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from celery import Celery
from django.conf import settings

from annotation.operations import dump
from annotation.processes import broker, postgres

pytestmark = [pytest.mark.services, pytest.mark.timeout(180)]

SERVER = os.environ.get("SERVICES_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
REDIS = os.environ.get("SERVICES_REDIS", "redis://127.0.0.1:6379/15")
RABBITMQ = os.environ.get("SERVICES_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")
QUEUE = "default"


@pytest.fixture
def database_url() -> Iterator[str]:
    name = f"bennet_services_{os.getpid()}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
        yield f"{SERVER}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def environment(database_url: str, broker_url: str, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    urls = {"DATABASE_URL": database_url, "CELERY_BROKER_URL": broker_url}
    return kept | urls | {"VAR_ROOT": str(folder), "DJANGO_SETTINGS_MODULE": "annotation.settings"}


def manage(command: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, settings.ROOT / "manage.py", command]
    return subprocess.run(line, check=False, capture_output=True, text=True, env=environ)


@pytest.mark.parametrize("broker_url", [broker.OWN_DATABASE, REDIS, RABBITMQ], ids=broker.scheme_of)
def test_a_job_is_done_by_the_worker(broker_url: str, database_url: str, tmp_path: Path) -> None:
    environ = environment(database_url, broker_url, tmp_path)
    prepared = manage("prepare", environ)
    assert prepared.returncode == 0, prepared.stderr
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO django_session VALUES ('old', '', now() - interval '1 day')")
        queue = Celery(broker=broker_url)
        queue.conf.broker_transport_options = broker.transport_options(broker_url, database_url=database_url)
        queue.conf.task_default_queue = QUEUE
        with queue.connection_for_write() as link:
            link.default_channel.queue_declare(QUEUE, durable=True, auto_delete=False)
            link.default_channel.queue_purge(QUEUE)
        worker = start_worker(environ, tmp_path / "worker.log")
        try:
            queue.send_task("annotation.operations.jobs.forget_old_sessions")
            wait_for_no_sessions(connection, tmp_path / "worker.log")
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0
            queue.pool.force_close_all()


def start_worker(environ: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "annotation", "worker", "--queues", QUEUE]
    command += ["--pool", "threads", "--concurrency", "1", "--without-gossip", "--without-mingle"]
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, env=environ, cwd=settings.ROOT)


def wait_for_no_sessions(connection: psycopg.Connection, log: Path) -> None:
    deadline = time.monotonic() + 60
    while connection.execute("SELECT count(*) FROM django_session").fetchone() != (0,):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_a_server_that_cannot_be_reached_is_told_in_a_sentence(tmp_path: Path) -> None:
    refused = manage("prepare", environment("postgresql://nobody@127.0.0.1:1/bennet", "", tmp_path))
    assert refused.returncode == 1
    assert "DATABASE_URL names a database that cannot be reached" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("broker_url", ["redis://127.0.0.1:1/0", "amqp://guest:guest@127.0.0.1:1//"])
def test_a_queue_that_cannot_be_reached_is_told_in_a_sentence(
    broker_url: str, database_url: str, tmp_path: Path
) -> None:
    refused = manage("prepare", environment(database_url, broker_url, tmp_path))
    assert refused.returncode == 1
    assert "CELERY_BROKER_URL names a queue that cannot be reached" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_the_embedded_server_is_restored_on_an_older_one(database_url: str, tmp_path: Path) -> None:
    from django.db import connection

    dump.dump(connection.settings_dict, tmp_path / "database.dump")
    with psycopg.connect(database_url) as there:
        info = there.info
        entry = {"NAME": info.dbname, "USER": info.user, "HOST": info.host, "PORT": str(info.port)}
    dump.restore(entry, tmp_path / "database.dump")
    assert not dump.is_empty(entry)
    with psycopg.connect(postgres.url_of(entry)) as there:
        assert there.execute("SELECT count(*) > 20 FROM django_migrations").fetchone() == (True,)
