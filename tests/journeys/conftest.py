"""One site and one browser for all journeys of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser
from pytest_django.plugin import DjangoDbBlocker

from annotation.processes import postgres
from tests.journeys.browser import chromium
from tests.journeys.site import WebServer, running_web


@pytest.fixture(scope="module")
def web(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """The pages and the API alone, for tests that put their own rows into the database."""
    with django_db_blocker.unblock():
        url = postgres.url_of(connection.settings_dict)
    with running_web(url, tmp_path_factory.mktemp("site")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened
