"""Check a payload against a kind, and say which fields were refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from annotation.projects.kinds.shape import InvalidAnswer
from annotation.projects.protocol import KINDS, check_config


def check(kind: str, payload: dict[str, Any], labels: Sequence[Any] = (), **config: object) -> dict[str, Any]:
    return KINDS[kind].check(payload, check_config(kind, config), labels)


def refused(kind: str, payload: dict[str, Any], labels: Sequence[Any] = (), **config: object) -> dict[str, str]:
    """Return {field: message} of a payload that is refused."""
    with pytest.raises(InvalidAnswer) as error:
        check(kind, payload, labels, **config)
    return dict(error.value.errors)
