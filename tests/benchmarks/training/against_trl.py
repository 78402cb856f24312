"""The training engine beside TRL and transformers' Trainer, on processors, in one run.

    python -m tests.benchmarks.training.against_trl [--rows sft accuracy …] [--quiet-share 0.05] [--threads 2]

One Llama of 13 million weights, the same rows and seeds on both sides, each in its best honest configuration (see
`ours` and `theirs`) and in whichever precision it is faster in here, which a trial on the first rankings tells. Both
are run in turn, after a first turn that is not counted (ours compiles in it); medians of three. A turn during which
other processes took more than the quiet share of the machine is put aside and repeated, six times at most. Clock:
first step to the end of the last; nothing is tokenised. The last line is JSON.
"""

import argparse
import copy
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from tests.benchmarks.training import ours, theirs, work
from training import data, judging, reward
from training.ranking_rows import RankingRow

TURNS, MOST_PUT_ASIDE = 3, 6
TAUGHT, TESTED = 160, 200
SFT_ROWS, BLOCKS = 24, 16
SIDE = 768
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
Timed = Callable[[], float]


class Machine:
    """What of the processors others take while something runs."""

    def __init__(self, quiet_share: float) -> None:
        self.quiet_share, self.put_aside = quiet_share, 0

    def medians(self, turns: dict[str, Timed]) -> dict[str, float]:
        """Run each in turn, the first time for nothing; return the median seconds of each."""
        seconds: dict[str, list[float]] = {name: [] for name in turns}
        for turn in turns.values():
            turn()
        while any(len(times) < TURNS for times in seconds.values()):
            for name, turn in turns.items():
                spent, others = self._watched(turn)
                if others > self.quiet_share and self.put_aside < MOST_PUT_ASIDE:
                    self.put_aside += 1
                else:
                    seconds[name].append(spent)
        return {name: statistics.median(times) for name, times in seconds.items()}

    def _watched(self, turn: Timed) -> tuple[float, float]:
        whole, mine, began = _busy_seconds(), sum(os.times()[:4]), time.perf_counter()
        spent = turn()
        passed = (time.perf_counter() - began) * (os.cpu_count() or 1)
        return spent, (_busy_seconds() - whole - (sum(os.times()[:4]) - mine)) / passed


def main() -> None:
    parser = argparse.ArgumentParser()
    names = [*(case.name for case in work.CASES), "sft", "pretrain", "accuracy"]
    parser.add_argument("--rows", nargs="+", choices=names, default=names)
    parser.add_argument("--quiet-share", type=float, default=0.05)
    parser.add_argument("--taught", type=int, default=TAUGHT, help="rankings that both sides learn from for accuracy")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    machine = Machine(options.quiet_share)
    peaks = {name: _peak(dtype) for name, dtype in PRECISIONS.items()}
    print(", ".join(f"peak {name} {peak / 1e9:,.0f} GFLOP/s" for name, peak in peaks.items()), flush=True)
    best, found = _trial(machine, peaks)
    for case in work.CASES:
        if case.name in options.rows:
            found |= _reward_row(case, machine, best, peaks)
    if "sft" in options.rows:
        found |= _sft_row(machine, best)
    if "pretrain" in options.rows:
        found |= _pretraining_row(machine, best)
    if "accuracy" in options.rows:
        found |= _accuracies(best, options.taught)
    print(json.dumps({**found, "put_aside": machine.put_aside}))


@dataclass(frozen=True)
class Best:
    """The precision that each side is faster in."""

    ours: str
    theirs: str


def _trial(machine: Machine, peaks: dict[str, float]) -> tuple[Best, dict[str, Any]]:
    """Run both sides once in either precision, after a turn to get warm."""
    rows = work.rankings(work.CASES[0], work.CASES[0].prompts, seed=1)
    seconds: dict[str, dict[str, float]] = {"ours": {}, "theirs": {}}
    for precision in PRECISIONS:
        turns: dict[str, Timed] = {
            "ours": _clocked(ours.reward(work.reward_model(), rows, precision)),
            "theirs": theirs.PairEpochs(work.reward_model(), rows, precision),
        }
        for name, turn in turns.items():
            turn()
            seconds[name][precision] = turn()
    best = Best(*(min(times, key=lambda precision: times[precision]) for times in seconds.values()))
    for name, times in seconds.items():
        print(f"{name}: " + ", ".join(f"{precision} {spent:.2f} s" for precision, spent in times.items()), flush=True)
    shared = sum(row.tokens for row in rows)
    return best, {
        "precision": best.ours,
        "precision_trl": best.theirs,
        "peak_gflops": {precision: peak / 1e9 for precision, peak in peaks.items()},
        "utilisation_bf16": _utilisation(shared / seconds["ours"]["bfloat16"], peaks["bfloat16"]),
    }


def _utilisation(tokens_per_second: float, peak: float) -> float:
    """Return the share of the peak that the weights' products of forward and backward take; attention is left out."""
    model = work.reward_model()
    weights = sum(weight.numel() for name, weight in model.named_parameters() if "embed" not in name)
    return 6 * weights * tokens_per_second / peak


