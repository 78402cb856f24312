"""Reinforcement learning from people's judgements: an assistant answers, is told what that was worth, and learns.

A round: the policy answers prompts several times each (`rollouts`), reward models or a function say what each answer
is worth (`rewarding`), the price of having moved away from the start is taken off, and the policy is moved towards
what did better than expected (`policy_losses`). A server may write a round's answers instead (`elsewhere`): the policy
then weighs what it did not draw itself. Between rounds the validation split's prompts are answered, and where
there is a gold model it sees when the reward has become a target (`goodhart`).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import data, devices, handover, records, rollouts, rounds
from training.chat import Chat, barred_ids
from training.checkpoint import Card, Checkpoints, save_model
from training.config import RLConfig
from training.data import Counts, TextRow
from training.elsewhere import Elsewhere
from training.events import Reporter
from training.generation import Sampling
from training.imitation import NoTrainedTokens, row_losses
from training.loop import Course, Part, Stop, precision, train, warmup_cosine
from training.model import check_length, load_causal, load_reward, open_causal, open_chat, to_device
from training.monitor import Monitor
from training.policy_losses import (
    adapted_coefficient,
    clipped_value_loss,
    generalised_advantages,
    group_normalised,
    leave_one_out,
    per_completion,
)
from training.prompts import read_prompts
from training.records import Manifest
from training.rewarding import Judge, Rewards, can_be_judged
from training.rollouts import Prompt, Rollout
from training.rounds import Round
from training.settings import ConfigError

# A critic learned beside the policy, kept where checkpoints find it and left out of what is saved.
CRITIC = "critic"


def run(config: RLConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Refine the start against what judges its answers; return the card.

    Raises ConfigError, ModelError, NoTrainedTokens where the release has no prompt to answer.
    """
    if devices.size() > 1 and config.algorithm == "ppo":
        raise ConfigError("algorithm: a critic is trained in one process alone; choose rloo or grpo for several.")
    manifest = handover.verify_release(Path(config.release))
    chat = open_chat(config.start, Path(config.release))
    return _Refinement(config, manifest, chat, Rewards(config), report, stop).run()


