"""The last look at a release before anybody sees it: read back from its files, does anything stand in two splits?

What the freeze left out as bridging cannot be here; this looks at what was written, whatever the freeze believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from annotation.exports.selection import BY_ANNOTATOR, Selection
from annotation.projects.models import Project
from annotation.tasks.models import Prompt
from training.records import SPLITS

NAMED = 10


class LeakFound(Exception):
    """Something stands in two splits of the files that were written; `ids` says what, the first few of it."""

    def __init__(self, what: str, ids: list[str]) -> None:
        self.what, self.ids = what, ids
        super().__init__(f"{what} in two splits: {', '.join(ids)}")


def check(work: Path, project: Project, selection: Selection) -> None:
    """Raise LeakFound. Holds in memory what the two smaller splits have, and streams the largest."""
    _check(work, "group", "prompt groups")
    if selection.split_by == BY_ANNOTATOR:
        _check(work, "annotator", "annotators")
    clusters = _clusters(project)
    if clusters:
        _check(work, "prompt_id", "clusters of near-duplicate prompts", clusters)


def _check(work: Path, column: str, what: str, clusters: dict[str, str] | None = None) -> None:
    sizes = {split: sum(path.stat().st_size for path in (work / split).glob("*.parquet")) for split in SPLITS}
    *small, large = sorted(SPLITS, key=sizes.__getitem__)
    seen: pa.Array = pa.nulls(0, pa.string())
    for split in small:
        here = pa.nulls(0, pa.string())
        for values in _values(work / split, column, clusters):
            _refuse(values, seen, what)
            here = pc.unique(pa.chunked_array([here, values]))
        seen = pc.unique(pa.chunked_array([seen, here]))
    for values in _values(work / large, column, clusters):
        _refuse(values, seen, what)


def _refuse(values: Any, seen: Any, what: str) -> None:
    both = values.filter(pc.is_in(values, value_set=seen))
    if len(both):
        raise LeakFound(what, sorted(set(both.to_pylist()))[:NAMED])


def _values(folder: Path, column: str, clusters: dict[str, str] | None) -> Iterator[Any]:
    """Yield the different values of a column of a split, a row group at a time; of prompts, their clusters."""
    for path in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            if column not in file.schema_arrow.names:
                # Documents: each stands once in a project, in the split of its text.
                continue
            for number in range(file.num_row_groups):
                values = pc.unique(file.read_row_group(number, columns=[column]).column(0)).cast(pa.string())
                if clusters is not None:
                    values = pa.array([clusters[pk] for pk in values.to_pylist() if pk in clusters], pa.string())
                yield values.filter(pc.not_equal(values, ""))


def _clusters(project: Project) -> dict[str, str]:
    rows = Prompt.objects.filter(project=project, cluster_id__isnull=False).values_list("pk", "cluster_id")
    return {str(pk): str(cluster) for pk, cluster in rows.iterator(chunk_size=2_000)}
