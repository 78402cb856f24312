"""What each extra needs, read from the installed packages, and the pins of constraints.txt.

`python -m annotation.processes.pins` prints constraints.txt anew from the environment it runs in, each line
with the extra that brings the package in.
"""

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"
EXTRAS = ("web", "training", "redis", "s3", "dev")
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)\s+# (?P<extra>\w+)$")


def required_by(extra: str) -> list[str]:
    """The requirements that pyproject.toml lists for one extra."""
    listed = [Requirement(line) for line in metadata.requires("bennet") or []]
    chosen = [line for line in listed if line.marker and line.marker.evaluate({"extra": extra})]
    return [str(line).split(";")[0].strip() for line in chosen]


def closure(extra: str) -> set[str]:
    """Every installed package that the extra brings in, itself and all that those need."""
    seen: set[tuple[str, frozenset[str]]] = set()
    _walk(Requirement(f"bennet[{extra}]"), seen)
    return {name for name, _ in seen} - {"bennet"}


def pinned(extra: str) -> dict[str, str]:
    """Name → version of the packages in constraints.txt that the extra is the first to need."""
    lines = CONSTRAINTS.read_text().splitlines()
    found = [match for match in map(PIN.match, lines) if match]
    return {match["name"]: match["version"] for match in found if match["extra"] == extra}


def missing(extra: str) -> list[str]:
    return [name for name, version in pinned(extra).items() if _installed(name) != version]


def lines() -> Iterator[str]:
    """The lines of a new constraints.txt."""
    known: set[str] = set()
    for extra in EXTRAS:
        for name in sorted(closure(extra) - known):
            yield f"{name}=={_installed(name)}  # {extra}"
        known |= closure(extra)


def _walk(requirement: Requirement, seen: set[tuple[str, frozenset[str]]]) -> None:
    key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
    if key in seen:
        return
    seen.add(key)
    for line in metadata.requires(requirement.name) or []:
        needed = Requirement(line)
        extras = ["", *requirement.extras]
        if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
            _walk(needed, seen)


def _installed(name: str) -> str:
    """The version without the build's local part: torch 2.13.0+cpu fulfils torch==2.13.0."""
    try:
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
