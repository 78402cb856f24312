"""Their side: TRL's trainers and transformers' Trainer, in the best configuration found on two cores.

The faster precision, no gradient checkpointing, rows of a batch of like length; for the reward trainer that takes
`remove_unused_columns=False`, or the lengths are dropped before the sampler sees them.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
)
from trl import RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

from tests.benchmarks.training.work import END, PAD, VOCABULARY
from training.data import TextRow
from training.ranking_rows import RankingRow

SHARED: dict[str, Any] = {
    "num_train_epochs": 1,
    "learning_rate": 1e-3,
    "gradient_checkpointing": False,
    "report_to": "none",
    "save_strategy": "no",
    "logging_strategy": "no",
    "disable_tqdm": True,
    "use_cpu": True,
    "seed": 0,
}

Epoch = Callable[[], float]


class Clock(TrainerCallback):
    """Seconds from the first batch's step to the end of the last."""

    def __init__(self) -> None:
        self.began = self.ended = 0.0

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self.began = self.began or time.perf_counter()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.ended = time.perf_counter()


class PairEpochs:
    """Epochs over every pair of every ranking, eight pairs a step; counts what the last one laid out and read."""

    def __init__(self, model: PreTrainedModel, rows: Sequence[RankingRow], precision: str) -> None:
        self.precision = precision
        pairs = [(row.rows[better].ids, row.rows[worse].ids) for row in rows for better, worse in row.pairs]
        self.model = model
        self.dataset = Dataset.from_list(
            [{"chosen_ids": one, "rejected_ids": other, "length": max(len(one), len(other))} for one, other in pairs]
        )
        self.real = self.laid_out = 0

    def __call__(self) -> float:
        with tempfile.TemporaryDirectory() as scratch:
            options = RewardConfig(
                output_dir=scratch,
                per_device_train_batch_size=8,
                max_length=None,
                train_sampling_strategy="group_by_length",
                length_column_name="length",
                remove_unused_columns=False,
                bf16=self.precision == "bfloat16",
                **SHARED,
            )
            trainer = RewardTrainer(
                model=self.model, args=options, train_dataset=self.dataset, processing_class=tokenizer()
            )
            collate, self.real, self.laid_out = trainer.data_collator, 0, 0
            trainer.data_collator = lambda examples: self._counted(collate(examples))
            return _timed(trainer)

    def _counted(self, batch: dict[str, Any]) -> dict[str, Any]:
        self.real += int(batch["attention_mask"].sum())
        self.laid_out += batch["attention_mask"].numel()
        return batch


def imitation(model: PreTrainedModel, rows: Sequence[TextRow], precision: str) -> Epoch:
    """Learn answers, packed best fit first into rows of 1,024."""
    dataset = Dataset.from_list(
        [
            {
                "input_ids": row.ids,
                "completion_mask": [0] * row.prompt_length + [1] * (len(row.ids) - row.prompt_length),
            }
            for row in rows
        ]
    )

    def epoch() -> float:
        with tempfile.TemporaryDirectory() as scratch:
            options = SFTConfig(
                output_dir=scratch,
                per_device_train_batch_size=1,
                packing=True,
                packing_strategy="bfd",
                max_length=1024,
                completion_only_loss=True,
                bf16=precision == "bfloat16",
                **SHARED,
            )
            return _timed(SFTTrainer(model=model, args=options, train_dataset=dataset, processing_class=tokenizer()))

    return epoch


def pretraining(model: PreTrainedModel, blocks: torch.Tensor, precision: str) -> Epoch:
    """Learn every token of blocks, eight a step."""
    ids = blocks[:, :-1].tolist()
    dataset = Dataset.from_list([{"input_ids": one, "labels": one, "attention_mask": [1] * len(one)} for one in ids])

    def epoch() -> float:
        with tempfile.TemporaryDirectory() as scratch:
            options = TrainingArguments(
                output_dir=scratch, per_device_train_batch_size=8, bf16=precision == "bfloat16", **SHARED
            )
            return _timed(
                Trainer(model=model, args=options, train_dataset=dataset, data_collator=default_data_collator)
            )

    return epoch


def tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer that is never asked: every row is tokens already."""
    names = {str(number): number for number in range(VOCABULARY)}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel(names, unk_token="3")), pad_token=str(PAD), eos_token=str(END)
    )


def _timed(trainer: Any) -> float:
    clock = Clock()
    trainer.add_callback(clock)
    trainer.train()
    return clock.ended - clock.began
