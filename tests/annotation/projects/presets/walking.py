"""Check an answer as somebody who works by a preset gives it."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.projects.kinds.shape import InvalidAnswer
from annotation.projects.presets import PRESETS
from annotation.projects.protocol import KINDS, check_config


def labels(count: int) -> list[str]:
    return [f"c{place}" for place in range(1, count + 1)]


def check(preset: str, payload: dict[str, Any], completions: int = 0) -> dict[str, Any]:
    made = PRESETS[preset]
    kind, config = KINDS[made.kind], check_config(made.kind, made.config)
    low, high = kind.bounds(config)
    assert low <= completions <= high, "a task of this preset shows another number of completions"
    return kind.check(payload, config, labels(completions))


def refused(preset: str, payload: dict[str, Any], completions: int = 0) -> set[str]:
    """Return the fields of a payload that are refused."""
    with pytest.raises(InvalidAnswer) as error:
        check(preset, payload, completions)
    return {field for field, _ in error.value.errors}
