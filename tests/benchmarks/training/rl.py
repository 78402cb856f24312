"""Answers written and policies moved, beside transformers' generate and TRL's RLOO, on processors, in one run.

    python -m tests.benchmarks.training.rl [--turns 3] [--preset small] [--threads 1]

One assistant, taught for a moment to answer in its template and to come to an end, the same prompts, the same sampling
and the same reward on both sides. Both are run in turn, after a first turn that is not counted; medians. Answers count
up to what ends them: padding is not work. Steps are counted from the end of the first to the end of the last. The last
line is JSON.
"""

import argparse
import json
import logging
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedModel
from trl import RLOOConfig, RLOOTrainer

from tests.benchmarks.training.theirs import SHARED, Clock
from tests.training.releases import write_release
from training import rewarding, rl, rollouts, sft
from training.chat import Chat, barred_ids, chat_for
from training.config import RLConfig, SFTConfig
from training.events import silent
from training.generation import Sampling
from training.loop import Stop
from training.model import load_causal
from training.prompts import read_prompts
from training.records import DemonstrationRecord, Message
from training.rollouts import Prompt
from training.tokenizer import load_tokenizer

WORDS = ("river", "stone", "lamp", "winter", "garden", "paper", "silver", "quiet", "bread", "window", "morning", "ship")
PROMPTS, ASKED_WORDS = 64, 60
SAMPLES, LONGEST, ROOM = 8, 96, 256
ANSWERED, PER_STEP, STEPS = 16, 4, 5
Turn = Callable[[], float]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        release = _release(folder / "release")
        start = _assistant(folder, release, options.preset)
        chat = chat_for(load_tokenizer(start))
        prompts, _ = read_prompts(release, "train", chat, ROOM - LONGEST, lambda messages: True)
        written = _medians(_writers(load_causal(start), chat, prompts[:ANSWERED]), options.turns)
        stepped = _medians(
            {"ours": lambda: _our_steps(folder, release, start), "theirs": lambda: _their_steps(start, prompts)},
            options.turns,
        )
    print(f"{options.preset}, {options.threads} thread(s), medians of {options.turns}")
    print(f"rollouts: {written['ours']:,.0f} tokens/s against generate's {written['theirs']:,.0f}")
    print(f"steps of {PER_STEP} × {SAMPLES}: {stepped['ours']:,.0f} an hour against TRL's {stepped['theirs']:,.0f}")
    print(
        json.dumps(
            {
                "rollout_vs_generate": written["ours"] / written["theirs"],
                "steps_vs_trl": stepped["ours"] / stepped["theirs"],
            }
        )
    )


def worth(messages: Sequence[Message], answer: str) -> float:
    """Count the different words, so that what is worth most is no single answer."""
    return len({*answer.split()}) / 10


def _release(directory: Path) -> Path:
    """Write questions of like length with answers whose lengths differ as people's do."""
    draw = random.Random(0)
    rows = [
        DemonstrationRecord(
            record_id=f"d{number}",
            prompt_id=f"p{number}",
            group=f"g{number}",
            split="train",
            messages=(Message("user", " ".join(draw.choice(WORDS) for _ in range(ASKED_WORDS))),),
            completion=" ".join(
                draw.choice(WORDS) for _ in range(min(LONGEST - 8, int(draw.lognormvariate(3.2, 0.6))))
            ),
        )
        for number in range(PROMPTS)
    ]
    return write_release(directory, rows)


def _assistant(folder: Path, release: Path, preset: str) -> Path:
    output = folder / "start"
    value = {"release": str(release), "output": str(output), "start": {"preset": preset}, "max_length": ROOM}
    sft.run(SFTConfig.from_json({**value, "epochs": 6, "learning_rate": 3e-3, "batch_tokens": 2048}), silent, Stop())
    return output


