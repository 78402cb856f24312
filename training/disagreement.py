"""How far the members of an ensemble are apart on each item: where they are, people are worth asking.

A member is a readout of a model; models of several seeds and models of several heads count alike.
Source: Lakshminarayanan et al. 2017 (arXiv:1612.01474), section 2.4; for reward models Coste et al. 2023
(arXiv:2310.02743).
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training import data, ranking_rows
from training.chat import chat_for
from training.events import Reporter
from training.handover import verify_release
from training.loop import Stop
from training.metrics import FloatArray
from training.model import head_scores, load_reward, longest_row, to_device
from training.ranking_rows import RankingRow
from training.settings import ConfigError
from training.tokenizer import load_tokenizer

FORWARD_TOKENS = 8192
LONGEST = 1 << 16


def run(
    models: Sequence[Path], release: Path, split: str, output: Path, report: Reporter, stop: Stop
) -> dict[str, Any]:
    """Write a JSON line for each ranking of a split, the most disputed first; return what they add up to.

    A line holds, for each completion, the members' mean score and their standard deviation, and for each strict pair
    the mean difference and its standard deviation. Raises ConfigError with fewer than two members, or no ranking
    that all of them can read.
    """
    verify_release(release)
    read = [_scored(directory, release, split, report, stop) for directory in models]
    names = [name for name in read[0] if all(name in one for one in read)]
    lines = [_line(read[0][name][0], np.concatenate([one[name][1] for one in read], axis=1)) for name in names]
    members = len(lines[0]["scores"][0]["members"]) if lines else 0
    if members < 2:
        raise ConfigError(f"models: {members} members read rankings of this split; an ensemble has two or more.")
    lines.sort(key=lambda line: -line["disagreement"])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return {"members": members, "rankings": len(lines), **_by_disagreement(lines)}


def _scored(
    directory: Path, release: Path, split: str, report: Reporter, stop: Stop
) -> dict[str, tuple[RankingRow, FloatArray]]:
    """Return each ranking with its scores, [completions, heads], by the record's id."""
    chat = chat_for(load_tokenizer(directory))
    model = to_device(load_reward(directory, 0)).eval()
    rows, _ = ranking_rows.read_rankings(release, split, chat, longest_row(model) or LONGEST, with_ties=True)
    found: dict[str, tuple[RankingRow, FloatArray]] = {}
    for places in data.micro_batches([row.tokens for row in rows], FORWARD_TOKENS):
        stop.check()
        batch = [rows[place] for place in places]
        with torch.no_grad():
            scores = head_scores(model, ranking_rows.flat_rankings(batch)).double().cpu().numpy()
        ends = np.cumsum([len(row.rows) for row in batch])
        for row, part in zip(batch, np.split(scores, ends[:-1]), strict=True):
            found[row.record] = (row, part)
        report("progress", done=len(found), total=len(rows))
    return found


def _line(row: RankingRow, scores: FloatArray) -> dict[str, Any]:
    """Describe one ranking. scores: [completions, members]."""
    pairs = list(_pairs(row, scores))
    centred = scores - scores.mean(axis=0)  # a member that scores all of a prompt higher disputes nothing
    return {
        "record_id": row.record,
        "prompt_id": row.prompt_id,
        "disagreement": float(centred.std(axis=1).mean()),
        "scores": [
            {"mean": float(one.mean()), "spread": float(one.std()), "members": [float(member) for member in one]}
            for one in scores
        ],
        "pairs": pairs,
    }


def _pairs(row: RankingRow, scores: FloatArray) -> Iterator[dict[str, Any]]:
    for better, worse in row.pairs:
        difference = scores[better] - scores[worse]
        yield {
            "better": better,
            "worse": worse,
            "difference": float(difference.mean()),
            "spread": float(difference.std()),
            "agreeing": float((np.sign(difference) == np.sign(difference.mean())).mean()),
        }


def _by_disagreement(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the accuracy on the pairs that the members dispute less than half of all, and on the rest."""
    pairs = sorted((pair for line in lines for pair in line["pairs"]), key=lambda pair: pair["spread"])
    right = [1.0 if pair["difference"] > 0 else 0.5 if pair["difference"] == 0 else 0.0 for pair in pairs]
    half = len(right) // 2
    if not half:
        return {}
    least, most = float(np.mean(right[:half])), float(np.mean(right[half:]))
    return {"accuracy_least_disputed": least, "accuracy_most_disputed": most}
