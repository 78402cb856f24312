"""Every address of the API is asked as everybody for everything there is: nobody reads what is another's.

The addresses come from the API's own description: see tests/addresses.py.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.core.cache import cache as rate_limits
from django.db import transaction
from rest_framework.test import APIClient

from annotation.assignment.models import Claim
from annotation.chat.models import Turn
from annotation.people.models import User
from annotation.tasks.models import Answer
from tests.addresses import addresses, described, questions
from tests.marked import ANNAS, ELSEWHERE, SOURCE

pytestmark = pytest.mark.timeout(200)

ClientOf = Callable[[User | None], APIClient]


ALL_ELSEWHERE = set(ELSEWHERE.values())
WORKERS_NEVER = set(ANNAS.values()) | ALL_ELSEWHERE | {SOURCE}
# Whoever judges answers reads them, but not what their authors have yet to hand in.
READERS_NEVER = ALL_ELSEWHERE | {ANNAS["draft"], ANNAS["token"], ANNAS["chat"], ANNAS["choice"]}
NEVER: dict[str, set[str]] = {
    "owner": {ANNAS["draft"], ANNAS["token"], ANNAS["chat"], ANNAS["choice"]},
    "manager": READERS_NEVER,
    "researcher": READERS_NEVER,
    "reviewer": READERS_NEVER,
    "annotator": WORKERS_NEVER,
    "chat_user": WORKERS_NEVER,
    # The outsider runs the other project.
    "outsider": set(ANNAS.values()) | {SOURCE},
    "anonymous": WORKERS_NEVER,
    # Anna reads her own work, and no more of it than what an annotator may know.
    "anna": ALL_ELSEWHERE | {SOURCE},
}


def said(reply: Any) -> str:
    content = b"".join(reply.streaming_content) if reply.streaming else reply.content
    return str(content.decode(errors="replace"))


@pytest.mark.parametrize("who", NEVER)
def test_nobody_reads_what_is_not_theirs(who: str, site_in_use: dict[str, User | None], client_of: ClientOf) -> None:
    browser, asked, statuses = client_of(site_in_use[who]), 0, set()
    for path, item in described().items():
        for address, query in product(addresses(path), questions(item.get("get", {}))):
            if "get" not in item:
                continue
            rate_limits.clear()
            reply = browser.get(address, query)
            text = said(reply)
            leaked = [mark for mark in NEVER[who] if mark in text]
            assert not leaked, f"{who} reads {leaked} at {address} {query}"
            assert reply.status_code < 500, f"{reply.status_code} for {who} at {address} {query}: {text[:500]}"
            asked += 1
            statuses.add(reply.status_code)
    assert asked > 300
    assert {200, 401 if who == "anonymous" else 404} <= statuses


def test_the_marks_are_there_to_be_found(site_in_use: dict[str, User | None], client_of: ClientOf) -> None:
    """A walk that finds nothing proves something only where there is something to find."""
    found: dict[str, set[str]] = {}
    for who in ("owner", "manager", "outsider", "anna"):
        browser, texts = client_of(site_in_use[who]), []
        for path, item in described().items():
            texts += [said(browser.get(address)) for address in addresses(path) if "get" in item]
        whole = "\n".join(texts)
        found[who] = {mark for mark in (*ANNAS.values(), *ELSEWHERE.values(), SOURCE) if mark in whole}
    assert set(ELSEWHERE.values()) <= found["outsider"]
    assert {ANNAS[name] for name in ("name", "email", "demonstration", "rationale", "seconds")} <= found["manager"]
    assert {
        ANNAS[name] for name in ("name", "email", "demonstration", "rationale", "draft", "chat", "choice")
    } <= found["anna"]
    assert SOURCE in found["owner"]


@pytest.mark.parametrize("who", ["annotator", "chat_user", "outsider", "anonymous"])
def test_nobody_changes_what_is_annas(who: str, site_in_use: dict[str, User | None], client_of: ClientOf) -> None:
    anna, browser = site_in_use["anna"], client_of(site_in_use[who])
    before, asked = state_of(anna), 0
    for path, item in described().items():
        for method, address in product(set(item) - {"get"}, addresses(path)):
            rate_limits.clear()
            with transaction.atomic():
                reply = getattr(browser, method)(address, {})
                after = state_of(anna)
                transaction.set_rollback(True)
            assert after == before, f"{who} changes Anna's by {method} {address}"
            assert not [mark for mark in NEVER[who] if mark in said(reply)], (who, method, address)
            assert reply.status_code < 500, (who, method, address)
            asked += 1
    assert asked > 100


def state_of(person: User | None) -> list[Any]:
    answers = Answer.objects.filter(annotator=person).order_by("pk").values_list("pk", "payload", "state", "revision")
    claims = Claim.objects.filter(annotator=person).order_by("pk").values_list("pk", "state", "draft", "expires_at")
    said = Turn.objects.filter(conversation__person=person).order_by("pk").values_list("pk", "text", "state")
    return [
        *answers,
        *claims,
        *said,
        *User.objects.filter(pk=getattr(person, "pk", None)).values_list("name", "is_active"),
    ]
