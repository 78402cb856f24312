"""Configuration of protocols: which kinds there are, and what a version's config may say. Pure."""

from __future__ import annotations

from typing import Any

from annotation.projects.kinds import comparison, demonstration, labels, moderation, prompt, ranking, score
from annotation.projects.kinds.settings import InvalidConfig
from annotation.projects.kinds.shape import Config, Kind

_ALL = (
    demonstration.KIND, prompt.KIND, ranking.KIND, comparison.KIND, score.KIND, labels.KIND, moderation.KIND,
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.key: kind for kind in _ALL}
# Whose answers put completions in order.
RANKING_KINDS = frozenset({ranking.KIND.key, comparison.KIND.key})


def kind_of(key: str) -> Kind:
    """Return the kind. Raise InvalidConfig for one that does not exist."""
    if key not in KINDS:
        raise InvalidConfig("kind", f"{key!r} is not one of {', '.join(KINDS)}")
    return KINDS[key]


def check_config(kind: str, config: Config) -> dict[str, Any]:
    """Return the whole configuration, defaults filled in. Raise InvalidConfig naming the field at fault."""
    found = kind_of(kind)
    for name in config:
        if name not in found.defaults:
            raise InvalidConfig(name, f"is not a setting of {kind}; there are {', '.join(found.defaults)}")
    whole = {setting.name: setting.check(config.get(setting.name, setting.default)) for setting in found.settings}
    found.agree(whole)
    return whole


def whole_config(kind: str, config: Config) -> dict[str, Any]:
    """Return a stored configuration with the settings that are younger than it: what was right once stays right."""
    return {**kind_of(kind).defaults, **config}
