"""Axolotl's `chat_template`: messages that each say whether they are trained on, and edits by the character.

Configure `message_field_training: train` and `message_field_training_detail: train_detail`. Offsets are of
characters, both ends included, as Axolotl counts them. A person's edit of a completion is a demonstration of which only
the changed words are theirs.
Source: docs.axolotl.ai, dataset-formats/conversation, and its prompt_strategies/chat_template.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotation.exports.changes import changed_spans
from annotation.exports.choices import Choices, Option
from annotation.exports.conversations import Turns
from annotation.exports.views.shape import Outcome, Record, View

NO_EDIT = "ranking_without_edit"

EDITS = Option(
    name="edits",
    label="Edited completions: trained on where their editor changed them, as a whole, or left out",
    default="changed_words",
    choices=("changed_words", "whole", "drop"),
)


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    if record["kind"] == "demonstration":
        yield {"messages": _messages(record["messages"], record["completion"], [])}
        return
    text_of = {completion["completion_id"]: completion["text"] for completion in record["completions"]}
    edits = [completion for completion in record["completions"] if completion.get("edit_of")]
    if not edits or choices["edits"] == "drop":
        yield NO_EDIT if not edits else "edit"
        return
    for edit in edits:
        spans = []
        if choices["edits"] == "changed_words" and edit["edit_of"] in text_of:
            spans = _detail(changed_spans(text_of[edit["edit_of"]], edit["text"]), len(edit["text"]))
        yield {"messages": _messages(record["messages"], edit["text"], spans)}


def _messages(turns: Turns, reply: str, detail: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every message has every key, so that no loader fills in nulls; an empty detail says nothing."""
    earlier = [{**turn, "train": False, "train_detail": []} for turn in turns]
    return [*earlier, {"role": "assistant", "content": reply, "train": True, "train_detail": detail}]


def _detail(spans: list[tuple[int, int]], length: int) -> list[dict[str, Any]]:
    """Return the whole text in stretches that are trained on or not."""
    stretches, at = [], 0
    for begin, end in spans:
        stretches += [(at, begin, False), (begin, end, True)]
        at = end
    stretches.append((at, length, False))
    return [
        {"begin_offset": begin, "end_offset": end - 1, "train": train} for begin, end, train in stretches if begin < end
    ]


VIEW = View(
    id="axolotl_chat_template",
    label="Axolotl chat_template: messages with train and train_detail",
    source="docs.axolotl.ai, dataset-formats/conversation",
    kinds=("demonstrations", "rankings"),
    fields=("messages", "completion", "completions"),
    options=(EDITS,),
    rows=rows,
    loses=(
        "rankings: only what their judges edited is here",
        "what an edit took away: only what stands in the text can be trained on",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
)
