"""Direct preference optimisation: a model that answers learns from rankings at once, held to where it started.

All completions of a prompt are read in one pass, the prompt once. What the start thinks of them is computed before the
first step, so that no second model is in memory while the first learns.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import data, devices, handover, judging, rollouts
from training.chat import Chat
from training.checkpoint import Card, Checkpoints, save_model
from training.config import DPOConfig
from training.data import Splits
from training.events import Reporter
from training.imitation import GLANCE_ROWS, NoTrainedTokens
from training.loop import Course, Part, Stop, announce, identity, precision, train, warmup_cosine
from training.model import blank_tokens, check_length, check_reading, load_causal, open_causal, open_chat, to_device
from training.policy_losses import dpo_loss, ipo_loss, kto_loss
from training.ranking_rows import RankingRow, pair_batch, read_rankings
from training.records import Manifest


def run(config: DPOConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Learn to prefer as people did; return the card. Raises NoTrainedTokens where no ranking implies a pair."""
    manifest, chat, splits = read(config)
    if not splits.rows["train"]:
        raise NoTrainedTokens(
            f"The train split has no pair to learn from ({splits.counts['train'].rows_in} rankings in): "
            "freeze a release whose rankings prefer one completion to another, or raise max_length."
        )
    return _Preferring(config, manifest, chat, splits, report, stop).run()


def read(config: DPOConfig) -> tuple[Manifest, Chat, Splits[RankingRow]]:
    """Return the rankings as the model reads them. Raises RecordError, TokenizerError, TemplateRefused."""
    release = Path(config.release)
    manifest = handover.verify_release(release)
    chat = open_chat(config.start, release)
    splits = data.read_splits(lambda split: read_rankings(release, split, chat, config.max_length), config.train_share)
    return manifest, chat, splits


