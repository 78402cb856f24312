"""Install the `training` extra behind the running site, telling how far it is: one line each and a state file."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from annotation import installed
from annotation.installed import Installation
from annotation.processes import pins

COLLECTED = re.compile(r"^\s*(?:Collecting|Using cached|Downloading|Installing) \S+.*")


def install_training(state: Path) -> int:
    """Returns pip's exit status; 0 at once when nothing is missing."""
    missing = pins.missing("training")
    if not missing:
        installed.write(state, Installation("done", "Training is installed."))
        return 0
    _tell(state, Installation("installing", "Looking up the packages for training.", 0, len(missing)))
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--constraint", str(pins.CONSTRAINTS), *pins.required_by("training")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        last = _follow(state, pip.stdout or (), len(missing))
    if pip.returncode:
        message = f"The packages for training could not be installed: {last} Start Bennet again to retry."
        _tell(state, Installation("failed", message, 0, len(missing)))
    else:
        _tell(state, Installation("done", "Training is installed.", len(missing), len(missing)))
    return pip.returncode


def _follow(state: Path, output: Iterable[str], total: int) -> str:
    """Count the packages as pip collects them. Return its last words."""
    done, last = 0, ""
    for line in output:
        last = line.strip() or last
        if not COLLECTED.match(line):
            continue
        done = min(done + line.startswith("Collecting"), total)
        _tell(state, Installation("installing", last[:200], done, total))
    return last


def _tell(state: Path, installation: Installation) -> None:
    installed.write(state, installation)
    count = f"{installation.packages_done} of {installation.packages_total} packages"
    sys.stdout.write(f"{count}: {installation.message}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(install_training(Path(sys.argv[1])))