class _Refinement:
    """One run: what its rounds, steps and looks share."""

    def __init__(
        self, config: RLConfig, manifest: Manifest, chat: Chat, rewards: Rewards, report: Reporter, stop: Stop
    ) -> None:
        self.config, self.manifest, self.chat, self.report, self.stop = config, manifest, chat, report, stop
        self.rewards = rewards
        self.gold = Judge(Path(config.gold_model), config.forward_tokens) if config.gold_model else None
        self.prompts, self.counts = self._read()
        self.sampling = Sampling(config.temperature, 1.0, config.max_new_tokens)
        # Asked before any model is loaded, so that a server that will not do is found out at once.
        self.elsewhere = Elsewhere(config, chat, self.prompts["train"][0], stop) if config.endpoint else None
        self.model = to_device(open_causal(config.start, chat, config.seed))
        self.reference = to_device(open_causal(config.start, chat, config.seed)).eval().requires_grad_(False)
        check_length(self.model, config.max_length)
        if config.algorithm == "ppo":
            self._attach_critic()
        self.demonstrations = self._read_demonstrations() if config.ptx_coefficient else []
        self.barred = barred_ids(chat)
        self.coefficient = config.kl_coefficient
        self.round: Round | None = None
        self.monitor = Monitor(config, report)
        self.step = 0
        self.clipped = self.weighed = 0

    def run(self) -> dict[str, Any]:
        config, model = self.config, self.model
        steps = config.rounds * config.steps_per_round
        self._announce(steps)
        course = Course(
            model=model,
            steps=steps,
            parts=self._parts,
            validate=self._look,
            measure_before=lambda: {"before": self._look()},
            rate=warmup_cosine(steps, config.warmup_share),
            judged_by="gold" if self.gold else "reward",
            higher_is_better=True,
            remembers=self._remember,
            resumes=self._resume,
            is_over=self.monitor.is_over if self.gold else None,
            looks_now=self.monitor.looks_now,
            hears_kept=self.monitor.hear_kept,
        )
        checkpoints = Checkpoints(Path(config.output), self._identity())
        measured = train(course, config, checkpoints, self.report, self.stop)
        if hasattr(model, CRITIC):
            delattr(model, CRITIC)
        model.eval()
        with precision(model, config):
            test = self._measure("test")
            validation = self._measure("validation")
            samples = self._samples()
        if test:
            self.report("metric", step=self.step, split="test", values=test)
        card = Card(
            stage=config.stage,
            deployable=True,
            release_digest_sha256=self.manifest.digest_sha256,
            config=config.to_json(),
            seed=config.seed,
            parameters=model.num_parameters(),
            counts={split: counts.to_json() for split, counts in self.counts.items()},
            metrics={
                "before": measured.get("before", {}),
                "test": test,
                "validation": validation,
                "baselines": {},
                "goodhart": self.monitor.to_json(),
                "answers": samples,
                **({"endpoint": self.elsewhere.remember()} if self.elsewhere else {}),
            },
        )
        shortest = min((one for found in self.prompts.values() for one in found), key=lambda one: len(one.ids))
        probe = [(shortest.ids, [shortest.ids[-2:]])]
        return save_model(
            Path(config.output),
            model,
            self.chat.tokenizer,
            card,
            reload=load_causal,
            probe=lambda candidate: rollouts.log_probs(candidate, probe),
        )

    def _read(self) -> tuple[dict[str, list[Prompt]], dict[str, Counts]]:
        """Return each split's prompts, and what became of those that cannot be answered."""
        judges = [*self.rewards.judges, *([self.gold] if self.gold else [])]
        room = self.config.max_length - self.config.max_new_tokens
        read = {
            split: read_prompts(
                Path(self.config.release), split, self.chat, room, lambda messages: can_be_judged(judges, messages)
            )
            for split in records.SPLITS
        }
        if not read["train"][0]:
            reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(read["train"][1].left_out.items()))
            raise NoTrainedTokens(
                f"The train split has no prompt to answer ({reasons or 'it is empty'}): freeze a release with prompts "
                "in its train split, or raise max_length."
            )
        return {split: found for split, (found, _) in read.items()}, {
            split: counts for split, (_, counts) in read.items()
        }

    def _read_demonstrations(self) -> list[TextRow]:
        rows, _ = data.read_demonstrations(Path(self.config.release), "train", self.chat, self.config.max_length)
        if not rows:
            raise ConfigError("ptx_coefficient: the release has no demonstrations to mix in; set it to 0.")
        return rows

    def _attach_critic(self) -> None:
        """Let a critic begin as the first reward model where it reads the same tokens, else as the policy.

        Source: Ouyang et al. 2022 (arXiv:2203.02155), section 3.5: "the value function is initialized from the RM".
        """
        config = self.config
        judge = self.rewards.judges[0] if self.rewards.judges else None
        own = self.chat.tokenizer.backend_tokenizer.to_str()
        is_alike = judge is not None and judge.chat.tokenizer.backend_tokenizer.to_str() == own
        source = config.reward_models[0] if is_alike else config.start.directory
        critic = to_device(load_reward(Path(source or ""), config.seed))
        setattr(self.model, CRITIC, critic)

    def _announce(self, steps: int) -> None:
        self.report(
            "start",
            total_steps=steps,
            trained_tokens_per_epoch=self.config.prompts_per_round * self.config.samples * self.config.max_new_tokens,
            parameters=self.model.num_parameters(),
            counts=self.counts["train"].to_json(),
        )

    def _parts(self, step: int) -> Iterator[Part]:
        """Yield a step's losses: policy, critic and demonstrations, each already divided by what the step holds."""
        number, update = divmod(step, self.config.steps_per_round)
        self.step = step + 1
        if update == 0 or self.round is None:
            self.round = self._play(number)
        held = self.round
        chosen = rounds.minibatch(len(held.written), number, update, self.config)
        where = rounds.places(held.written)
        completions = sum(len(held.written[place].completions) for place in chosen)
        tokens = sum(stop - start for place in chosen for start, stop in [where[place]])
        batches = [
            [chosen[at] for at in places]
            for places in rollouts.passes([held.written[place] for place in chosen], self.config.forward_tokens)
        ]
        for batch, weight in devices.shares(batches):
            picked = torch.cat([torch.arange(*where[place]) for place in batch])
            loss, ratios = self._loss(held, batch, picked, completions, tokens)
            if weight:
                self.clipped += int(((ratios - 1).abs() > self.config.clip).sum())
                self.weighed += len(ratios)
            yield Part(weight * loss, sum(held.written[place].tokens for place in batch) if weight else 0)
        if self.demonstrations:
            yield from self._ptx(step)

    def _loss(
        self, held: Round, batch: Sequence[int], picked: Tensor, completions: int, tokens: int
    ) -> tuple[Tensor, Tensor]:
        """Return a pass's share of the step's loss, and how much likelier each action has become."""
        written = [held.written[place] for place in batch]
        now = self._log_probs(self.model, written)
        loss, ratios = rounds.policy_loss(self.config, held, batch, now, picked, completions, tokens)
        if self.config.algorithm == "ppo":
            found = rollouts.values(getattr(self.model, CRITIC), written)
            past, targets = (
                torch.tensor(numbers, device=now.device)[picked] for numbers in (held.values, held.targets)
            )
            losses = clipped_value_loss(found, past, targets, self.config.clip)
            loss = loss + self.config.value_coefficient * (losses.sum() / tokens)
        return loss, ratios

    def _ptx(self, step: int) -> Iterator[Part]:
        """Mix in what people wrote themselves, so that what the assistant knew is not traded for reward.

        Source: Ouyang et al. 2022 (arXiv:2203.02155), equation 2, gamma being ptx_coefficient.
        """
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + step)
        order = torch.randperm(len(self.demonstrations), generator=generator)[: self.config.ptx_rows].tolist()
        rows = [self.demonstrations[place] for place in order]
        whole = max(sum(row.trained_tokens for row in rows), 1)
        batches = [
            [rows[at] for at in places]
            for places in data.micro_batches([len(row.ids) for row in rows], self.config.forward_tokens)
        ]
        for batch, weight in devices.shares(batches):
            loss = self.config.ptx_coefficient * row_losses(self.model, batch) / whole
            yield Part(weight * loss, sum(len(row.ids) for row in batch) if weight else 0)

    @torch.no_grad()
    def _play(self, number: int) -> Round:
        """Write a round's answers, have them judged, and say how much better than expected each did."""
        config = self.config
        prompts = rounds.prompts_of(number, self.prompts["train"], config)
        weights, figures = torch.zeros(0), dict[str, float]()
        if self.elsewhere:
            self.stop.check()
            told = self.elsewhere.write(number, prompts, self.model)
            written, log_probs = told.written, self._all(self.model, told.written)
            weights, figures = self.elsewhere.weighed(told, log_probs)
        else:
            written = self._write(prompts, config.samples, f"round {number}")
            log_probs = self._all(self.model, written)
        drift = log_probs - self._all(self.reference, written)
        owner = rollouts.owner_of(written)
        count = len(written) * config.samples
        judged = self._judged(written)
        divergence = per_completion(drift, owner, count)
        targets, values = torch.zeros(0), torch.zeros(0)
        if config.algorithm == "ppo":
            values = self._values(written)
            rewards = -self.coefficient * drift
            ends = torch.cat([owner[1:] != owner[:-1], torch.ones(1, dtype=torch.bool)])
            rewards[ends] += judged
            advantages, targets = generalised_advantages(rewards, values, owner, config.advantage_decay)
            advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        else:
            worth = (judged - self.coefficient * divergence).view(len(written), config.samples)
            weigh = leave_one_out if config.algorithm == "rloo" else group_normalised
            advantages = weigh(worth).flatten()[owner]
        self._tell(number, {**rounds.summary(written, judged, divergence, log_probs), **figures})
        if config.kl_target is not None:
            self.coefficient = adapted_coefficient(
                self.coefficient, float(divergence.mean()), config.kl_target, count, config.kl_horizon
            )
        return Round(
            written, log_probs.tolist(), advantages.tolist(), targets.tolist(), values.tolist(), weights.tolist()
        )

    def _write(self, prompts: Sequence[Prompt], copies: int, occasion: str) -> list[Rollout]:
        self.stop.check()
        return rollouts.write(
            self.model,
            self.chat,
            prompts,
            copies=copies,
            sampling=self.sampling,
            seed=self.config.seed,
            occasion=occasion,
        )

    def _judged(self, written: Sequence[Rollout]) -> Tensor:
        """Return what each answer is worth before the price of having moved, [completions]."""
        found = self.rewards([one.prompt.messages for one in written], [one.texts for one in written])
        ended = torch.tensor([has_ended for one in written for has_ended in one.has_ended])
        lengths = torch.tensor([len(completion) for one in written for completion in one.completions])
        return found - self.config.unfinished_penalty * (~ended) - self.config.token_penalty * lengths

    def _log_probs(self, model: PreTrainedModel, written: Sequence[Rollout]) -> Tensor:
        return rollouts.log_probs(
            model, rollouts.groups_of(written), temperature=self.config.temperature, barred_ids=self.barred
        )

    @torch.no_grad()
    def _all(self, model: PreTrainedModel, written: Sequence[Rollout]) -> Tensor:
        """Return every token's log-probability, [tokens], pass by pass."""
        was_training = model.training
        model.eval()
        with precision(model, self.config):
            found = [
                self._log_probs(model, [written[place] for place in places]).cpu()
                for places in rollouts.passes(written, self.config.forward_tokens)
            ]
        model.train(was_training)
        return torch.cat(found)

    def _values(self, written: Sequence[Rollout]) -> Tensor:
        critic = getattr(self.model, CRITIC)
        found = [
            rollouts.values(critic, [written[place] for place in places]).cpu()
            for places in rollouts.passes(written, self.config.forward_tokens)
        ]
        return torch.cat(found)

    def _tell(self, number: int, values: Mapping[str, float]) -> None:
        clipped, weighed = devices.total(self.clipped, self.weighed)
        self.clipped = self.weighed = 0
        values = {
            **values,
            "kl_coefficient": self.coefficient,
            "clip_share": clipped / weighed if weighed else 0.0,
        }
        self.report("metric", step=number * self.config.steps_per_round, split="rollouts", values=values)

    def _look(self) -> dict[str, float]:
        """Answer validation prompts; where there is a gold model, remember what it thinks beside the reward."""
        values, proxies, golds = self._weighed("validation")
        if len(golds):
            self.monitor.see(self.step, values, proxies, golds)
        return values

    def _measure(self, split: str) -> dict[str, float]:
        """Return what answers to a split's first prompts are worth; nothing where it has none."""
        return self._weighed(split)[0]

    @torch.no_grad()
    def _weighed(self, split: str) -> tuple[dict[str, float], Tensor, Tensor]:
        """Return what a split's answers are worth, and each one's reward and gold, [prompts, answers]."""
        prompts = sorted(self.prompts[split], key=lambda one: data.place_of(one.group))[: self.config.evaluate_prompts]
        if not prompts:
            return {}, torch.zeros(0), torch.zeros(0)
        copies = self.config.evaluate_answers
        written = self._write(prompts, copies, "look")
        log_probs = self._all(self.model, written)
        drift = log_probs - self._all(self.reference, written)
        divergence = per_completion(drift, rollouts.owner_of(written), len(written) * copies)
        judged, golds = self._judged(written), torch.zeros(0)
        values = {**rounds.summary(written, judged, divergence, log_probs), "prompts": float(len(prompts))}
        if self.gold:
            asked, answers = [one.prompt.messages for one in written], [one.texts for one in written]
            golds = self.gold.scores(asked, answers)
            values["gold"] = float(golds.mean())
        return values, judged.view(-1, copies), golds.view(-1, copies)

    def _samples(self) -> list[dict[str, str]]:
        """Answer the same prompts as the start and as the model now, with the same chance."""
        prompts = sorted(self.prompts["validation"] or self.prompts["train"], key=lambda one: data.place_of(one.group))
        shown = prompts[: self.config.shown_prompts]
        if not shown:
            return []
        after = self._write(shown, 1, "shown")
        policy, self.model = self.model, self.reference
        before = self._write(shown, 1, "shown")
        self.model = policy
        return [
            {"prompt": one.prompt.messages[-1].content, "before": was.texts[0], "after": one.texts[0]}
            for was, one in zip(before, after, strict=True)
        ]

    def _remember(self) -> dict[str, Any]:
        is_between = self.step % self.config.steps_per_round == 0
        return {
            "looks": self.monitor.remember(),
            "kl_coefficient": self.coefficient,
            **({"endpoint": self.elsewhere.remember()} if self.elsewhere else {}),
            "round": None if is_between or self.round is None else self.round.to_json(),
        }

    def _resume(self, measured: Mapping[str, Any]) -> None:
        self.monitor.resume(measured.get("looks", []))
        self.coefficient = measured.get("kl_coefficient", self.coefficient)
        if self.elsewhere:
            self.elsewhere.resume(measured.get("endpoint", {}))
        known = {prompt.prompt_id: prompt for prompt in self.prompts["train"]}
        held = measured.get("round")
        self.round = Round.from_json(held, known) if held else None

    def _identity(self) -> dict[str, Any]:
        def digest(directory: str) -> str:
            return handover.model_sha256(Path(directory))

        config = self.config
        return {
            "config": {**config.to_json(), **({"endpoint": self.elsewhere.identity()} if self.elsewhere else {})},
            "release": self.manifest.digest_sha256,
            "start": digest(config.start.directory or ""),
            "judges": [
                digest(one) for one in (*config.reward_models, *([config.gold_model] if config.gold_model else []))
            ],
        }
