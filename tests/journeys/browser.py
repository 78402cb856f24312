"""Chromium on a running site: people who are signed in already, and what a journey waits for."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from annotation.people.actions import create_sign_in_link
from annotation.people.models import User
from tests.journeys.site import ROOT, Site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# No sandbox because tests often run as root; nothing but the site under test is opened.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
# For a machine with two cores and other work on both.
PATIENCE_SECONDS = 30
PASSWORD = "netherfield-park"

IN_BROWSER = [
    pytest.mark.journey,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not (ROOT / "frontend/dist/index.html").exists(), reason="the frontend is not built"),
    pytest.mark.timeout(240),
]

FoundT = TypeVar("FoundT")


@contextmanager
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; a test asks the database in between, never within.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def make_person(email: str, **fields: bool) -> User:
    """Make somebody who can sign in at the site: the tests' own hashes of passwords are too weak for it."""
    user = User.objects.create_user(email, None, name=email.split("@")[0].title(), **fields)
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt-of-the-tests")
    user.save(update_fields=["password"])
    return user


def sign_in(context: BrowserContext, site: Site, user: User) -> None:
    """Give a browser the cookies of a session."""
    link = create_sign_in_link(user=user, now=timezone.now())
    answer = context.request.post(f"{site.address}/api/sign-in-links/redeem/", data={"token": link})
    assert answer.ok, answer.text()
    context.request.get(f"{site.address}/api/session/")


def eventually(look: Callable[[], FoundT], wanted: object = True, seconds: float = PATIENCE_SECONDS) -> FoundT:
    """Look until what is wanted is seen, or something at all: for rows that a page writes behind what it shows."""
    deadline = time.monotonic() + seconds
    while not ((seen := look()) if wanted is True else (seen := look()) == wanted):
        assert time.monotonic() < deadline, f"after {seconds} s: {seen!r}, not {wanted!r}"
        time.sleep(0.05)
    return seen
