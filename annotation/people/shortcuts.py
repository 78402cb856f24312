"""The keys that one person has chosen for commands of the pages: {command: [key, …]}; no key at all turns one off.

Which commands there are is the pages' affair; here is only what a choice may look like.
"""

from __future__ import annotations

import re
from typing import Any

COMMANDS_MOST = 200
KEYS_MOST = 4

_COMMAND = re.compile(r"[a-z][a-z0-9_]{0,39}")
# "Mod+Enter", "Shift+ArrowUp", "=", "ø", or "1-9" for any digit; Mod is Ctrl, or ⌘ on a Mac.
_KEY = re.compile(r"(Mod\+)?(Alt\+)?(Shift\+)?(1-9|[A-Z][A-Za-z0-9]{1,19}|[^\s\x00-\x1f\x7f])")


class BadShortcut(ValueError):
    """A choice of keys that cannot be kept; says which and why."""


def checked(shortcuts: Any) -> dict[str, list[str]]:
    """Return the choice as it is kept. Raise BadShortcut."""
    if not isinstance(shortcuts, dict):
        raise BadShortcut("must be an object of commands, each with a list of keys")
    if len(shortcuts) > COMMANDS_MOST:
        raise BadShortcut(f"must name at most {COMMANDS_MOST} commands")
    return {command: _keys(command, keys) for command, keys in sorted(shortcuts.items())}


def _keys(command: str, keys: Any) -> list[str]:
    if not _COMMAND.fullmatch(command):
        raise BadShortcut(f"{command[:40]!r} is no name of a command")
    if not isinstance(keys, list) or len(keys) > KEYS_MOST:
        raise BadShortcut(f"{command}: give a list of at most {KEYS_MOST} keys")
    for key in keys:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise BadShortcut(f"{command}: {str(key)[:40]!r} is no key; write it as in “Mod+Shift+k”, “ArrowUp” or “=”")
    if len(set(keys)) < len(keys):
        raise BadShortcut(f"{command}: names a key twice")
    return keys
