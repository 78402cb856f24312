"""A prompt is a conversation: a list of messages that ends with a human turn. Pure."""

from __future__ import annotations

from typing import Any

from annotation.projects.kinds.shape import character_fault, with_line_feeds

ROLES = ("system", "user", "assistant")
MAXIMUM_CHARACTERS = 200_000

Message = dict[str, str]


class BadMessages(ValueError):
    """The conversation cannot be a prompt; `field` says where, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


def check_messages(value: Any) -> list[Message]:
    """Return the conversation in the form that is stored. Raise BadMessages naming the place and the remedy."""
    if not isinstance(value, list) or not value:
        raise BadMessages("messages", "must be a non-empty list of {role, content}")
    messages = [_check_message(message, f"messages[{index}]", index) for index, message in enumerate(value)]
    if messages[-1]["role"] != "user":
        raise BadMessages(f"messages[{len(messages) - 1}].role", "a prompt ends with a message of the user")
    if sum(len(message["content"]) for message in messages) > MAXIMUM_CHARACTERS:
        raise BadMessages("messages", f"is longer than {MAXIMUM_CHARACTERS:,} characters")
    return messages


def check_text(value: Any, field: str) -> str:
    """Return a text with \\n line ends. Raise BadMessages for control characters, lone surrogates, or no text."""
    if not isinstance(value, str):
        raise BadMessages(field, "must be a text")
    text = with_line_feeds(value)
    if fault := character_fault(text):
        raise BadMessages(field, fault)
    if not text.strip():
        raise BadMessages(field, "must not be empty")
    return text


def _check_message(message: Any, field: str, index: int) -> Message:
    if not isinstance(message, dict):
        raise BadMessages(field, "must be an object with role and content")
    unknown = sorted(set(message) - {"role", "content"})
    if unknown:
        raise BadMessages(f"{field}.{unknown[0]}", "is not part of a message: it has role and content")
    role = message.get("role")
    if role not in ROLES:
        raise BadMessages(f"{field}.role", f"must be one of {', '.join(ROLES)}")
    if role == "system" and index:
        raise BadMessages(f"{field}.role", "a system message stands first or not at all")
    return {"role": role, "content": check_text(message.get("content"), f"{field}.content")}
