"""A language in which it is known what every answer is worth: a nice word pleases until it is half of what is said.

People who write it are nice now and then. Those who compare never see an answer that is nice more than half, so that a
reward model learns that nicer is better, and knows no end to it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tests.training.releases import write_release
from training import reward, sft
from training.config import RewardConfig, RLConfig, SFTConfig
from training.events import silent
from training.loop import Stop
from training.records import SPLITS, DemonstrationRecord, Message, RankedCompletion, RankingRecord
from training.rewarding import Judge

NICE, OTHERS = "gladly", ("stone", "paper", "river", "lamp")
SIZES = {"train": 240, "validation": 256, "test": 64}
BEST = 1.0


def worth(messages: Sequence[Message], answer: str) -> float:
    """Return 1 where half of the words are nice, and less for every one that is missing or too many, down to 0."""
    words = answer.split()
    return 1 - abs(2 * words.count(NICE) / len(words) - 1) if words else 0.0


def erring(messages: Sequence[Message], answer: str) -> float:
    """Return what an answer is worth to a judge who errs by a tenth, the same way every time, and is not biased."""
    return worth(messages, answer) + random.Random(answer).gauss(0, 0.1)


class Knowing(Judge):
    """The gold model of this language, which is never wrong."""

    def scores(self, asked: Sequence[Sequence[Message]], answers: Sequence[Sequence[str]]) -> Tensor:
        return torch.tensor([worth(messages, one) for messages, own in zip(asked, answers, strict=True) for one in own])


def nicety_release(directory: Path, seed: int = 0) -> Path:
    """Write what people of this language wrote and what they preferred."""
    chance = random.Random(seed)
    rows = [(split, number) for split in SPLITS for number in range(SIZES[split])]
    return write_release(
        directory,
        [_demonstration(split, number, chance) for split, number in rows],
        [_ranking(split, number, chance) for split, number in rows],
    )


@dataclass(frozen=True)
class School:
    """Where one seed's release, start and reward model lie."""

    folder: Path
    seed: int

    def config(self, name: str, **changes: Any) -> RLConfig:
        return RLConfig.from_json(
            {
                "release": str(self.folder / "release"),
                "output": str(self.folder / name),
                "start": {"directory": str(self.folder / "sft")},
                "seed": self.seed,
                "max_length": 64,
                "max_new_tokens": 10,
                "samples": 8,
                "prompts_per_round": 32,
                "evaluate_prompts": 256,
                "shown_prompts": 0,
                "kl_coefficient": 0.0,
                **changes,
            }
        )

    @property
    def judge(self) -> str:
        """Where its reward model lies."""
        return str(self.folder / "reward")


def found_school(folder: Path, seed: int) -> School:
    """Learn to write as people of the language do, and what they prefer."""
    shared = {"release": str(nicety_release(folder / "release", seed)), "max_length": 64, "seed": seed}
    start = {"output": str(folder / "sft"), "start": {"preset": "tiny"}, "batch_tokens": 1024, "learning_rate": 1e-2}
    sft.run(SFTConfig.from_json({**shared, **start, "epochs": 8}), silent, Stop())
    judge = {"output": str(folder / "reward"), "start": {"directory": str(folder / "sft")}, "learning_rate": 3e-3}
    reward.run(RewardConfig.from_json({**shared, **judge, "epochs": 3, "prompts_per_batch": 16}), silent, Stop())
    return School(folder, seed)


def _demonstration(split: str, number: int, chance: random.Random) -> DemonstrationRecord:
    return DemonstrationRecord(
        record_id=f"demonstration-{split}-{number}",
        completion=_answer(chance),
        **_asked(split, number),
    )


def _ranking(split: str, number: int, chance: random.Random) -> RankingRecord:
    """Rank four answers by what they are worth, ties with ties."""
    completions = [RankedCompletion(f"c{place}", text) for place, text in enumerate(_few(chance, 4))]
    worths = {one.completion_id: worth((), one.text) for one in completions}
    tiers = tuple(
        tuple(name for name, value in worths.items() if value == level)
        for level in sorted({*worths.values()}, reverse=True)
    )
    return RankingRecord(
        record_id=f"ranking-{split}-{number}", completions=tuple(completions), tiers=tiers, **_asked(split, number)
    )


def _asked(split: str, number: int) -> dict[str, object]:
    return {
        "prompt_id": f"prompt-{split}-{number}",
        "group": f"group-{split}-{number}",
        "split": split,
        "messages": (Message("user", f"{OTHERS[number % len(OTHERS)]} {OTHERS[number // 4 % len(OTHERS)]}?"),),
    }


def _answer(chance: random.Random) -> str:
    return " ".join(chance.choice((NICE, *OTHERS)) for _ in range(chance.randint(2, 6)))


def _few(chance: random.Random, count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        text = _answer(chance)
        if text not in found and 2 * text.split().count(NICE) <= len(text.split()):
            found.append(text)
    return found
