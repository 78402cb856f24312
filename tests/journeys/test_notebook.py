"""The client's notebook, run as a researcher runs it: against a site with real workers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from annotation.people.actions import create_token, ensure_owner
from tests.journeys.site import ROOT, Site, running_site

NOTEBOOK = ROOT / "client" / "examples" / "loop.ipynb"


@pytest.fixture
def site(transactional_db: None, database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path) as running:
        yield running


@pytest.mark.journey
@pytest.mark.training
@pytest.mark.timeout(290)
def test_the_notebook_walks_the_loop(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    scopes = ["read", "write"]
    _, token = create_token(actor=ensure_owner(), name="notebook", scopes=scopes, expires_in_days=1, now=timezone.now())
    monkeypatch.setenv("BENNET_URL", site.address)
    monkeypatch.setenv("BENNET_TOKEN", token)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "client"), os.environ.get("PYTHONPATH", "")]))
    # The cache of data sets and of views, which must not be the developer's own.
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=240).execute()

    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    said = "\n".join(plain(output) for cell in cells for output in cell["outputs"])
    for words in ("'demonstrations': 30", "'rankings': 30", "DatasetDict", "'chosen'", "may be served", "'tasks': 3"):
        assert words in said, said


def plain(output: dict) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))