class _Preferring:
    """One run: the rankings, the model, and what the start thought of every completion."""

    def __init__(
        self,
        config: DPOConfig,
        manifest: Manifest,
        chat: Chat,
        splits: Splits[RankingRow],
        report: Reporter,
        stop: Stop,
    ) -> None:
        self.config, self.manifest, self.chat, self.splits = config, manifest, chat, splits
        self.report, self.stop = report, stop
        self.rows = splits.rows["train"]
        self.model = to_device(open_causal(config.start, chat, config.seed))
        check_length(self.model, config.max_length)
        shortest = min((one.ids for row in self.rows for one in row.rows), key=len)
        whole = data.TextRow(shortest, len(shortest) - 1, "")
        check_reading(self.model, data.flat_texts([whole, whole]), [shortest[:-1]] * 2)
        blank_tokens(self.model, config.token_dropout)
        self.reference = {split: self._scores(rows) for split, rows in splits.rows.items()}
        self.start_mixed = self._all_mixed() if config.loss == "kto" else torch.zeros(0)

    def run(self) -> dict[str, Any]:
        config, model = self.config, self.model
        plan = data.plan_steps(
            [row.tokens for row in self.rows],
            epochs=config.epochs,
            seed=config.seed,
            most_tokens=config.batch_tokens,
            most_rows=config.prompts_per_batch,
        )[: config.max_steps]
        tokens = sum(row.tokens for row in self.rows)
        announce(self.report, model, len(plan), tokens, config.max_length, self.splits.counts["train"])
        course = Course(
            model=model,
            steps=len(plan),
            parts=lambda step: self._parts(plan[step]),
            validate=lambda: self._measure("validation", GLANCE_ROWS),
            measure_before=dict,
            rate=warmup_cosine(len(plan), config.warmup_share),
        )
        checkpoints = Checkpoints(Path(config.output), identity(config, self.manifest, self.chat, plan))
        train(course, config, checkpoints, self.report, self.stop)
        model.eval()
        with precision(model, config):
            test, validation = self._measure("test"), self._measure("validation")
        if test:
            self.report("metric", step=len(plan), split="test", values=test)
        card = Card(
            stage=config.stage,
            deployable=True,
            release_digest_sha256=self.manifest.digest_sha256,
            config=config.to_json(),
            seed=config.seed,
            parameters=model.num_parameters(),
            counts={split: counts.to_json() for split, counts in self.splits.counts.items()},
            metrics={"test": test, "validation": validation, "baselines": {}},
        )
        return save_model(
            Path(config.output),
            model,
            self.chat.tokenizer,
            card,
            reload=load_causal,
            probe=lambda candidate: completion_log_probs(candidate, self.rows[:2]),
        )

    def _parts(self, chosen: Sequence[int]) -> Iterator[Part]:
        """Yield a step's losses, each a share of the mean over its rankings."""
        sizes = [self.rows[place].tokens for place in chosen]
        most = devices.most_tokens(self.config.forward_tokens, sizes)
        groups = [[chosen[at] for at in places] for places in data.micro_batches(sizes, most)]
        for group, weight in devices.shares(groups):
            rows = [self.rows[place] for place in group]
            gains = completion_log_probs(self.model, rows)
            gains = gains - torch.cat([self.reference["train"][place] for place in group]).to(gains.device)
            aside = self._aside(group) if self.config.loss == "kto" else None
            loss = _loss(gains, rows, self.config, aside) / len(chosen)
            yield Part(weight * loss, sum(row.tokens for row in rows) if weight else 0)

    def _aside(self, group: Sequence[int]) -> Tensor:
        """Return how far the model is from its start on other prompts' completions, at least 0; no gradient.

        Source: Ethayarajh et al. 2024 (arXiv:2402.01306), section 4.1, the estimate of z0.
        """
        now = self._mixed(group)
        return (now - self.start_mixed[list(group)].to(now.device)).mean().clamp(min=0)

    @torch.no_grad()
    def _mixed(self, group: Sequence[int]) -> Tensor:
        """Return the log-probability of the next ranking's first completion behind each prompt, [prompts]."""
        mixed = [(self.rows[place].prompt, [self.rows[(place + 1) % len(self.rows)].completions[0]]) for place in group]
        return rollouts.completion_log_probs(self.model, mixed)

    def _all_mixed(self) -> Tensor:
        sizes = [
            len(row.prompt) + len(after.completions[0])
            for row, after in zip(self.rows, [*self.rows[1:], self.rows[0]], strict=True)
        ]
        self.model.eval()
        with precision(self.model, self.config):
            return torch.cat([self._mixed(one).cpu() for one in data.micro_batches(sizes, self.config.forward_tokens)])

    @torch.no_grad()
    def _scores(self, rows: Sequence[RankingRow]) -> list[Tensor]:
        """Return the log-probability of every completion of every ranking, [completions] each, pass by pass."""
        self.model.eval()
        found: list[Tensor] = []
        with precision(self.model, self.config):
            for places in data.micro_batches([row.tokens for row in rows], self.config.forward_tokens):
                self.stop.check()
                batch = [rows[place] for place in places]
                sizes = [len(row.rows) for row in batch]
                found += completion_log_probs(self.model, batch).cpu().split(sizes)
        return found

    def _measure(self, split: str, most: int | None = None) -> dict[str, float]:
        """Return loss and accuracy of what the model has come to prefer, or nothing where there are no rankings."""
        rows = self.splits.rows[split][:most]
        if not rows:
            return {}
        scores = self._scores(rows)
        gains = torch.cat(scores) - torch.cat(self.reference[split][: len(rows)])
        judged = judging.judged_pairs(rows, (self.config.beta * gains).tolist())
        share = judging.share_right(judged, self.config.seed)
        zero = torch.zeros(()) if self.config.loss == "kto" else None
        return {
            "accuracy": share["accuracy"],
            "accuracy_low": share["low"],
            "accuracy_high": share["high"],
            "loss": float(_loss(gains, rows, self.config, zero)) / len(rows),
            "pairs": len(judged),
            "rankings": len(rows),
        }


def completion_log_probs(model: PreTrainedModel, rows: Sequence[RankingRow]) -> Tensor:
    """Return the log-probability of every completion, [completions], each prompt read once."""
    return rollouts.completion_log_probs(model, [(row.prompt, row.completions) for row in rows])


def _loss(gains: Tensor, rows: Sequence[RankingRow], config: DPOConfig, aside: Tensor | None) -> Tensor:
    """Sum the loss over rankings, each weighing one."""
    if config.loss == "kto":
        wanted, weights, places = _wanted(rows)
        assert aside is not None
        at = torch.tensor(places, device=gains.device)
        return kto_loss(
            gains[at],
            torch.tensor(wanted, device=gains.device),
            aside,
            torch.tensor(weights, device=gains.device),
            config.beta,
        )
    pairs = pair_batch(rows).to(gains.device)
    margins = pairs.differences(gains)
    if config.loss == "ipo":
        return ipo_loss(margins, pairs.weight, config.beta)
    return dpo_loss(margins, pairs.weight, config.beta, config.smoothing)


def _wanted(rows: Sequence[RankingRow]) -> tuple[list[bool], list[float], list[int]]:
    """Take the best tier of each ranking for wanted and the worst for not, each half of the ranking's weight."""
    wanted: list[bool] = []
    weights: list[float] = []
    places: list[int] = []
    offset = 0
    for row in rows:
        for is_wanted, tier in ((True, row.tiers[0]), (False, row.tiers[-1])):
            wanted += [is_wanted] * len(tier)
            weights += [0.5 / len(tier)] * len(tier)
            places += [offset + place for place in tier]
        offset += len(row.rows)
    return wanted, weights, places
