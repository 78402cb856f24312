"""Where everything begins: `Bennet("https://…", token).project("My assistant")`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bennet_client.http import Site
from bennet_client.project import Project


class Bennet:
    """A site, as the person whose token it is. Tokens are made on the site's Account page."""

    def __init__(self, url: str, token: str, **options: Any) -> None:
        self.site = Site(url, token, **options)

    def projects(self) -> Iterator[Project]:
        """Yield every project that you are a member of, newest first."""
        for data in self.site.every("projects/"):
            yield Project(self.site, f"projects/{data['id']}/", data)

    def project(self, which: int | str) -> Project:
        """Return a project by its number or its name. Raise LookupError."""
        if isinstance(which, int):
            path = f"projects/{which}/"
            return Project(self.site, path, self.site.get(path))
        return _named(self.projects(), which, "project")

    def create_project(self, name: str, *, description: str = "") -> Project:
        data = self.site.post("projects/", {"name": name, "description": description})
        return Project(self.site, f"projects/{data['id']}/", data)


def _named(rows: Iterator[Project], name: str, kind: str) -> Project:
    seen = []
    for row in rows:
        if row.data["name"] == name:
            return row
        seen.append(row.data["name"])
    there = f"There are: {', '.join(seen)}." if seen else "You are a member of none."
    raise LookupError(f"No {kind} is named {name!r}. {there}")
