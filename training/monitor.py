"""What a run has seen of its gold model, and what it makes of that: when to look, when to end, whom to warn.

The judgement itself is `goodhart.py`'s; this is what a run keeps of it from one look to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from torch import Tensor

from training import goodhart
from training.config import RLConfig
from training.events import Reporter
from training.goodhart import Look


class Monitor:
    """looks: so far; alarm: why the run was ended, if it was; kept_step: of the weights that become the model."""

    def __init__(self, config: RLConfig, report: Reporter) -> None:
        self.config, self.report = config, report
        self.looks: list[Look] = []
        self.alarm: str | None = None
        self.kept_step = 0
        self.has_warned = False

    def see(self, step: int, values: Mapping[str, float], proxies: Tensor, golds: Tensor) -> None:
        """Remember a look. proxies, golds: of each answer, [prompts, answers]."""
        look = Look(
            step,
            values["sqrt_kl"],
            values["reward"],
            values["gold"],
            tuple(proxies.mean(dim=1).tolist()),
            tuple(golds.mean(dim=1).tolist()),
            spread=float(golds.std(unbiased=False)),
        )
        self.looks.append(look)
        self._warn(answers=golds.numel())

    def is_over(self) -> str | None:
        """Say why the run had better end, where it had."""
        self.alarm = goodhart.alarm(self.looks, self.config.gold_loss) if self.looks else None
        return self.alarm

    def looks_now(self, step: int) -> bool:
        """Whether to look sooner than usual: gold may be near its top."""
        return goodhart.is_soon(self.looks, step, self.config.evaluate_every, self.config.gold_loss)

    def hear_kept(self, step: int) -> None:
        self.kept_step = step

    def to_json(self) -> dict[str, Any]:
        return {
            **goodhart.to_json(self.looks),
            "stopped_at": self.looks[-1].step if self.alarm else None,
            "alarm": self.alarm,
            "kept_step": self.kept_step,
        }

    def remember(self) -> list[dict[str, Any]]:
        return [asdict(look) for look in self.looks]

    def resume(self, looks: Sequence[Mapping[str, Any]]) -> None:
        self.looks = [Look(**look) for look in looks]

    def _warn(self, answers: int) -> None:
        """Say, once, that the looks are too few to tell what the monitor is there to see."""
        times = goodhart.answers_wanted(self.looks, self.config.gold_loss)
        if self.has_warned or times <= 1:
            return
        self.has_warned = True
        self.report(
            "log",
            level="warning",
            message=f"The gold model's looks cannot tell a loss of {self.config.gold_loss:.0%} from chance: that takes "
            f"about {round(times * answers):,} answers, they have {answers:,}. Raise evaluate_prompts or "
            "evaluate_answers.",
        )
