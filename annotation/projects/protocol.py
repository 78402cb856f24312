"""Configuration of protocols: which kinds there are, and what a version's config may say. Pure."""

from __future__ import annotations

from typing import Any

from annotation.projects.kinds import demonstration, ranking
from annotation.projects.kinds.shape import Config, InvalidConfig, Kind

KINDS: dict[str, Kind] = {kind.key: kind for kind in (demonstration.KIND, ranking.KIND)}


def kind_of(key: str) -> Kind:
    """Return the kind. Raise InvalidConfig for one that does not exist."""
    if key not in KINDS:
        raise InvalidConfig("kind", f"{key!r} is not one of {', '.join(KINDS)}")
    return KINDS[key]


def check_config(kind: str, config: Config) -> dict[str, Any]:
    """Return the whole configuration, defaults filled in. Raise InvalidConfig naming the field at fault."""
    defaults = kind_of(kind).defaults
    for name, value in config.items():
        if name not in defaults:
            raise InvalidConfig(name, f"is not a setting of {kind}; there are {', '.join(defaults)}")
        if type(value) is not type(defaults[name]):
            raise InvalidConfig(name, f"must be {_plain(defaults[name])}")
        if isinstance(value, int) and not isinstance(value, bool) and value < 1:
            raise InvalidConfig(name, "must be at least 1")
    return {**defaults, **config}


def _plain(example: object) -> str:
    return {bool: "true or false", int: "a whole number", str: "a text"}[type(example)]
