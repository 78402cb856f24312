"""Supervised fine-tuning: imitate the ideal answers people wrote, and measure how much likelier they became."""

from pathlib import Path
from typing import Any

from training import data, records
from training.config import SFTConfig
from training.events import Reporter
from training.imitation import TextSplits, fit
from training.loop import Stop
from training.model import open_chat


def run(config: SFTConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Train on the release's demonstrations, the answer only; return the card."""
    release = Path(config.release)
    manifest = records.verify_release(release)
    chat = open_chat(config.start, release)
    splits = TextSplits({}, {})
    for split in records.SPLITS:
        splits.rows[split], splits.counts[split] = data.read_demonstrations(release, split, chat, config.max_length)
    return fit(config, manifest, chat, splits, report, stop)
