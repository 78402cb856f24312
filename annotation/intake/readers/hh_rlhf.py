"""HH-RLHF: two whole transcripts a line that differ in the last reply; the chosen one ranks above the rejected.

Source: Bai et al. 2022, arXiv:2204.05862; files at github.com/anthropics/hh-rlhf.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import turns
from annotation.intake.readers.each import each
from annotation.intake.rows import BadRow, Outcome, Row
from annotation.intake.strict_json import load_object
from annotation.tasks.messages import Message

SOURCE = "hh_rlhf"
_READ = frozenset({"chosen", "rejected"})
_REPLY = "\n\nAssistant:"
_TURN = re.compile(r"\n\n(Human|Assistant):")
_ROLES = {"Human": "user", "Assistant": "assistant"}


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line, load_object(line.text()), options))


def is_pair(given: Mapping[str, Any]) -> bool:
    """Tell a pair of transcripts from two texts of any other kind."""
    sides = [given.get("chosen"), given.get("rejected")]
    return "prompt" not in given and any(isinstance(s, str) and _TURN.match(s) for s in sides)


def _outcomes(line: Line, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    yield _row(line, given, options)
    yield from turns.left_out(line.number, given, _READ)


def _row(line: Line, given: dict[str, Any], options: Options) -> Row:
    prompt, chosen = _split(given.get("chosen"), "chosen")
    other_prompt, rejected = _split(given.get("rejected"), "rejected")
    if prompt != other_prompt:
        message = "chosen and rejected differ before the last reply, so they do not answer the same prompt."
        raise BadRow("rejected", "unequal_prompts", message)
    replies = [_reply(chosen, "chosen"), _reply(rejected, "rejected")]
    if replies[0] == replies[1]:
        raise BadRow("rejected", "identical_replies", "Both replies read the same, so neither is better.")
    source = options.source or SOURCE
    return Row(
        line=line.number,
        kind="ranking",
        messages=checks.conversation(_messages(prompt)),
        language=options.language,
        source=source,
        completions=[[reply, source] for reply in replies],
        tiers=[[0], [1]],
    )


def _split(transcript: Any, field: str) -> tuple[str, str]:
    """Return what stands before the last reply, and the reply."""
    text = transcript.replace("\r\n", "\n") if isinstance(transcript, str) else transcript
    checks.text(text, field)
    prompt, mark, reply = text.rpartition(_REPLY)
    if not mark:
        raise BadRow(field, "bad_transcript", f"{field} has no turn that begins with a blank line and “Assistant:”.")
    return prompt, reply


def _reply(text: str, field: str) -> str:
    if not text.strip():
        raise BadRow(field, "empty_reply", f"The last reply of {field} is empty.")
    if _TURN.search(text):
        raise BadRow(field, "bad_transcript", f"{field} ends with a human turn; it must end with a reply.")
    return checks.text(text, field)


def _messages(prompt: str) -> list[Message]:
    before, *turns = _TURN.split(prompt)
    if before.strip() or not turns:
        message = "A transcript begins with a blank line and “Human:”."
        raise BadRow("chosen", "bad_transcript", message)
    pairs = zip(turns[::2], turns[1::2], strict=True)
    return [{"role": _ROLES[speaker], "content": content.strip()} for speaker, content in pairs]
