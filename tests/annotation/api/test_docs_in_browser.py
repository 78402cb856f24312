"""The API's docs open in a browser under the site's own policy."""

from __future__ import annotations

import shutil

import pytest
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
sync_api = pytest.importorskip("playwright.sync_api")


def test_the_docs_list_every_operation_and_break_no_policy(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no Chromium")
    # Playwright runs a loop of its own in this thread, and Django would refuse the database beside it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    complaints: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/api/docs/")
        page.wait_for_selector(".opblock-summary", timeout=60_000)
        # Of so many, only those in sight are drawn.
        seen: set[str] = set()
        for _ in range(60):
            seen.update(page.locator(".opblock-summary").all_inner_texts())
            if len(seen) > 60:
                break
            page.mouse.wheel(0, 500)
            page.wait_for_timeout(100)
        assert len(seen) > 60
        browser.close()
    assert complaints == []
