"""Digests of content, and the split that follows from a prompt's group. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Sequence

from annotation.tasks.messages import Message

# Shares of groups, in hash space. Stored per group at first sight, so a change here moves nothing that exists.
TRAIN_SHARE, VALIDATION_SHARE = 0.8, 0.1


def group_key_of(messages: Sequence[Message]) -> str:
    """Return the hash of the normalised first human turn: prompts that share it stay on one side of a split."""
    first = next((message["content"] for message in messages if message["role"] == "user"), "")
    return text_sha256(" ".join(unicodedata.normalize("NFKC", first).casefold().split()))


def split_of(key: str) -> str:
    """Return train, validation or test for a group key: a fixed function, the same in every project."""
    share = int(hashlib.sha256(key.encode()).hexdigest()[:12], 16) / 16**12
    if share < TRAIN_SHARE:
        return "train"
    return "validation" if share < TRAIN_SHARE + VALIDATION_SHARE else "test"


def messages_sha256(messages: Sequence[Message]) -> str:
    return text_sha256(json.dumps([[m["role"], m["content"]] for m in messages], ensure_ascii=False))


def text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def task_sha256(prompt_id: int, completion_ids: Iterable[int]) -> str:
    """Return the digest that makes one piece of work one task, whatever order its completions came in."""
    return text_sha256(f"{prompt_id}:" + ",".join(str(pk) for pk in sorted(completion_ids)))
