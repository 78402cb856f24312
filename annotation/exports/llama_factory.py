"""What LLaMA-Factory's formats share: prompts in alpaca's and ShareGPT's form, and the registry of its files. Pure.

Source: github.com/hiyouga/LLaMA-Factory, data/README.md. Every row has every key, an empty text or list where there is
nothing: its loader makes nulls of keys that only some rows have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotation.exports.conversations import Turns, system_and_turns

REGISTRY = "dataset_info.json"
ALPACA = {"prompt": "instruction", "query": "input", "system": "system", "history": "history"}
SHAREGPT = {"messages": "conversations", "system": "system"}
_SPEAKERS = {"user": "human", "assistant": "gpt"}


def as_alpaca(turns: Turns) -> dict[str, Any] | None:
    """Return the prompt as instruction and history; None where its turns do not alternate."""
    parts = system_and_turns(turns)
    if parts is None:
        return None
    system, spoken = parts
    texts = [turn["content"] for turn in spoken]
    history = [[texts[place], texts[place + 1]] for place in range(0, len(texts) - 1, 2)]
    return {"instruction": texts[-1], "input": "", "system": system, "history": history}


def as_sharegpt(turns: Turns) -> dict[str, Any] | None:
    """Return the prompt as turns of human and gpt; None where they do not alternate."""
    parts = system_and_turns(turns)
    if parts is None:
        return None
    system, spoken = parts
    said = [{"from": _SPEAKERS[turn["role"]], "value": turn["content"]} for turn in spoken]
    return {"conversations": said, "system": system}


def dataset_info(name: str, told: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """Return the registry that names each split's file: copy it, or its entries, into LLaMA-Factory's `data`."""
    return {REGISTRY: {f"{name}_{split}": {"file_name": file, **told} for split, file in files.items()}}
