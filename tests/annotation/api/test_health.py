from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connections
from rest_framework.test import APIClient

from annotation.celery import app


def test_the_process_is_alive_without_a_database() -> None:
    """No database mark: a query would fail this test."""
    answer = APIClient().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_site_is_ready(db: None) -> None:
    answer = APIClient().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "queue": "ok"})


@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_site_is_not_ready_and_the_api_says_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connections["default"]
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    browser = APIClient()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "some-session"
    assert browser.get("/healthz").status_code == 200
    ready = browser.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "down: OperationalError")
    answer = browser.get("/api/me/")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer["Content-Type"] == "application/problem+json"
    # And it recovers by itself.
    monkeypatch.undo()
    assert browser.get("/readyz").status_code == 200


def test_without_a_queue_the_site_is_not_ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "connection_for_write", lambda: app.connection("redis://127.0.0.1:1/0"))
    answer = APIClient().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "ok"
    assert answer.json()["queue"].startswith("down: ")
