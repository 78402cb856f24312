"""A worker to be killed: `python -m tests.annotation.registry.worker MODULE FUNCTION ROW SECONDS`.

It works on one row as the queue's workers do; its children take so many seconds over a line (see slow_child.py).
"""

import importlib
import sys
import threading
from pathlib import Path

import django

SLOW_CHILD = Path(__file__).with_name("slow_child.py")


def slow_command(seconds: str) -> object:
    return lambda stage, config: [sys.executable, str(SLOW_CHILD), str(config), seconds]


if __name__ == "__main__":
    django.setup()
    from annotation.registry import launch

    module, function, row, seconds = sys.argv[1:]
    launch.training_command = slow_command(seconds)  # type: ignore[assignment]
    work = getattr(importlib.import_module(f"annotation.registry.{module}"), f"execute_{function}")
    work(**{f"{function}_id": int(row), "must_stop": threading.Event()})
