"""A run whose answers a server writes learns, weighs what is not its own, and goes on where the server was lost."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.training import test_rl
from tests.training.conftest import Ears
from tests.training.test_devices import in_two_processes, rollouts_of, train_losses
from tests.training.test_rl import SMALL, arms, vowel, worths
from tests.training.test_serve import KEY, Site
from training import following, rewarding, rl
from training.config import RLConfig
from training.endpoint import EndpointFailed
from training.events import silent
from training.handover import model_sha256
from training.loop import Interrupted, Stop

Open = Callable[..., str]
Asking = Callable[..., dict[str, Any]]


class Server:
    """`python -m training serve` as a process of its own."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        config = folder / "serve.json"
        config.write_text(json.dumps({"name": "ours", "key": KEY, "threads": 1, **settings}))
        command = [sys.executable, "-m", "training", "serve", "--config", str(config), "--events"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        ready = next(event for line in self.process.stdout if (event := json.loads(line))["event"] == "ready")
        self.url = f"http://127.0.0.1:{ready['port']}/v1"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@pytest.fixture
def server(assistant_dir: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    opened: list[Server] = []

    def open_one(**settings: Any) -> Server:
        opened.append(Server(tmp_path, model=str(assistant_dir), **settings))
        return opened[-1]

    yield open_one
    for one in opened:
        one.kill()


@pytest.fixture
def site(assistant_dir: Path) -> Iterator[Callable[..., str]]:
    """Open the same server in a thread of this process, which takes no seconds to start; return its address."""
    opened: list[Site] = []

    def open_one(**settings: Any) -> str:
        opened.append(Site(assistant_dir, **settings))
        return f"{opened[-1].address}/v1"

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    monkeypatch.setenv("THEIR_KEY", KEY)

    def make(url: str, **changes: Any) -> dict[str, Any]:
        return {"url": url, "model": "ours", "key_variable": "THEIR_KEY", "retries": 1, **changes}

    return make


@pytest.fixture
def bandit(assistant_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(rewarding, "function_named", lambda name: vowel)
    return test_rl.bandit(tmp_path, assistant_dir, samples=48, rounds=8, learning_rate=2e-2, kl_coefficient=0.0)


def rounds_heard(ears: Ears) -> list[dict[str, float]]:
    return [heard["values"] for heard in ears.of("metric") if heard["split"] == "rollouts"]


def test_a_run_learns_from_a_server_that_follows_it(
    bandit: dict[str, Any], asked: Asking, site: Open, assistant_dir: Path, tmp_path: Path, ears: Ears
) -> None:
    place = tmp_path / "weights"
    endpoint = asked(site(follow=str(place)), publish=str(place))
    card = rl.run(RLConfig.from_json({**bandit, "endpoint": endpoint}), ears, Stop())

    heard = rounds_heard(ears)
    assert sum(one["reward"] for one in heard[-3:]) / 3 > heard[0]["reward"] + 0.2
    # Its own weights wrote them: nothing is truncated, and nothing weighs more than another.
    assert all(one["ratio"] == pytest.approx(1, abs=1e-3) for one in heard)
    assert all(one["effective_share"] == pytest.approx(1, abs=1e-4) for one in heard)
    assert {one["truncated_share"] + one["retold_share"] for one in heard} == {0.0}
    assert card["metrics"]["endpoint"] == {"answers": 8 * 48, "retold": 0, "cut": 0}
    newest = following.newest(place)
    assert newest is not None
    assert newest.name.startswith("round-000007-")
    assert model_sha256(newest) != model_sha256(assistant_dir)


def test_a_server_that_falls_behind_is_weighed_and_still_learned_from(
    bandit: dict[str, Any], asked: Asking, site: Open, assistant_dir: Path, ears: Ears
) -> None:
    config = {**bandit, "algorithm": "grpo", "endpoint": asked(site(), most_ratio=1.5)}
    card = rl.run(RLConfig.from_json(config), ears, Stop())

    heard = rounds_heard(ears)
    assert heard[0]["ratio"] == pytest.approx(1, abs=1e-3)
    assert heard[0]["effective_share"] == pytest.approx(1, abs=1e-4)
    assert heard[-1]["truncated_share"] > 0
    assert heard[-1]["effective_share"] < 0.95
    # What the server writes is no better than it was; what the policy itself would write has become so.
    assert heard[-1]["reward"] == pytest.approx(heard[0]["reward"], abs=0.15)
    worth = torch.tensor(worths(assistant_dir))
    before, after = (float(arms(place) @ worth) for place in (assistant_dir, Path(bandit["output"])))
    assert after > before + 0.2
    assert card["config"]["endpoint"]["key_variable"] == "THEIR_KEY"
    assert KEY not in json.dumps(card)


@pytest.fixture
def config(assistant_dir: Path, judge_dir: Path, release_dir: Path, tmp_path: Path) -> Callable[..., RLConfig]:
    def make(name: str, **changes: Any) -> RLConfig:
        value = {
            "release": str(release_dir),
            "output": str(tmp_path / name),
            "start": {"directory": str(assistant_dir)},
            "reward_models": [str(judge_dir)],
            "learning_rate": 1e-3,
            "evaluate_every": 100,
            **SMALL,
            "evaluate_prompts": 1,
            "shown_prompts": 0,
        }
        return RLConfig.from_json({**value, **changes})

    return make


@pytest.mark.slow
def test_a_server_that_is_lost_costs_no_round_that_was_learned_from(
    config: Callable[..., RLConfig], asked: Asking, server: Callable[..., Server], site: Open, tmp_path: Path
) -> None:
    place, steps = str(tmp_path / "weights"), {"passes": 2, "minibatches": 2}
    lost = server(follow=place)

    def killing(event: str, /, **facts: Any) -> None:
        if event == "metric" and facts["split"] == "train" and facts["step"] == 6:
            lost.kill()

    with pytest.raises(EndpointFailed, match=r"gave no answer in 2 tries; the last: ConnectionRefusedError"):
        rl.run(config("broken", **steps, endpoint=asked(lost.url, publish=place)), killing, Stop())
    # The second round, which the server had written, was learned from to its end.
    assert sorted(path.name for path in (tmp_path / "broken" / "checkpoints").iterdir()) == ["step-000008"]

    # Another server, at another address, and the run goes on, to the middle of its last round.
    anew = str(tmp_path / "weights-anew")
    found, stop = asked(site(follow=anew), publish=anew), Stop()

    def stopping(event: str, /, **facts: Any) -> None:
        stop.is_asked = stop.is_asked or (event == "metric" and facts["split"] == "train" and facts["step"] == 10)

    with pytest.raises(Interrupted):
        rl.run(config("broken", **steps, endpoint=found), stopping, stop)
    # There it has all it needs: it ends with the same bits however often it goes on from there.
    shutil.copytree(tmp_path / "broken", tmp_path / "kept")
    once = rl.run(config("broken", **steps, endpoint=found), silent, Stop())
    shutil.rmtree(tmp_path / "broken")
    (tmp_path / "kept").rename(tmp_path / "broken")
    twice = rl.run(config("broken", **steps, endpoint=found), silent, Stop())
    assert once["model_sha256"] == twice["model_sha256"]

    # And but for the last bits of arithmetic, which depend on what shares a batch, as if nothing had been lost.
    whole = rl.run(config("whole", **steps, endpoint=found), silent, Stop())
    here, there = (load_file(tmp_path / name / "model.safetensors") for name in ("broken", "whole"))
    assert all(torch.allclose(here[name], there[name], atol=1e-4) for name in here)
    assert once["metrics"]["endpoint"] == whole["metrics"]["endpoint"] == {"answers": 36, "retold": 0, "cut": 0}


@pytest.mark.slow
def test_two_processes_ask_once_and_learn_what_one_learns(
    config: Callable[..., RLConfig], asked: Asking, site: Open, tmp_path: Path, ears: Ears
) -> None:
    endpoint = asked(site(follow=str(tmp_path / "weights")), publish=str(tmp_path / "weights"))
    one = config("one", endpoint=endpoint, forward_tokens=160, threads=1)
    rl.run(one, ears, Stop())
    events = in_two_processes({**one.to_json(), "output": str(tmp_path / "two")}, tmp_path)

    assert train_losses(events) == pytest.approx(train_losses(ears.events), rel=1e-3, abs=1e-4)
    assert rollouts_of(events) == [pytest.approx(values, rel=1e-3, abs=1e-3) for values in rollouts_of(ears.events)]
