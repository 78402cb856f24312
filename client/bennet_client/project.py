"""A project: files in, releases out, runs and models."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from bennet_client import shapes
from bennet_client.jobs import Job, Row
from bennet_client.release import Release
from bennet_client.training import Model, Run


class Import(Job[shapes.Import]):
    """A file on its way in. `data["counts"]` says what came in and what was turned away."""

    def problems(self) -> Iterator[shapes.Rejection]:
        """Yield the rows that were turned away: line, field, reason, and what to do."""
        yield from self.site.every(f"{self.path}rejections/")


class Project(Row[shapes.Project]):
    def import_file(
        self, file: str | Path | IO[bytes], *, name: str = "", format: str = "auto", **options: Any
    ) -> Import:
        """Send a file; its format is found by its content unless you name one. Wait for the import with `.wait()`.

        Options are those of the site's import page, for example `prompt="question", completion="answer"` for a table.
        """
        if isinstance(file, str | Path):
            with Path(file).open("rb") as opened:
                return self._receive(opened, name or Path(file).name, format, options)
        return self._receive(file, name or getattr(file, "name", "") or "file", format, options)

    def import_rows(self, rows: Iterable[Mapping[str, Any]], *, name: str = "rows.jsonl", **options: Any) -> Import:
        """Send rows as JSON Lines, in any format that the site reads."""
        lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        return self.import_file(io.BytesIO(lines.encode()), name=name, **options)

    def _receive(self, file: IO[bytes], name: str, format: str, options: Mapping[str, Any]) -> Import:
        fields = {"format": format, "options": json.dumps(options)}
        data = self.site.upload(f"{self.path}imports/", file, name, **fields)
        return Import(self.site, f"{self.path}imports/{data['id']}/", data)

    def imports(self) -> Iterator[Import]:
        for data in self.site.every(f"{self.path}imports/"):
            yield Import(self.site, f"{self.path}imports/{data['id']}/", data)

    def protocols(self) -> list[shapes.Protocol]:
        return list(self.site.every(f"{self.path}protocols/"))

    def preview_release(self, **selection: Any) -> shapes.ReleasePreview:
        """Count what a release with this selection would hold, and what it would leave out and why."""
        found: shapes.ReleasePreview = self.site.post(f"{self.path}releases/preview/", {"selection": selection})
        return found

    def freeze(self, name: str, **selection: Any) -> Release:
        """Freeze the answers that the selection takes, all of them without one. Wait for it with `.wait()`.

        For example `freeze("2026-11", protocols=[3], languages=["en"])`.
        """
        data = self.site.post(f"{self.path}releases/", {"name": name, "selection": selection})
        return self._release(data)

    def releases(self) -> Iterator[Release]:
        """Yield the releases, newest first."""
        for data in self.site.every(f"{self.path}releases/"):
            yield self._release(data)

    def release(self, name: str) -> Release:
        """Return a release by its name. Raise LookupError."""
        seen = []
        for release in self.releases():
            if release.data["name"] == name:
                return release
            seen.append(release.data["name"])
        raise LookupError(f"No release is named {name!r}. There are: {', '.join(seen) or 'none'}.")

    def _release(self, data: shapes.Release) -> Release:
        return Release(self.site, f"{self.path}releases/{data['id']}/", data)

    def run(
        self,
        stage: str,
        release: Release,
        *,
        preset: str | None = None,
        base: str | None = None,
        model: Model | None = None,
        **config: Any,
    ) -> Run:
        """Start to train on a release, from a preset, a folder in MODELS_ROOT or a model of this project.

        For example `run("sft", release, preset="small", seed=1)`. Wait for it with `.wait()`, or `.follow()` it.
        """
        start = {"preset": preset, "base": base, "model": model and model.id}
        body = {
            "stage": stage,
            "release": release.id,
            "start": {name: value for name, value in start.items() if value is not None},
            "config": config,
        }
        data = self.site.post(f"{self.path}runs/", body)
        return Run(self.site, f"{self.path}runs/{data['id']}/", data)

    def runs(self) -> Iterator[Run]:
        for data in self.site.every(f"{self.path}runs/"):
            yield Run(self.site, f"{self.path}runs/{data['id']}/", data)

    def models(self) -> Iterator[Model]:
        for data in self.site.every(f"{self.path}models/"):
            yield Model(self.site, f"{self.path}models/{data['id']}/", data)
