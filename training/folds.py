"""A reward model on annotators it never learned from: train without each fold of them in turn, and test on that fold.

Source: Ouyang et al. 2022 (arXiv:2203.02155), section 4.1: five folds over labelers, three seeds.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from training.config import RewardConfig
from training.events import Reporter
from training.loop import Stop
from training.settings import ConfigError

FOLDS = 5
IN_FOLD, HELD_OUT = "in_fold", "held_out_annotators"

Recipe = Callable[[Any, Reporter, Stop], dict[str, Any]]


def run(
    config: RewardConfig, recipe: Recipe, report: Reporter, stop: Stop, *, folds: int = FOLDS, seeds: int = 1
) -> dict[str, Any]:
    """Train every fold with every seed; return what each and all reached, kept in `<output>/folds.json` too.

    Interrupted, it goes on where it was: each training has a directory and checkpoints of its own.
    Raises ConfigError where no fold has enough of the test split to be measured on.
    """
    if folds < 2:
        raise ConfigError("folds: there must be two of them or more.")
    trained = []
    for fold in range(folds):
        for seed in range(config.seed, config.seed + seeds):
            output = str(Path(config.output) / f"fold-{fold}-seed-{seed}")
            card = recipe(replace(config, folds=folds, fold=fold, seed=seed, output=output), report, stop)
            trained.append({"fold": fold, "seed": seed, **_measured(card["metrics"]["report"])})
        report("progress", done=fold + 1, total=folds)
    found = {
        "folds": trained,
        **{name: _mean([one[name] for one in trained]) for name in (IN_FOLD, HELD_OUT)},
        "ceiling": card["metrics"]["ceiling"],
    }
    if found[HELD_OUT] is None:
        raise ConfigError("folds: no fold of annotators has enough pairs in the test split; choose fewer folds.")
    (Path(config.output) / "folds.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    return found


def _measured(report: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: report.get(name, {}).get("accuracy") for name in (IN_FOLD, HELD_OUT)}


def _mean(values: Sequence[float | None]) -> dict[str, float] | None:
    """Return the mean of what was measured, and its standard error over the trainings."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    error = float(np.std(known, ddof=1) / len(known) ** 0.5) if len(known) > 1 else 0.0
    return {"accuracy": float(np.mean(known)), "standard_error": error, "trainings": len(known)}
