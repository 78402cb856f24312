"""Whether the `training` extra is in this environment yet: the site serves before it is."""

import json
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Installation:
    state: Literal["waiting", "installing", "done", "failed"]
    message: str
    packages_done: int = 0
    packages_total: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.packages_done // self.packages_total if self.packages_total else 0


def read(path: Path) -> Installation:
    """What the installing process last wrote; where none ever ran, what can be imported decides."""
    try:
        return Installation(**json.loads(path.read_text()))
    except FileNotFoundError:
        if find_spec("torch") and find_spec("transformers"):
            return Installation("done", "Training is installed.")
        return Installation("waiting", "The packages for training are not installed yet.")


def write(path: Path, installation: Installation) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(installation)))
    draft.replace(path)
