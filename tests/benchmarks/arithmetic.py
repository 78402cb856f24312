"""Word problems in sums: a small assistant that imitated people is right now and then, and a check makes it better.

    python -m tests.benchmarks.arithmetic [--seeds 3] [--rounds 400]

The reward is an installed entry point that compares an answer with what the sum is; no reward model has a say. pass@1
is the share of one sampled answer each, at temperature 1, to problems in which other people have other things: their
texts are in neither training, their sums may be. The last line is JSON.
"""

import argparse
import contextlib
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from tests.training.releases import write_release
from training import rl, rollouts, sft
from training.chat import chat_for
from training.config import RLConfig, SFTConfig
from training.events import silent
from training.generation import Sampling
from training.loop import Stop
from training.model import load_causal
from training.prompts import read_prompts
from training.records import DemonstrationRecord, Message
from training.rewarding import GROUP
from training.tokenizer import load_tokenizer

NAMES = ("Ada", "Ben", "Eva", "Leo", "Mia", "Tom")
THINGS = ("pens", "eggs", "keys", "cups", "nuts", "hats")
FORMS = (
    "{name} has {one} {things} and gets {other} more. How many {things}?",
    "{name} buys {one} {things}, then {other} {things}. How many in all?",
)
HIGHEST = 9
SIZES = {"train": 480, "validation": 60, "test": 400}
ROUNDS, EPOCHS, ENOUGH = 400, range(28, 65, 3), 0.2
# Student's t for 95 % on both sides, by degrees of freedom.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}


def worth(messages: Sequence[Message], answer: str) -> float:
    """Return 1 for the right sum and nothing else, otherwise 0."""
    numbers = [int(number) for number in re.findall(r"\d+", messages[-1].content)]
    return float(answer.strip() == str(sum(numbers)))


@contextlib.contextmanager
def installed(folder: Path) -> Iterator[str]:
    """Install the reward as a package does, for as long as the block runs; yield its name."""
    facts = folder / "bennet_arithmetic-1.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: bennet-arithmetic\nVersion: 1\n")
    (facts / "entry_points.txt").write_text(f"[{GROUP}]\nsum = {worth.__module__}:worth\n")
    sys.path.append(str(folder))
    try:
        yield "sum"
    finally:
        sys.path.remove(str(folder))


def problems(directory: Path, seed: int) -> Path:
    """Write problems with their right answers; no text is in two splits."""
    chance = random.Random(seed)
    texts = [
        (form.format(name=name, things=things, one=one, other=other), one + other)
        for form in FORMS
        for name in NAMES
        for things in THINGS
        for one in range(1, HIGHEST + 1)
        for other in range(1, HIGHEST + 1)
    ]
    chance.shuffle(texts)
    splits = [split for split, size in SIZES.items() for _ in range(size)]
    rows = [
        DemonstrationRecord(
            record_id=f"d{number}",
            prompt_id=f"p{number}",
            group=f"g{number}",
            split=split,
            messages=(Message("user", text),),
            completion=str(total),
        )
        for number, (split, (text, total)) in enumerate(zip(splits, texts, strict=False))
    ]
    return write_release(directory, rows)


def pass_at_1(directory: Path, release: Path, seed: int, split: str = "test") -> float:
    """Return the share of a split's problems that one sampled answer each is right about."""
    chat, model = chat_for(load_tokenizer(directory)), load_causal(directory)
    prompts, _ = read_prompts(release, split, chat, 100, lambda messages: True)
    sampling = Sampling(1.0, 1.0, 4)
    written = rollouts.write(model, chat, prompts, copies=1, sampling=sampling, seed=seed, occasion="held out")
    return statistics.mean(worth(one.prompt.messages, one.texts[0]) for one in written)


def imitated(folder: Path, release: Path, seed: int) -> Path:
    """Imitate for as few epochs as make the validation split's pass@1 `ENOUGH`: it comes late, and then at once."""
    for epochs in EPOCHS:
        start = folder / f"sft-{epochs}"
        value = {"release": str(release), "output": str(start), "seed": seed, "max_length": 96, "epochs": epochs}
        changes = {"start": {"preset": "tiny"}, "batch_tokens": 1024, "learning_rate": 5e-3}
        sft.run(SFTConfig.from_json({**value, **changes}), silent, Stop())
        if pass_at_1(start, release, seed, "validation") >= ENOUGH:
            break
    return start


def learned(folder: Path, seed: int, rounds: int) -> tuple[float, float]:
    """Imitate, then be checked; return pass@1 after either."""
    release, output = problems(folder / "release", seed), folder / "rl"
    start = imitated(folder, release, seed)
    shared = {"release": str(release), "seed": seed, "max_length": 96}
    with installed(folder / "packages") as name:
        checking = {
            "output": str(output),
            "start": {"directory": str(start)},
            "reward_function": name,
            "rounds": rounds,
            "prompts_per_round": 32,
            "samples": 8,
            "max_new_tokens": 4,
            "learning_rate": 2e-3,
            "kl_coefficient": 0.0,
            "evaluate_every": rounds,
            "shown_prompts": 0,
        }
        rl.run(RLConfig.from_json({**shared, **checking}), silent, Stop())
    return pass_at_1(start, release, seed), pass_at_1(output, release, seed)


def interval(gains: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean over seeds, by Student's t."""
    reach = STUDENT[len(gains) - 1] * statistics.stdev(gains) / len(gains) ** 0.5
    return statistics.mean(gains) - reach, statistics.mean(gains) + reach


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    for seed in range(options.seeds):
        began = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            before, after = learned(Path(folder), seed, options.rounds)
        spent = time.process_time() - began
        found.append((before, after))
        print(f"seed {seed}: pass@1 {before:.3f} after SFT, {after:.3f} after RL ({spent:.0f} s of CPU)", flush=True)
    gains = [after - before for before, after in found]
    facts: dict[str, object] = {"pass_at_1": found, "gain": statistics.mean(gains)}
    print(json.dumps(facts | ({"gain_95": interval(gains)} if len(gains) > 1 else {})))


if __name__ == "__main__":
    main()
