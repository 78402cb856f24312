"""A release as trainers read it. A new format is one file here, with a VIEW in it, and its tests: it is found."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from annotation.exports.views.shape import Outcome, Record, Row, View


def _found() -> dict[str, View]:
    names = sorted(module.name for module in iter_modules(__path__) if module.name != "shape")
    views = [import_module(f"{__name__}.{name}").VIEW for name in names]
    return {view.id: view for view in views}


VIEWS: dict[str, View] = _found()

__all__ = ["VIEWS", "Outcome", "Record", "Row", "View"]
