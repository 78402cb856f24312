"""Reward models score completions, one JSON line an item: where its members are apart, people are worth asking.

Each readout of each model is a member; what is made of them is for the reader to say.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from training import handover
from training.chat import ChatError
from training.config import ScoreConfig
from training.events import Reporter
from training.loop import Stop
from training.records import ItemRecord, ScoresRecord
from training.rewarding import Judge


def run(config: ScoreConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Score every item; return how many there are. The file appears when it is whole. Raises ModelError."""
    judges = [Judge(Path(directory), config.forward_tokens) for directory in config.models]
    items = list(handover.read_items(Path(config.items)))
    partial = Path(f"{config.output}.partial")
    try:
        entry = handover.write_records(partial, (row.to_json() for row in _scored(judges, items, config, report, stop)))
        partial.replace(config.output)
    finally:
        partial.unlink(missing_ok=True)
    return {"stage": config.stage, "config": config.to_json(), "items": entry.rows}


def _scored(
    judges: list[Judge], items: list[ItemRecord], config: ScoreConfig, report: Reporter, stop: Stop
) -> Iterator[ScoresRecord]:
    report("progress", done=0, total=len(items))
    readable = [item for item in items if _can_be_read(judges, item, report)]
    for start in range(0, len(readable), config.items_per_batch):
        stop.check()
        batch = readable[start : start + config.items_per_batch]
        asked, answers = [item.messages for item in batch], [item.completions for item in batch]
        members = torch.cat([judge.members(asked, answers) for judge in judges], dim=1)
        parts = members.split([len(item.completions) for item in batch])
        for item, part in zip(batch, parts, strict=True):
            yield ScoresRecord(item_id=item.item_id, scores=tuple(tuple(row) for row in part.tolist()))
        report("progress", done=start + len(batch), total=len(items))


def _can_be_read(judges: list[Judge], item: ItemRecord, report: Reporter) -> bool:
    try:
        for judge in judges:
            for text in item.completions:
                judge.chat.render(item.messages, text)
    except ChatError as error:
        report("log", level="warning", message=f"Item {item.item_id} is left out: {error}")
        return False
    return bool(item.completions)
