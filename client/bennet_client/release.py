"""A frozen release: its files, and the views of it that trainers read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bennet_client import shapes
from bennet_client.http import digest_of
from bennet_client.jobs import Job

if TYPE_CHECKING:
    from datasets import DatasetDict

# What `datasets` calls the builder of each kind of file.
BUILDERS = {".jsonl": "json", ".parquet": "parquet", ".csv": "csv"}


class View(Job[shapes.ReleaseView]):
    """A release as one trainer wants it, written once for each choice of options."""

    def download(self, folder: str | Path) -> list[Path]:
        """Fetch every file, checked against its SHA-256; what is there already and right is not fetched again."""
        return [self._fetch(file, Path(folder)) for file in self.data["files"]]

    def _fetch(self, file: shapes.ViewFile, folder: Path) -> Path:
        to = folder / file["path"]
        if to.is_file() and digest_of(to) == file["sha256"]:
            return to
        return self.site.download(f"{self.path}files/{file['path']}", to, sha256=file["sha256"])


class Release(Job[shapes.Release]):
    @property
    def digest_sha256(self) -> str:
        """What names its content: the same records have the same digest, wherever and whenever they are frozen."""
        return str(self.data["digest_sha256"])

    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = self.site.get(f"{self.path}manifest/")
        return found

    def download(self, folder: str | Path) -> Path:
        """Fetch the release as it is frozen into a folder of its digest, ready for `python -m training`."""
        home = Path(folder) / self.digest_sha256
        for file in self.data["files"]:
            to = home / file["path"]
            if not (to.is_file() and digest_of(to) == file["sha256"]):
                self.site.download(f"{self.path}files/{file['path']}", to, sha256=file["sha256"])
        self.site.download(f"{self.path}manifest/", home / "manifest.json")
        return home

    def views(self) -> Iterator[View]:
        """Yield the views that were asked for, newest first."""
        for data in self.site.get(f"{self.path}views/"):
            yield View(self.site, f"{self.path}views/{data['id']}/", data)

    def view(self, format: str, **options: Any) -> View:
        """Ask for a view and wait until it is written. The site lists formats and options under `view-formats/`."""
        data = self.site.post(f"{self.path}views/", {"format": format, "options": options})
        return View(self.site, f"{self.path}views/{data['id']}/", data).wait()

    def to_datasets(self, format: str, *, folder: str | Path | None = None, **options: Any) -> DatasetDict:
        """Load a view with Hugging Face `datasets` (`pip install "bennet-client[datasets]"`), split by split.

        The files stay in `folder`, by default in the user's cache, so the second time nothing is fetched. Splits
        without rows are left out.
        """
        from datasets import load_dataset

        view = self.view(format.replace("-", "_"), **options)
        home = Path(folder) if folder else cache_folder() / self.digest_sha256 / f"{view.data['format']}-{view.id}"
        rows = {file["path"]: file["rows"] for file in view.data["files"]}
        files = {path.name.split(".")[0]: path for path in view.download(home) if rows[path.name]}
        if not files:
            raise LookupError(f"The view {format} of {self.data['name']} has no rows: {view.data['left_out']}.")
        kind = BUILDERS[next(iter(files.values())).suffix]
        return load_dataset(kind, data_files={split: str(path) for split, path in files.items()})


def cache_folder() -> Path:
    return Path.home() / ".cache" / "bennet"
