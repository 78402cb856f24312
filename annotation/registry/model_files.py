"""The files of a model: what each weighs, as the run left it and as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from annotation.registry import trees
from annotation.registry.models import ModelVersion
from training.handover import sha256_of_file

ModelFile = Mapping[str, Any]


def listing(folder: Path, *, without: str = "") -> list[dict[str, Any]]:
    """Return {path, bytes, sha256} of each file that a run has left in a folder. Raise FileNotFoundError."""
    return [
        {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": sha256_of_file(path),
        }
        for path in trees.files_in(folder, without=without)
    ]


def files_of(model: ModelVersion) -> list[ModelFile]:
    """Return {path, bytes, sha256} of each file; from storage, without digests, for a model that lists none."""
    if model.files:
        return list(model.files)
    names = trees.names_under(default_storage, model.stored_prefix)
    start = len(model.stored_prefix) + 1
    return [{"path": name[start:], "bytes": default_storage.size(name), "sha256": ""} for name in names]


def name_of(model: ModelVersion, path: str) -> str:
    return f"{model.stored_prefix}/{path}"
