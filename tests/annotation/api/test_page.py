from __future__ import annotations

from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from annotation.people.models import User

PASSWORD = "pemberley-1813"


@pytest.fixture(autouse=True)
def built(settings: Settings, tmp_path: Path) -> Path:
    cache.clear()
    settings.FRONTEND_ROOT = tmp_path
    page = tmp_path / "index.html"
    page.write_text("<title>Bennet</title>")
    return page


@pytest.mark.parametrize("address", ["/", "/sign-in", "/projects/3/prompts", "/invitation/abc-DEF_1", "/welcome/x"])
def test_the_single_page_answers_every_address_of_its_own(address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"Bennet" in b"".join(answer.streaming_content)
    assert answer["Cache-Control"] == "no-cache"
    assert "csrftoken" in answer.cookies


@pytest.mark.parametrize("address", ["/favicon.ico", "/assets/app.js", "/wp-login.php", "/.git/config", "/static/x.js"])
def test_what_looks_like_a_file_and_is_none_is_not_found(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 404
    assert not answer["Content-Type"].startswith("application/problem")


def test_the_page_is_only_read() -> None:
    assert Client().post("/").status_code == 405


def test_a_frontend_that_is_not_built_says_how_to_build_it(built: Path) -> None:
    built.unlink()
    answer = Client().get("/")
    assert (answer.status_code, b"make frontend" in answer.content) == (503, True)


@pytest.mark.parametrize("address", ["/", "/api/session/", "/api/nothing/", "/healthz", "/assets/none.js"])
def test_every_answer_carries_the_headers_that_keep_it_safe(db: None, address: str) -> None:
    answer = Client().get(address)
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'", "no inline scripts, no eval, no other sites"
    assert policy["img-src"] == "'self' data:", "no image that tells another site who reads"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_preview_of_a_desk_stands_in_a_frame_of_this_site_and_of_no_other() -> None:
    answer = Client().get("/preview/desk")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert (policy["frame-ancestors"], answer["X-Frame-Options"]) == ("'self'", "SAMEORIGIN")
    assert (policy["default-src"], policy["frame-src"]) == ("'none'", "'self'")
    assert b"Bennet" in b"".join(answer.streaming_content)


def test_scripts_do_not_read_the_session_and_other_sites_do_not_send_it(owner: User) -> None:
    browser = Client()
    words = {"email": owner.email, "password": PASSWORD}
    answer = browser.post("/_allauth/browser/v1/auth/login", words, content_type="application/json")
    session = answer.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert answer.cookies["csrftoken"]["samesite"] == "Lax"
