"""What a client says of the time spent and of how a text came about, kept within bounds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECONDS_MAXIMUM = 24 * 3600.0
STEPS_MOST = 100
PASTES_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Timing:
    """Active seconds in all and by step, and how the text came about, as a client says."""

    seconds: float = 0.0
    step_seconds: Mapping[str, float] | None = None
    pastes: tuple[Mapping[str, float], ...] = ()

    @property
    def evidence(self) -> dict[str, Any]:
        return {"pastes": list(self.pastes)[:PASTES_MOST]} if self.pastes else {}


def seconds_within(value: Any) -> float:
    return min(max(float(value), 0.0), SECONDS_MAXIMUM)


def steps_within(value: Mapping[str, float] | None) -> dict[str, float]:
    return {name[:60]: seconds_within(seconds) for name, seconds in list((value or {}).items())[:STEPS_MOST]}
