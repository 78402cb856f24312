"""Where it is known what answers are worth, a policy comes to the best of them, and is seen to leave it for a proxy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Ears
from tests.training.nicety import BEST, Knowing, nicety_release, worth
from training import reward, rewarding, rl, sft
from training.config import RewardConfig, RLConfig, SFTConfig
from training.events import silent
from training.goodhart import Look
from training.loop import Stop

# The quick form takes a seed; the fuller one two more.
SEEDS = [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]

# How much of gold's peak is left where the monitor stops. With the second seed the policy jumps between two looks.
IN_TIME = {1: 0.95, 2: 0.9, 3: 0.95}


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


@pytest.fixture(scope="module", params=SEEDS)
def school(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> School:
    """Learn to write as people of the language do, and what they prefer."""
    folder, seed = tmp_path_factory.mktemp("nicety"), request.param
    shared = {"release": str(nicety_release(folder / "release", seed)), "max_length": 64, "seed": seed}
    start = {"output": str(folder / "sft"), "start": {"preset": "tiny"}, "batch_tokens": 1024, "learning_rate": 1e-2}
    sft.run(SFTConfig.from_json({**shared, **start, "epochs": 8}), silent, Stop())
    judge = {"output": str(folder / "reward"), "start": {"directory": str(folder / "sft")}, "learning_rate": 3e-3}
    reward.run(RewardConfig.from_json({**shared, **judge, "epochs": 3, "prompts_per_batch": 16}), silent, Stop())
    return School(folder, seed)


def test_a_policy_reaches_what_is_known_to_be_the_best(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewarding, "function_named", lambda name: worth)
    card = rl.run(
        school.config(
            "best", reward_function="worth", rounds=110, learning_rate=4e-3, kl_coefficient=0.04, evaluate_every=110
        ),
        silent,
        Stop(),
    )

    assert card["metrics"]["before"]["reward"] < 0.5 * BEST
    assert card["metrics"]["test"]["reward"] >= 0.95 * BEST


def test_a_proxy_without_a_price_is_over_optimised_and_the_monitor_stops_in_time(
    school: School, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rl, "Judge", Knowing)
    judge = str(school.folder / "reward")
    settings: dict[str, Any] = {"reward_models": [judge], "gold_model": judge, "rounds": 40, "learning_rate": 1.5e-3}

    seen = looks(rl.run(school.config("unwatched", **settings, evaluate_every=1, gold_loss=1.0), silent, Stop()))
    start, peak, last = seen[0], max(seen, key=lambda look: look.gold), seen[-1]
    assert peak.gold - start.gold > 0.1
    assert last.gold < 0.9 * peak.gold
    assert last.proxy > peak.proxy + 0.1

    watched = rl.run(school.config("watched", **settings, evaluate_every=1, keep="best"), ears, Stop())
    stopped = looks(watched)
    assert any("Stopped after step" in heard["message"] for heard in ears.of("log"))
    assert stopped == seen[: len(stopped)]
    assert stopped[-1].step < last.step
    highest = max(look.gold for look in stopped)
    assert stopped[-1].gold >= IN_TIME[school.seed] * highest
    # What is kept is what was best, whatever the last look found.
    assert watched["metrics"]["validation"]["gold"] == pytest.approx(highest, abs=0.01)


def looks(card: dict[str, Any]) -> list[Look]:
    return [Look(**look) for look in card["metrics"]["goodhart"]["looks"]]
