"""What every test has: a real PostgreSQL, the queue in it, and no skips on the machine that judges a change."""

import contextlib
import os
from collections.abc import Generator, Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from annotation import celery_app
from annotation.processes import postgres

pytest_plugins = ["tests.people", "tests.runs", "tests.chatting", "tests.marked"]

_server = pytest.StashKey[contextlib.ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_server] = contextlib.ExitStack()
    is_controller = not hasattr(config, "workerinput")
    if is_controller and settings.STARTS_OWN_SERVER:
        config.stash[_server].enter_context(postgres.running(settings.TEST_SERVER))


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_server].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is skipped for want of data, a browser or torch is a test that failed."""
    report = yield
    is_expected = hasattr(report, "wasxfail") or item.get_closest_marker("gpu")
    if os.environ.get("CI") and report.skipped and not is_expected:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if os.environ.get("CI") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tests' database also holds the queue, as the product's does."""
    with django_db_blocker.unblock():
        call_command("install_queue", verbosity=0)
    yield
    celery_app.pool.force_close_all()


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The address of this test's database, for processes that the test starts."""
    return postgres.url_of(connection.settings_dict)
