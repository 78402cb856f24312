"""Whatever the API's description lets one send, and what it does not, is answered, and never with a 5xx.

Schemathesis makes the requests. Each is undone before the next, so every one meets the same site, and what it would
enqueue is never sent. Every other one names rows that are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache as rate_limits
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from annotation.operations.depths import queue_depths
from annotation.people import actions as people_actions
from annotation.people.models import User
from annotation.wsgi import application
from tests.addresses import description, ids_for
from tests.people import NOW

QUICK = settings(
    max_examples=3,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's connection, as Django's own test client does: a request would close it at its end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# What Schemathesis does not close, the garbage collector finds moved.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("who", ["owner", "annotator"])
@pytest.mark.parametrize(
    "effort",
    [
        pytest.param(QUICK, id="quick", marks=pytest.mark.timeout(280)),
        pytest.param(settings(QUICK, max_examples=200), id="long", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
def test_no_request_is_answered_with_a_5xx(
    who: str, effort: settings, site_in_use: dict[str, User | None], one_connection: None
) -> None:
    person = site_in_use[who]
    assert person is not None
    headers = {"Authorization": f"Bearer {_token(person)}"}
    waiting = queue_depths()
    broken: dict[str, str] = {}
    asked = 0

    def ask(case: Case) -> None:
        nonlocal asked
        rate_limits.clear()
        with transaction.atomic():
            reply = case.call(app=application, headers=headers)
            transaction.set_rollback(True)
        asked += 1
        if reply.status_code >= 500:
            broken[case.operation.label] = f"{reply.status_code} to {case.as_curl_command()}"

    for operation in _operations():
        effort(given(case=_cases(operation))(ask))()
    assert broken == {}
    assert queue_depths() == waiting, "something was enqueued before its row was there"
    assert asked > 200


def _token(person: User) -> str:
    row = people_actions.create_token(
        actor=person, name="Any request", scopes=["read", "write"], expires_in_days=7, now=NOW
    )
    return row[1]


def _operations() -> Iterator[Any]:
    for result in schemathesis.openapi.from_dict(description()).get_all_operations():
        yield result.ok()


def _cases(operation: Any) -> st.SearchStrategy[Case]:
    """Return requests as described and otherwise, with ids of rows that are there and with any."""
    names = [parameter.name for parameter in operation.path_parameters]
    there = st.fixed_dictionaries({name: st.sampled_from(list(ids_for(operation.path, name))) for name in names})
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    if not names:
        return st.one_of(modes)
    placed = [st.tuples(mode, there).map(_placed) for mode in modes]
    return st.one_of(*placed, *modes)


def _placed(pair: tuple[Case, dict[str, object]]) -> Case:
    case, ids = pair
    case.path_parameters = {**case.path_parameters, **{name: str(value) for name, value in ids.items()}}
    return case
