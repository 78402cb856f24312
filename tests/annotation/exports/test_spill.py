from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation.exports import spill
from annotation.exports.spill import Spill


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), lines=st.lists(st.none() | st.binary(min_size=1, max_size=40), max_size=60))
def test_lines_come_back_in_their_order(
    data: st.DataObject,
    lines: list[bytes | None],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However they came, however few stay in memory, and where some ranks have none."""
    monkeypatch.setattr(spill, "RANKS_PER_FILE", data.draw(st.integers(1, 20)))
    monkeypatch.setattr(spill, "BUFFER_BYTES", data.draw(st.integers(1, 200)))
    folder: Path = tmp_path_factory.mktemp("work") / "spill"
    kept = Spill(folder, len(lines))
    there = [(rank, line) for rank, line in enumerate(lines) if line]
    for rank, line in data.draw(st.permutations(there)):
        kept.add(rank, rank % 9, line)
    assert list(kept.in_order()) == [(rank % 9, line) for rank, line in there]
    assert list(folder.iterdir()) == []
