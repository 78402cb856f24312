"""Starting points for protocols. A new preset is one file here, with a PRESET in it, and its tests: it is found."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from annotation.projects.presets.shape import Preset


def _found() -> dict[str, Preset]:
    names = sorted(module.name for module in iter_modules(__path__) if module.name != "shape")
    presets = [import_module(f"{__name__}.{name}").PRESET for name in names]
    return {preset.key: preset for preset in presets}


PRESETS: dict[str, Preset] = _found()
