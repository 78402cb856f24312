"""How much gold is lost when the monitor stops a run, and how often it stops one that loses nothing.

    python -m tests.benchmarks.goodhart [seed …]

In a language in which every answer's worth is known, each seed has people, a start and a reward model of its own. A run
without a price, whose reward model never saw too much, goes until the monitor ends it. One with a price, whose judge
errs but is not biased, loses nothing: the monitor is to let it go on to its end.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from tests.training.nicety import Knowing, School, erring, found_school
from training import rewarding, rl
from training.events import silent
from training.loop import Stop

SEEDS = (1, 2, 3, 4, 5, 6)
RUNS: dict[str, dict[str, Any]] = {
    "free": {"kl_coefficient": 0.0},
    "sound": {"kl_coefficient": 0.04, "reward_function": "erring"},
}


def watched(school: School, name: str) -> dict[str, Any]:
    """Run with the language's own judge as gold, looked at after every step; return what the card says of it."""
    looks = {"gold_model": school.judge, "evaluate_every": 1, "evaluate_answers": 16}
    judges = [] if "reward_function" in RUNS[name] else [school.judge]
    config = school.config(name, reward_models=judges, rounds=40, learning_rate=1.5e-3, **looks, **RUNS[name])
    card = rl.run(config, silent, Stop())
    return {**card["metrics"]["goodhart"], "kept": card["metrics"]["validation"]["gold"]}


def line(seed: int, name: str, said: dict[str, Any]) -> str:
    start, last = said["looks"][0]["gold"], said["looks"][-1]
    best = max(said["looks"], key=lambda look: look["gold"])
    lost = (best["gold"] - last["gold"]) / best["gold"]
    return (
        f"{seed:4}  {name:5}  start {start:.3f}  best {best['gold']:.3f} after {best['step']:2}  "
        f"last {last['gold']:.3f} after {last['step']:2}  lost {lost:5.1%} ± {last['error'] / best['gold']:.1%} of it  "
        f"kept {said['kept']:.3f} of step {said['kept_step']:2}  {'stopped' if said['alarm'] else 'went on'}"
    )


def main() -> None:
    torch.set_num_threads(1)
    rl.Judge = Knowing  # type: ignore[misc, attr-defined]
    rewarding.function_named = lambda name: erring
    for seed in [int(word) for word in sys.argv[1:]] or SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            school = found_school(Path(folder), seed)
            for name in RUNS:
                print(line(seed, name, watched(school, name)), flush=True)


if __name__ == "__main__":
    main()
