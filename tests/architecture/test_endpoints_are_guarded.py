"""Every endpoint of the site is asked, in some test, as everybody: owner … outsider, anonymous."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

import tests.annotation
from tests.guards import GUARDED, nameless

METHODS = ("get", "post", "put", "patch", "delete")
# Not for API clients: the admin's pages (tests/annotation/operations/test_admin.py) and the single page itself.
PAGES = ("admin/", "preview/", "^(?!api/")


def walked(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for part in patterns:
        address = prefix + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from walked(part.url_patterns, address)
        elif isinstance(part, URLPattern):
            yield address, part.callback


def endpoints() -> set[str]:
    """Return "METHOD /address/" of every view below the addresses that are no pages."""
    tops = [part for part in get_resolver().url_patterns if not str(part.pattern).startswith(PAGES)]
    views = {address: getattr(view, "cls", None) or view.view_class for address, view in walked(tops)}
    return {
        nameless(f"{method.upper()} {address}")
        for address, view in views.items()
        for method in METHODS
        if hasattr(view, method)
    }


def declared() -> dict[str, str]:
    """Return what the tests guard, once every test module has been read."""
    for module in pkgutil.walk_packages(tests.annotation.__path__, "tests.annotation."):
        if module.name.rpartition(".")[2].startswith("test_"):
            importlib.import_module(module.name)
    return GUARDED


def test_every_endpoint_is_asked_as_everybody() -> None:
    unguarded = sorted(endpoints() - set(declared()))
    assert not unguarded, "no test has @guards(…) for these endpoints:\n" + "\n".join(unguarded)


def test_every_guarded_endpoint_exists() -> None:
    gone = sorted(set(declared()) - endpoints())
    assert not gone, "@guards(…) names endpoints that are not served:\n" + "\n".join(gone)


def test_the_walk_sees_the_whole_site() -> None:
    seen = endpoints()
    assert {"GET /healthz", "POST /api/work/claims/{}/submit/", "DELETE /_allauth/browser/v1/auth/session"} <= seen
    assert len(seen) > 60
