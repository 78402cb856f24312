import sys
from pathlib import Path

import pytest

from annotation import installed
from annotation.processes import installs, pins


@pytest.fixture
def fake_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pip that prints what its script says, in place of the real one."""
    script = tmp_path / "pip.py"
    starter = tmp_path / "python"
    starter.write_text(f"#!/bin/sh\nexec {sys.executable} {script}\n")
    starter.chmod(0o755)
    monkeypatch.setattr(installs.sys, "executable", str(starter))
    monkeypatch.setattr(pins, "missing", lambda extra: ["torch", "numpy", "regex", "tqdm"])
    return script


def test_progress_is_told_and_ends_with_done(
    fake_pip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_pip.write_text("print('Collecting torch>=2.13\\n  Downloading torch.whl (190 MB)\\nCollecting numpy>=2')")
    assert installs.install_training(tmp_path / "training.json") == 0
    told = capsys.readouterr().out
    assert "1 of 4 packages: Downloading torch.whl (190 MB)" in told
    assert "2 of 4 packages: Collecting numpy>=2" in told
    assert installed.read(tmp_path / "training.json").state == "done"


def test_a_failure_says_what_pip_said_last(fake_pip: Path, tmp_path: Path) -> None:
    fake_pip.write_text("print('Collecting torch\\nERROR: No space left on device'); raise SystemExit(1)")
    assert installs.install_training(tmp_path / "training.json") == 1
    failed = installed.read(tmp_path / "training.json")
    assert failed.state == "failed"
    assert "No space left on device" in failed.message


def test_nothing_is_done_when_nothing_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "missing", lambda extra: [])
    assert installs.install_training(tmp_path / "training.json") == 0
    assert installed.read(tmp_path / "training.json").state == "done"