def _writers(model: PreTrainedModel, chat: Chat, prompts: Sequence[Prompt]) -> dict[str, Turn]:
    """Return what writes every prompt's answers and tells the tokens a second."""
    stop = torch.tensor(sorted(chat.stop_ids))
    longest = max(len(prompt.ids) for prompt in prompts)
    pad = chat.tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (longest - len(prompt.ids)) + prompt.ids for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt.ids)) + [1] * len(prompt.ids) for prompt in prompts])

    def ours() -> float:
        began = time.perf_counter()
        sampling = Sampling(1.0, 1.0, LONGEST)
        found = rollouts.write(model, chat, prompts, copies=SAMPLES, sampling=sampling, seed=0, occasion="bench")
        tokens = sum(len(ids) for one in found for ids in one.completions)
        return tokens / (time.perf_counter() - began)

    def theirs() -> float:
        began = time.perf_counter()
        found = model.eval().generate(  # type: ignore[operator]
            input_ids=ids,
            attention_mask=mask,
            do_sample=True,
            temperature=1.0,
            top_p=1.0,
            top_k=0,
            max_new_tokens=LONGEST,
            num_return_sequences=SAMPLES,
            eos_token_id=stop.tolist(),
            pad_token_id=pad,
            suppress_tokens=sorted(barred_ids(chat)),
        )[:, longest:]
        spent = time.perf_counter() - began
        ends = torch.isin(found, stop)
        lengths = torch.where(ends.any(dim=1), ends.int().argmax(dim=1) + 1, found.shape[1])
        return int(lengths.sum()) / spent

    return {"ours": ours, "theirs": theirs}


def _our_steps(folder: Path, release: Path, start: Path) -> float:
    rewarding.function_named = lambda name: worth
    settings = {
        "reward_function": "worth",
        "rounds": STEPS,
        "prompts_per_round": PER_STEP,
        "samples": SAMPLES,
        "max_new_tokens": LONGEST,
        "max_length": ROOM,
        "learning_rate": 1e-4,
        "shown_prompts": 0,
        "checkpoint_every": 1000,
    }
    ends: list[float] = []

    def hear(event: str, /, **facts: Any) -> None:
        if event == "metric" and facts["split"] == "train":
            ends.append(time.perf_counter())

    with tempfile.TemporaryDirectory(dir=folder) as output:
        value = {"release": str(release), "output": f"{output}/rl", "start": {"directory": str(start)}}
        rl.run(RLConfig.from_json({**value, **settings}), hear, Stop())
    return 3600 * (len(ends) - 1) / (ends[-1] - ends[0])


class Ends(Clock):
    """When each step ended."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.times.append(time.perf_counter())


def _their_steps(start: Path, prompts: Sequence[Prompt]) -> float:
    asked = [{"prompt": [{"role": one.role, "content": one.content} for one in prompt.messages]} for prompt in prompts]
    ends = Ends()
    with tempfile.TemporaryDirectory() as scratch:
        options = RLOOConfig(
            output_dir=scratch,
            per_device_train_batch_size=PER_STEP * SAMPLES,
            num_generations=SAMPLES,
            max_completion_length=LONGEST,
            max_steps=STEPS,
            temperature=1.0,
            beta=0.05,
            bf16=False,
            **{**SHARED, "learning_rate": 1e-4},
        )
        trainer = RLOOTrainer(
            model=load_causal(start),
            reward_funcs=_their_worth,
            args=options,
            train_dataset=Dataset.from_list(asked),
            processing_class=load_tokenizer(start),
            callbacks=[ends],
        )
        trainer.train()
    return 3600 * (len(ends.times) - 1) / (ends.times[-1] - ends.times[0])


def _their_worth(completions: Sequence[Any], **_: Any) -> list[float]:
    return [worth((), completion[0]["content"]) for completion in completions]


def _medians(turns: dict[str, Turn], count: int) -> dict[str, float]:
    """Run each in turn, the first time for nothing; return the median of what each tells."""
    for turn in turns.values():
        turn()
    told: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(count):
        for name, turn in turns.items():
            told[name].append(turn())
    return {name: statistics.median(values) for name, values in told.items()}


if __name__ == "__main__":
    main()
