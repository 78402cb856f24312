"""Open tasks in which a prompt is to be written: part of this room's actions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.projects.permissions import require, require_unarchived
from annotation.projects.protocol import kind_of
from annotation.tasks import queue
from annotation.tasks.actions import TaskNotOpenable, config_of
from annotation.tasks.assignment_rules import fits
from annotation.tasks.by_column import insert
from annotation.tasks.messages import BadMessages, check_text
from annotation.tasks.models import Task
from annotation.tasks.splits import text_sha256

BRIEF_FIELDS = ("style", "text", "use_case")
MOST_COPIES = 1_000
_CHARACTERS = {"text": 5_000, "use_case": 500}


@transaction.atomic
def open_briefs(
    *,
    protocol: Protocol,
    briefs: Sequence[Mapping[str, str]],
    actor: User,
    now: datetime,
    copies: int = 1,
    language: str = "",
    required_answers: int | None = None,
    priority: int = 0,
) -> dict[str, int]:
    """See to it that there are so many tasks for each brief, {style, text, use_case}; return how many are new.

    Two copies of a brief are two tasks, so that one person may write to it twice.
    Raise NotAllowed, TaskNotOpenable, ProtocolArchived.
    """
    require(actor, "manage_tasks", protocol.project)
    require_unarchived(protocol)
    if not kind_of(protocol.kind).has_brief:
        raise TaskNotOpenable(f"A {protocol.kind} task begins with a prompt: a brief is for tasks that write one.")
    if not 1 <= copies <= MOST_COPIES:
        raise TaskNotOpenable(f"A brief is opened between 1 and {MOST_COPIES:,} times at once.")
    styles = config_of(protocol)["styles"]
    wanted = [brief for given in briefs for brief in [_checked(given, styles)] * copies]
    meant = fits(protocol.assignment_rules, language, ())
    new = insert(
        Task,
        same={
            "protocol": protocol.pk,
            "language": language,
            "team": meant.team,
            "assigned_to": meant.people,
            "required_answers": required_answers or protocol.required_answers,
            "priority": priority,
            "created_at": now,
        },
        columns={"brief": wanted, "content_sha256": _numbered(wanted, language)},
    )
    queue.bring_all_back(sorted(new))
    return {"opened": len(new), "already_there": len(wanted) - len(new)}


def _checked(brief: Mapping[str, str], styles: Sequence[str]) -> dict[str, str]:
    style = brief.get("style") or styles[0]
    if style not in styles:
        raise TaskNotOpenable(f"The style {style!r} is not one of this protocol's: {', '.join(styles)}.")
    return {"style": style} | {name: _text(name, brief.get(name, "")) for name in ("text", "use_case")}


def _text(name: str, value: str) -> str:
    if not value.strip():
        return ""
    try:
        text = check_text(value, name)
    except BadMessages as error:
        raise TaskNotOpenable(f"A brief's {error}.") from error
    if len(text) > _CHARACTERS[name]:
        raise TaskNotOpenable(f"A brief's {name} has at most {_CHARACTERS[name]:,} characters, not {len(text):,}.")
    return text.strip()


def _numbered(briefs: Sequence[Mapping[str, str]], language: str) -> list[str]:
    """Return what tells each copy of a brief from the others."""
    seen: dict[str, int] = {}
    digests = []
    for brief in briefs:
        text = json.dumps([language, *(brief[name] for name in BRIEF_FIELDS)], ensure_ascii=False)
        seen[text] = seen.get(text, 0) + 1
        digests.append(text_sha256(f"brief {seen[text]}: {text}"))
    return digests
