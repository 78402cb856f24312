"""Weights go from a run to a server that answers meanwhile, and each reply says which of them wrote it."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.conftest import Ears
from tests.training.releases import demonstration
from tests.training.test_serve import Site
from training import following, serve
from training.batching import Engine, Request, listen
from training.chat import chat_for
from training.config import ServeConfig
from training.events import silent
from training.generation import Sampling
from training.handover import model_sha256
from training.model import load_causal
from training.settings import ConfigError
from training.tokenizer import load_tokenizer


def other(directory: Path) -> Any:
    """Return the directory's model with other weights."""
    model = load_causal(directory)
    torch.manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model


def test_a_server_follows_what_is_published_and_says_which_weights_answered(
    assistant_dir: Path, tmp_path: Path
) -> None:
    chat = chat_for(load_tokenizer(assistant_dir))
    ids = chat.prompt(demonstration(0).messages)
    asked = {"prompt": ids, "temperature": 0, "max_tokens": 8, "return_token_ids": True}
    site = Site(assistant_dir, follow=str(tmp_path / "weights"))
    try:
        _, first = site.post("/v1/completions", asked)
        # Read before the server's own thread reads: transformers is not made for two that load at a time.
        newer = other(assistant_dir)
        told = [following.publish(tmp_path / "weights", newer, chat, number) for number in (1, 2)]
        until = time.monotonic() + 20
        while (second := site.post("/v1/completions", asked)[1])["system_fingerprint"] != told[0]:
            assert time.monotonic() < until
            assert second["choices"] == first["choices"]
            time.sleep(0.05)
    finally:
        site.close()

    assert first["system_fingerprint"] == model_sha256(assistant_dir)
    assert second["choices"] != first["choices"]
    # The same weights, published again for a later round, are the same.
    assert told[0] == told[1]
    place = following.newest(tmp_path / "weights")
    assert place is not None
    assert model_sha256(place) == told[0]


def test_what_was_asked_before_is_answered_by_the_older_model_to_its_end(assistant_dir: Path) -> None:
    chat, older, newer = chat_for(load_tokenizer(assistant_dir)), load_causal(assistant_dir), other(assistant_dir)
    ids, sampling = chat.prompt(demonstration(1).messages), Sampling(0.0, 1.0, 10)

    def engine(model: Any, name: str) -> Engine:
        return Engine(
            model, stop_ids=frozenset(), barred_ids=frozenset(), context=128, at_once=2, waiting=8,
            remembered_tokens=2000, name=name,
        )  # fmt: skip

    def answers(engine: Engine, before: int, after: int) -> list[list[int]]:
        requests = [Request(ids, sampling, 0) for _ in range(before + after)]
        engine.submit(*requests[:before])
        if after:
            engine.follow(newer, "newer")
            engine.submit(*requests[before:])
        worker = threading.Thread(target=engine.run)
        worker.start()
        told = [[said.id for said in list(listen(request, seconds=30))[:-1]] for request in requests]
        engine.stop()
        worker.join()
        assert [request.answered_by for request in requests] == ["older"] * before + ["newer"] * after
        return told

    both = answers(engine(older, "older"), 3, 3)
    old, new = answers(engine(load_causal(assistant_dir), "older"), 1, 0)[0], both[3]
    assert both == [old] * 3 + [new] * 3
    assert old != new


def test_only_whole_directories_are_followed_and_two_are_kept(assistant_dir: Path, tmp_path: Path, ears: Ears) -> None:
    chat, model = chat_for(load_tokenizer(assistant_dir)), load_causal(assistant_dir)
    followed: list[str] = []

    class Listening:
        def follow(self, model: Any, name: str) -> None:
            followed.append(name)

    follower = following.Follower(tmp_path, Listening(), chat, ears)  # type: ignore[arg-type]
    follower.look()
    for number in range(4):
        with torch.no_grad():
            model.get_input_embeddings().weight[0, 0] += 1
        told = following.publish(tmp_path, model, chat, number)
    follower.look()
    follower.look()
    assert followed == [told]
    assert sorted(place.name[:12] for place in tmp_path.iterdir()) == ["newest", "round-000002", "round-000003"]

    (tmp_path / "broken").mkdir()
    (tmp_path / "newest").write_text("broken")
    follower.look()
    follower.look()
    assert [heard["message"] for heard in ears.of("log")] == [
        f"The weights in broken are not followed: {tmp_path / 'broken'} has no tokenizer (tokenizer.json): "
        "copy the base model's tokenizer files into it."
    ]
    assert followed == [told]


def test_a_judge_follows_nobody(judge_dir: Path, tmp_path: Path) -> None:
    config = ServeConfig.from_json({"model": str(judge_dir), "follow": str(tmp_path)})
    with pytest.raises(ConfigError, match="follow: a run publishes what writes"):
        serve.open_served(config, silent)
