import json
from typing import Any

import pytest

from training import config
from training.config import PretrainConfig, RewardConfig, RLConfig, SFTConfig
from training.settings import ConfigError

PLACES = {"release": "releases/a", "output": "models/a", "start": {"preset": "tiny"}}


def test_a_configuration_reads_back_as_it_was_written() -> None:
    read = SFTConfig.from_json({"stage": "sft", **PLACES, "epochs": 5, "learning_rate": 1})

    assert SFTConfig.from_json(json.loads(json.dumps(read.to_json()))) == read
    assert read.learning_rate == 1.0
    assert isinstance(read.learning_rate, float)
    assert read.to_json()["start"] == {"preset": "tiny"}


def test_the_stage_chooses_the_configuration() -> None:
    assert isinstance(config.from_json({"stage": "reward", **PLACES}), RewardConfig)
    with pytest.raises(ConfigError, match="stage: 'ppo' is not one of"):
        config.from_json({"stage": "ppo"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, r"epochs: 0 is out of range; choose 1 to 1000"),
        ({"epochs": 2.5}, "epochs: 2.5 is not a whole number"),
        ({"epochs": True}, "epochs: True is not a whole number"),
        ({"learning_rate": float("nan")}, "learning_rate: nan is out of range"),
        ({"learning_rate": "fast"}, "learning_rate: 'fast' is not a number"),
        ({"max_steps": 0}, "max_steps: 0 is out of range; choose 1 or more"),
        ({"release": ""}, "release: empty"),
        ({"start": {"preset": "huge"}}, "preset 'huge' is not one of tiny, small, medium"),
        ({"start": {}}, "start: give either"),
        ({"start": {"preset": "tiny", "directory": "x"}}, "start: give either"),
        ({"start": {"directory": ""}}, "start: directory must be"),
        ({"start": "tiny"}, "start: give either"),
        ({"max_length": 513}, "max_length: preset 'tiny' reads at most 512 tokens"),
        ({"batch_tokens": 64, "max_length": 128}, "batch_tokens: a step must hold the longest row"),
        ({"optimizer": "sgd"}, "optimizer: sft has no such setting"),
        ({"stage": "reward"}, "stage: 'reward' is not 'sft'"),
    ],
)
def test_what_cannot_run_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SFTConfig.from_json({"stage": "sft", **PLACES, **changes})


@pytest.mark.parametrize("name", list(PLACES))
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: missing"):
        SFTConfig.from_json({key: value for key, value in PLACES.items() if key != name})


def test_every_field_of_every_stage_is_described() -> None:
    described = config.describe()

    assert set(described) == set(config.STAGES)
    for fields in described.values():
        assert all(field["help"].endswith(".") or ";" in field["help"] for field in fields)
        assert json.loads(json.dumps(fields)) == fields
    epochs = next(field for field in described["sft"] if field["name"] == "epochs")
    assert (epochs["type"], epochs["minimum"], epochs["maximum"], epochs["required"]) == ("integer", 1, 1000, False)


@pytest.mark.parametrize("stage", ["pretrain", "sft", "reward"])
def test_the_described_defaults_run_with_every_preset(stage: str) -> None:
    for preset in config.presets_of(stage):
        defaults = {field["name"]: field["default"] for field in config.describe()[stage] if not field["required"]}
        config.from_json({"stage": stage, **defaults, **PLACES, "start": {"preset": preset}})


RL = {"release": "r", "output": "o", "start": {"directory": "sft"}, "reward_models": ["rm"]}
SERVER = {"url": "http://localhost:8000/v1", "model": "ours"}


def test_a_server_that_writes_a_runs_answers_is_a_group_of_settings() -> None:
    alone = RLConfig.from_json(RL)
    asked = RLConfig.from_json({**RL, "endpoint": {**SERVER, "publish": "weights"}})

    # A later field: what was stored before it reads, and is digested, as it was.
    assert "endpoint" not in alone.to_json()
    assert asked.to_json()["endpoint"]["publish"] == "weights"
    assert "key_variable" not in asked.to_json()["endpoint"]
    assert RLConfig.from_json(json.loads(json.dumps(asked.to_json()))) == asked


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"endpoint": "http://localhost"}, "endpoint: 'http://localhost' is not a group of settings"),
        ({"endpoint": {"url": "http://localhost/v1"}}, "endpoint.model: missing. What the server calls"),
        ({"endpoint": {**SERVER, "url": "localhost/v1"}}, "endpoint.url: 'localhost/v1' is no address"),
        ({"endpoint": {**SERVER, "most_ratio": 0.5}}, "endpoint.most_ratio: 0.5 is out of range; choose 1 to 100"),
        ({"endpoint": {**SERVER, "key": "x"}}, "endpoint.key: endpoint has no such setting"),
        ({"endpoint": {**SERVER, "key_variable": "sk-123"}}, "endpoint.key_variable: give the name of an environment"),
        ({"endpoint": SERVER, "algorithm": "ppo"}, "algorithm: a critic learns from its own policy's answers"),
        ({"endpoint": SERVER, "temperature": 0.7}, "temperature: an endpoint's log-probabilities are those of"),
    ],
)
def test_a_server_that_cannot_be_asked_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RLConfig.from_json({**RL, **changes})


PRETRAINING = {"text": "novels", "output": "models/a", "start": {"preset": "austen-laptop"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"release": "releases/a"}, "text: give either text or a release"),
        ({"text": None}, "text: give either text or a release"),
        ({"start": {"preset": "small"}}, "preset 'small' is not one of demo, austen-laptop, austen-gpu"),
        ({"tokenizer": "word"}, "tokenizer: 'word' is not one of character, bpe"),
        ({"sample_rounds": "0, 250"}, "sample_rounds: whole numbers with one space between"),
        ({"depth": 0}, "depth: 0 is out of range"),
        ({"batch_tokens": 64, "context": 128}, "batch_tokens: a round must hold one context"),
    ],
)
def test_pretraining_that_cannot_run_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PretrainConfig.from_json({**PRETRAINING, **changes})


def test_what_is_set_by_hand_comes_before_the_preset_and_the_depth() -> None:
    by_preset = PretrainConfig.from_json(PRETRAINING).resolved()
    by_hand = PretrainConfig.from_json(
        {**PRETRAINING, "depth": 2, "rounds": 7, "context": 32, "learning_rate": 0.5, "dropout": 0.1}
    ).resolved()

    assert (by_preset.dial.layers, by_preset.rounds, by_preset.rows) == (3, 30_000, 6)
    assert (by_hand.dial.layers, by_hand.rounds, by_hand.context, by_hand.rows) == (2, 7, 32, 16)
    assert (by_hand.learning_rate, by_hand.dropout) == (0.5, 0.1)
