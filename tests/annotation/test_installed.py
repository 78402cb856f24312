from pathlib import Path

import pytest

from annotation import installed
from annotation.installed import Installation


def test_what_was_written_is_read(tmp_path: Path) -> None:
    state = tmp_path / "installs" / "training.json"
    installed.write(state, Installation("installing", "Collecting torch", 3, 24))
    assert installed.read(state) == Installation("installing", "Collecting torch", 3, 24)
    assert installed.read(state).percent == 12


def test_without_a_state_file_what_can_be_imported_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "find_spec", lambda name: None)
    assert installed.read(tmp_path / "none.json").state == "waiting"
    monkeypatch.setattr(installed, "find_spec", lambda name: name)
    assert installed.read(tmp_path / "none.json").state == "done"
