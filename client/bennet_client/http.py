"""Requests to a Bennet site: a token, retries that never do a thing twice, and errors that say what to do."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

TIMEOUT_SECONDS = 60
# Small, because what of a chunk had arrived when the line broke is fetched again.
CHUNK_BYTES = 1 << 16
ATTEMPTS = 5


class BennetError(Exception):
    """The site refused. `errors` names the fields that it did not like, where it named any."""

    def __init__(self, status: int, code: str, detail: str, errors: Mapping[str, Any]) -> None:
        self.status, self.code, self.detail, self.errors = status, code, detail, errors
        named = "".join(f"\n  {field}: {message}" for field, message in errors.items())
        super().__init__(f"{detail} ({status} {code}){named}")


class DamagedDownload(Exception):
    """What arrived is not what the site has: its SHA-256 is another."""


class Site:
    """The address of a site, and who asks.

    Reads are sent again when the network or the site fails for a moment; writes too, because each carries an
    idempotency key: the site does it once and answers the second time as the first.
    """

    def __init__(self, url: str, token: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.url = url.rstrip("/") + "/"
        self.timeout_seconds = timeout_seconds
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        again = Retry(
            total=ATTEMPTS,
            backoff_factor=0.5,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=None,
            raise_on_status=False,
        )
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=again))

    def get(self, path: str, **params: Any) -> Any:
        return self._ask("GET", path, params=params)

    def post(self, path: str, body: Any = None) -> Any:
        return self._ask("POST", path, json={} if body is None else body)

    def put(self, path: str, body: Any = None) -> Any:
        return self._ask("PUT", path, json={} if body is None else body)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def upload(self, path: str, file: IO[bytes], file_name: str, **fields: str) -> Any:
        return self._ask("POST", path, files={"file": (file_name, file)}, data=fields)

    def every(self, path: str, **params: Any) -> Iterator[Any]:
        """Yield the rows of a list, page after page."""
        page = self.get(path, **params)
        yield from page["results"]
        while page.get("next"):
            page = self.get(page["next"])
            yield from page["results"]

    def download(self, path: str, to: Path, *, sha256: str | None = None) -> Path:
        """Fetch a file; go on where an earlier try broke off. Raise DamagedDownload, BennetError."""
        part = to.with_name(to.name + ".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._fetch_rest(path, part)
                break
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                if attempt == ATTEMPTS:
                    raise
        if sha256 and digest_of(part) != sha256:
            part.unlink()
            raise DamagedDownload(f"{to.name} arrived damaged. Download it again.")
        os.replace(part, to)
        return to

    def _fetch_rest(self, path: str, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self.session.get(
            self._address(path), headers=headers, timeout=self.timeout_seconds, stream=True
        ) as answer:
            if answer.status_code == 416:  # nothing is left to fetch
                return
            _raise_for(answer)
            with part.open("ab" if answer.status_code == 206 else "wb") as file:
                for chunk in answer.iter_content(CHUNK_BYTES):
                    file.write(chunk)

    def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        headers = {} if method == "GET" else {"Idempotency-Key": str(uuid.uuid4())}
        address = self._address(path)
        answer = self.session.request(method, address, headers=headers, timeout=self.timeout_seconds, **arguments)
        _raise_for(answer)
        return answer.json() if answer.content else None

    def _address(self, path: str) -> str:
        """A full address, as the site gives one for a next page, or a path below `/api/`."""
        return path if path.startswith(("http://", "https://")) else urljoin(self.url, f"api/{path}")


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _raise_for(answer: requests.Response) -> None:
    if answer.ok:
        return
    try:
        body = answer.json()
    except ValueError:
        body = {}
    raise BennetError(
        answer.status_code,
        str(body.get("code", "error")),
        str(body.get("detail") or answer.reason or "The site gave no reason."),
        body.get("errors") or {},
    )
