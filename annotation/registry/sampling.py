"""How a model is to write: what a person may set of it, checked for all that have one write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotation.registry.actions import OrderRefused
from training import config as training_config
from training import settings

SETTABLE = ("n", "temperature", "top_p", "max_new_tokens", "seed")


def checked(sampling: Mapping[str, Any], fixed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is settable, defaults filled in, of a stage's whole configuration. Raise OrderRefused.

    fixed: what is not the person's to set, the stage among it.
    """
    if foreign := [name for name in sampling if name not in SETTABLE or name in fixed]:
        raise OrderRefused([(name, "is not set here") for name in foreign])
    try:
        whole = training_config.from_json({**sampling, **fixed}).to_json()
    except settings.ConfigError as error:
        name, _, message = str(error).partition(": ")
        raise OrderRefused([(name, message)]) from error
    return {name: whole[name] for name in SETTABLE if name in whole}
