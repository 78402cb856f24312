"""Pre-training: next-token prediction on every text of a release, so that later stages start from its language."""

from pathlib import Path
from typing import Any

from training import data, records
from training.config import PretrainConfig
from training.events import Reporter
from training.imitation import TextSplits, fit
from training.loop import Stop
from training.model import open_chat


def run(config: PretrainConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Train on the release's prompts, answers and completions alike; return the card."""
    release = Path(config.release)
    manifest = records.verify_release(release)
    chat = open_chat(config.start, release)
    splits = TextSplits({}, {})
    for split in records.SPLITS:
        splits.rows[split], splits.counts[split] = data.read_conversations(release, split, chat, config.max_length)
    return fit(config, manifest, chat, splits, report, stop)
