"""The client as pip sees it: a package of its own that needs nothing of the site."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_wheel_holds_the_package_its_types_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*command, str(tmp_path), str(ROOT / "client")], check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("bennet_client-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "bennet_client/py.typed" in names
    assert "bennet_client/shapes.py" in names
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"bennet_client"}


def test_it_loads_neither_the_site_nor_training() -> None:
    question = "import sys, bennet_client; print(sorted({'django', 'torch', 'datasets'} & sys.modules.keys()))"
    found = subprocess.run(
        [sys.executable, "-c", question], cwd=ROOT / "client", check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "[]"
