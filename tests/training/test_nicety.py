"""Where it is known what answers are worth, a policy comes to the best of them, and is seen to leave it for a proxy."""

from typing import Any

import pytest

from tests.training.conftest import Ears
from tests.training.nicety import BEST, Knowing, School, found_school, worth
from training import rewarding, rl
from training.events import silent
from training.loop import Stop

# The quick form takes a seed; the fuller one more.
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]


@pytest.fixture(scope="module", params=SEEDS)
def school(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> School:
    return found_school(tmp_path_factory.mktemp("nicety"), request.param)


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


def test_a_proxy_without_a_price_is_over_optimised_and_the_monitor_stops_it(
    school: School, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rl, "Judge", Knowing)
    settings: dict[str, Any] = {
        "reward_models": [school.judge],
        "gold_model": school.judge,
        "rounds": 40,
        "learning_rate": 1.5e-3,
    }
    unwatched = rl.run(
        school.config("unwatched", **settings, evaluate_every=8, evaluate_answers=1, gold_loss=1.0), silent, Stop()
    )
    seen = looks(unwatched)
    start, peak, last = seen[0], max(seen, key=lambda look: look["gold"]), seen[-1]
    assert peak["gold"] - start["gold"] > 0.1
    assert last["gold"] < 0.9 * peak["gold"]
    assert last["proxy"] > peak["proxy"] + 0.1

    # Though it is told to keep the last weights.
    watched = rl.run(school.config("watched", **settings, evaluate_every=1, evaluate_answers=8), ears, Stop())
    said = watched["metrics"]["goodhart"]
    best, end = max(said["looks"], key=lambda look: look["gold"]), said["looks"][-1]
    assert any("Stopped after step" in heard["message"] for heard in ears.of("log"))
    assert (said["stopped_at"], said["kept_step"]) == (end["step"], best["step"])
    assert end["step"] < 40
    # Not surely more than a twentieth of the best is lost: a policy may jump between two looks.
    assert best["gold"] - end["gold"] - 2 * end["error"] < 0.05 * best["gold"]
    # What is kept is what was best, whatever the last look found.
    assert watched["metrics"]["validation"]["gold"] == pytest.approx(best["gold"], abs=0.01)


def looks(card: dict[str, Any]) -> list[dict[str, float]]:
    found: list[dict[str, float]] = card["metrics"]["goodhart"]["looks"]
    return found
