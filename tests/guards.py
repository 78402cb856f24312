"""Which test asks each endpoint as everybody, from the owner of the site to somebody who is not signed in.

Put `@guards("GET /api/…/", …)` on a test that does so; tests/architecture fails for an endpoint that no test guards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import transaction
from rest_framework.test import APIClient

from tests.people import EVERYBODY

TestT = TypeVar("TestT", bound=Callable[..., Any])

GUARDED: dict[str, str] = {}


def guards(*endpoints: str) -> Callable[[TestT], TestT]:
    """Declare that this test asks these endpoints as everybody: "METHOD /path/{name}/", whatever the names."""

    def marked(test: TestT) -> TestT:
        GUARDED.update(dict.fromkeys(map(nameless, endpoints), f"{test.__module__}.{test.__name__}"))
        return test

    return marked


def nameless(endpoint: str) -> str:
    """Return the endpoint with {} for each part that differs: two spellings of one address are then equal."""
    return re.sub(r"\{[^}]*\}|<[^>]*>", "{}", endpoint)


def ask_everybody(browsers: dict[str, APIClient], endpoint: str, body: object = None) -> dict[str, int]:
    """Send one request as everybody and return each one's status. What a request changed is undone before the next."""
    method, path = endpoint.split(" ", 1)
    answers = {}
    for who, browser in browsers.items():
        cache.clear()
        fresh = APIClient()
        fresh.cookies = SimpleCookie(browser.cookies.output(header="", sep=";"))
        with transaction.atomic():
            answers[who] = getattr(fresh, method.lower())(path, body).status_code
            transaction.set_rollback(True)
    return answers


def each(statuses: str) -> dict[str, int]:
    """Return {who: status} from statuses in the order of EVERYBODY."""
    return dict(zip(EVERYBODY, map(int, statuses.split()), strict=True))
