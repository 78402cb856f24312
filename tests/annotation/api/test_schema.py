"""The API's description: valid, whole, and open to read in a browser under the site's own policy."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.architecture.test_endpoints_are_guarded import endpoints
from tests.guards import nameless

UNDESCRIBED = {"GET /api/docs/", "GET /api/schema/"}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("schema") / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    return yaml.safe_load(path.read_text())


def test_the_description_is_openapi_3_1_without_a_warning(schema: Any) -> None:
    assert schema["openapi"] == "3.1.0"
    assert schema["components"]["securitySchemes"]["apiToken"] == {"type": "http", "scheme": "bearer"}


def test_every_endpoint_is_described(schema: Any) -> None:
    described = {nameless(f"{method.upper()} {path}") for path, item in schema["paths"].items() for method in item}
    # The gateway is described by OpenAI.
    own = {endpoint for endpoint in endpoints() if " /v1/" not in endpoint}
    assert own - described == UNDESCRIBED


def test_every_reference_leads_somewhere(schema: Any) -> None:
    for reference in set(re.findall(r"#/components/(\w+)/([\w.]+)", str(schema))):
        section, name = reference
        assert name in schema["components"][section]


def test_operations_have_names_of_their_own(schema: Any) -> None:
    names = [operation["operationId"] for item in schema["paths"].values() for operation in item.values()]
    assert len(set(names)) == len(names)


def test_the_docs_hold_no_script_of_their_own_and_their_scripts_are_served(db: None) -> None:
    page = Client().get("/api/docs/").content.decode()
    assert re.findall(r"<script>[^<]", page) == []
    sources = re.findall(r'<script src="([^"]+)"', page)
    assert len(sources) == 3
    for source in sources:
        assert source.startswith("/"), "script-src is 'self'"
        answer = Client().get(source.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert "javascript" in answer["Content-Type"]


def test_pages_are_known_to_the_walk() -> None:
    """What is served beside the API: the single page, whose address is the last to be asked."""
    last = get_resolver().url_patterns[-1]
    assert isinstance(last, URLPattern)
    assert str(last.pattern).startswith("^(?!api/")