def _reward_row(case: work.Case, machine: Machine, best: Best, peaks: dict[str, float]) -> dict[str, float]:
    rows = work.rankings(case, case.prompts, seed=1)
    pairs = theirs.PairEpochs(work.reward_model(), rows, best.theirs)
    epoch = ours.reward(work.reward_model(), rows, best.ours)
    medians = machine.medians({"ours": _clocked(epoch), "theirs": pairs})
    shared = sum(row.tokens for row in rows)
    apart = sum(len(one.ids) for row in rows for one in row.rows)
    ratio = medians["theirs"] / medians["ours"]
    utilisation = _utilisation(shared / medians["ours"], peaks[best.ours])
    print(
        f"{case.name}: {medians['ours']:.2f} s against {medians['theirs']:.2f} s for {len(rows)} prompts, "
        f"{ratio:.1f} times as fast. Tokens: padding {pairs.laid_out / pairs.real:.2f}, pairs instead of rows "
        f"{pairs.real / apart:.2f}, prompts read again {apart / shared:.2f}, all "
        f"{pairs.laid_out / shared:.1f}; the rest "
        f"{ratio * shared / pairs.laid_out:.2f}. {shared / medians['ours']:,.0f} tokens/s, "
        f"{100 * utilisation:.1f} % of the peak.",
        flush=True,
    )
    return {
        f"{case.name}_vs_trl": ratio,
        f"{case.name}_tokens_factor": pairs.laid_out / shared,
        f"{case.name}_utilisation": utilisation,
    }


def _sft_row(machine: Machine, best: Best) -> dict[str, float]:
    rows = work.texts(SFT_ROWS, seed=2)
    epoch = ours.imitation(work.language_model(), rows, best.ours)
    medians = machine.medians(
        {"ours": _clocked(epoch), "theirs": theirs.imitation(work.language_model(), rows, best.theirs)}
    )
    tokens = sum(len(row.ids) for row in rows)
    print(
        f"sft: {tokens / medians['ours']:,.0f} tokens/s against TRL's packing {tokens / medians['theirs']:,.0f}",
        flush=True,
    )
    return {"sft_vs_trl": medians["theirs"] / medians["ours"], "sft_tokens_per_second": tokens / medians["ours"]}


def _pretraining_row(machine: Machine, best: Best) -> dict[str, float]:
    blocks = work.blocks(BLOCKS, seed=3)
    epoch = ours.pretraining(work.language_model(), blocks, best.ours)
    medians = machine.medians(
        {"ours": _clocked(epoch), "theirs": theirs.pretraining(work.language_model(), blocks, best.theirs)}
    )
    tokens = BLOCKS * work.BLOCK
    print(
        f"pretrain: {tokens / medians['ours']:,.0f} tokens/s against Trainer's {tokens / medians['theirs']:,.0f}",
        flush=True,
    )
    return {
        "pretrain_vs_trainer": medians["theirs"] / medians["ours"],
        "trainer_tokens_per_second": tokens / medians["theirs"],
    }


def _accuracies(best: Best, taught: int) -> dict[str, float]:
    """Teach both sides the same rankings once and test them on others."""
    case = work.CASES[0]
    rows, tested = work.rankings(case, taught, seed=4), work.rankings(case, TESTED, seed=5)
    start = work.reward_model()
    mine, yours = copy.deepcopy(start), copy.deepcopy(start)
    mine_took = _clocked(ours.reward(mine, rows, best.ours))()
    yours_took = theirs.PairEpochs(yours, rows, best.theirs)()
    found = {"ours": _accuracy(mine, tested), "trl": _accuracy(yours, tested)}
    print(
        f"accuracy on {TESTED} other rankings after {taught}: {found['ours']:.3f} in {mine_took:.0f} s with compiling, "
        f"TRL {found['trl']:.3f} in {yours_took:.0f} s",
        flush=True,
    )
    return {f"accuracy_{name}": value for name, value in found.items()}


@torch.no_grad()
def _accuracy(model: Any, rows: list[RankingRow]) -> float:
    model.eval()
    with torch.compiler.set_stance("force_eager"):
        batches = data.micro_batches([row.tokens for row in rows], 8192)
        scores = [reward.score_rankings(model, [rows[place] for place in places]) for places in batches]
    return float(judging.share_right(judging.judged_pairs(rows, torch.cat(scores).tolist()), seed=0)["accuracy"])


def _clocked(epoch: Callable[[], None]) -> Timed:
    def turn() -> float:
        began = time.perf_counter()
        epoch()
        return time.perf_counter() - began

    return turn


def _peak(dtype: torch.dtype) -> float:
    """Return the most operations a second of a product of two square matrices, best of several."""
    one, other = (torch.randn(SIDE, SIDE).to(dtype) for _ in range(2))
    times = []
    for _ in range(6):
        began = time.perf_counter()
        one @ other
        times.append(time.perf_counter() - began)
    return 2 * SIDE**3 / min(times)


def _busy_seconds() -> float:
    """Return what all processors have worked since the machine started."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(one) for one in stat.readline().split()[1:]]
    return (sum(ticks[:3]) + sum(ticks[5:8])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
