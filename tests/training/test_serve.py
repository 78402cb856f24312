"""A served model answers in OpenAI's shapes, to OpenAI's own client, many at once as one by one."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest
import torch

from tests.training.releases import demonstration, labels_of, write_release
from training import moderation, reward, serve, sft
from training.answering import _sure
from training.batching import Ended, Engine, Full, Request, Token, TooLong, listen
from training.chat import chat_for
from training.config import ModerationConfig, RewardConfig, ServeConfig, SFTConfig
from training.events import silent
from training.generation import Sampling, generate
from training.loop import Stop
from training.model import load_causal
from training.tokenizer import load_tokenizer

KEY = "k" * 20
HELLO: Any = [{"role": "user", "content": "Say something about the river."}]


@pytest.fixture(scope="module")
def assistant(release_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("served") / "sft"
    value = {"release": str(release_dir), "output": str(output), "start": {"preset": "tiny"}, "max_length": 128}
    sft.run(SFTConfig.from_json({**value, "epochs": 8, "learning_rate": 3e-3, "batch_tokens": 512}), silent, Stop())
    return output


class Site:
    """A served model, and OpenAI's client for it."""

    def __init__(self, model: Path, **settings: Any) -> None:
        self.stop, self.ready, self.told = Stop(), threading.Event(), {}
        config = ServeConfig.from_json({"model": str(model), "name": "ours", "key": KEY, **settings})
        self.thread = threading.Thread(target=serve.run, args=(config, self._hear, self.stop), daemon=True)
        self.thread.start()
        assert self.ready.wait(60)
        self.address = f"http://127.0.0.1:{self.told['port']}"
        self.client = openai.OpenAI(base_url=f"{self.address}/v1", api_key=KEY, max_retries=0)

    def _hear(self, event: str, /, **facts: Any) -> None:
        if event == "ready":
            self.told = facts
            self.ready.set()

    def close(self) -> None:
        self.client.close()
        self.stop.is_asked = True
        self.thread.join(30)

    def post(self, path: str, body: object) -> tuple[int, dict[str, Any]]:
        asked = urllib.request.Request(self.address + path, json.dumps(body).encode())
        asked.add_header("Authorization", f"Bearer {KEY}")
        try:
            with urllib.request.urlopen(asked, timeout=30) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture(scope="module")
def site(assistant: Path) -> Iterator[Site]:
    site = Site(assistant)
    yield site
    site.close()


def test_an_answer_is_whole_streamed_and_the_same_for_the_same_seed(site: Site) -> None:
    whole = site.client.chat.completions.create(model="ours", messages=HELLO, seed=3, max_tokens=30)
    chunks = list(
        site.client.chat.completions.create(
            model="ours", messages=HELLO, seed=3, max_tokens=30, stream=True, stream_options={"include_usage": True}
        )
    )

    said = whole.choices[0].message.content
    assert said
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == said
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason
    assert chunks[-1].usage == whole.usage
    assert whole.usage is not None
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
    assert [model.id for model in site.client.models.list()] == ["ours"]


def test_stops_choices_and_log_probabilities(site: Site) -> None:
    plain = site.client.chat.completions.create(model="ours", messages=HELLO, temperature=0, max_tokens=30)
    said = plain.choices[0].message.content or ""
    word = said.split()[2]
    cut = site.client.chat.completions.create(
        model="ours", messages=HELLO, temperature=0, max_tokens=30, stop=[word], logprobs=True, top_logprobs=2, n=2
    )

    assert [choice.message.content for choice in cut.choices] == [said[: said.index(word)]] * 2
    assert cut.choices[0].finish_reason == "stop"
    assert cut.choices[0].logprobs is not None
    for place in cut.choices[0].logprobs.content or []:
        assert place.logprob <= 0
        assert place.top_logprobs[0].logprob == pytest.approx(place.logprob)
    text = site.client.completions.create(model="ours", prompt="The river", max_tokens=5, logprobs=1, temperature=0)
    assert text.choices[0].text
    assert text.usage is not None
    assert len(text.choices[0].logprobs.token_logprobs) == text.usage.completion_tokens  # type: ignore[union-attr,arg-type]


def test_many_at_once_are_told_what_each_alone_would_be(assistant: Path) -> None:
    chat, model = chat_for(load_tokenizer(assistant)), load_causal(assistant).eval()
    barred = frozenset(chat.tokenizer.all_special_ids) - chat.stop_ids
    prompts = [chat.prompt(demonstration(number).messages) for number in range(10)]
    sampling = Sampling(0.0, 1.0, 24)
    alone = [
        generate(model, [ids], [[0]], sampling, stop_ids=chat.stop_ids, barred_ids=barred, pad_id=0)[0][0].ids
        for ids in prompts
    ]
    engine = Engine(
        model,
        stop_ids=chat.stop_ids,
        barred_ids=barred,
        context=128,
        at_once=4,
        waiting=20,
        remembered_tokens=2000,
    )
    requests = [Request(ids, sampling, 0) for ids in prompts * 2]
    for request in requests:
        engine.submit(request)
    with pytest.raises(Full, match="20 requests wait already"):
        engine.submit(Request([1], sampling, 0))
    with pytest.raises(TooLong, match="at most 128 tokens"):
        engine.submit(Request([1] * 128, sampling, 0))
    requests[3].cancel()
    worker = threading.Thread(target=engine.run)
    worker.start()
    told = [list(listen(request, seconds=30)) for request in requests]
    engine.stop()
    worker.join()

    found = [[one.id for one in said if isinstance(one, Token)] for said in told]
    assert found[:3] + found[4:] == (alone * 2)[:3] + (alone * 2)[4:]
    assert told[3] == [Ended("cancelled")]
    assert engine.reused_tokens > 0


def test_token_ids_are_a_prompt_and_come_back_with_the_one_that_ended_them(site: Site, assistant: Path) -> None:
    chat, model = chat_for(load_tokenizer(assistant)), load_causal(assistant)
    ids = chat.prompt(demonstration(3).messages)
    barred = frozenset(chat.tokenizer.all_special_ids) - chat.stop_ids
    sampling = Sampling(1.0, 1.0, 60)
    ((*alone,),) = generate(model, [ids], [[7, 8, 9]], sampling, stop_ids=chat.stop_ids, barred_ids=barred, pad_id=0)
    asked: Any = {"model": "ours", "prompt": ids, "n": 3, "seed": 7, "max_tokens": 60, "logprobs": 0}
    status, reply = site.post("/v1/completions", {**asked, "return_token_ids": True})
    plain = site.client.completions.create(**asked)
    streamed = list(site.client.completions.create(**asked, stream=True, extra_body={"return_token_ids": True}))

    assert status == 200
    assert "system_fingerprint" not in reply
    assert any(one.finish_reason == "stop" for one in alone)
    for choice, one in zip(reply["choices"], alone, strict=True):
        assert choice["token_ids"] == one.ids + ([one.ended_by] if one.ended_by is not None else [])
        assert len(choice["logprobs"]["token_logprobs"]) == len(choice["token_ids"])
        chunks = [chunk.choices[0] for chunk in streamed if chunk.choices[0].index == choice["index"]]
        assert [name for chunk in chunks for name in chunk.model_extra["token_ids"]] == choice["token_ids"]
    assert [choice.text for choice in plain.choices] == [choice["text"] for choice in reply["choices"]]
    assert plain.usage is not None
    assert plain.usage.model_dump(exclude_none=True) == reply["usage"]
    assert "token_ids" not in (plain.choices[0].model_extra or {})


def test_fifty_streams_end_and_one_that_is_left_frees_its_place(site: Site) -> None:
    def ask(number: int) -> str:
        messages: Any = [{"role": "user", "content": f"Tell me about number {number}."}]
        chunks = site.client.chat.completions.create(model="ours", messages=messages, max_tokens=12, stream=True)
        if number % 5 == 0:
            chunks.close()
            return "left"
        return str(list(chunks)[-1].choices[0].finish_reason)

    with ThreadPoolExecutor(25) as pool:
        assert set(pool.map(ask, range(50))) <= {"left", "stop", "length"}


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/v1/chat/completions", {"messages": []}, 400, "at least one message"),
        ("/v1/chat/completions", {"messages": [{"role": "robot", "content": "x"}]}, 400, "messages[0] needs a role"),
        ("/v1/chat/completions", {"messages": HELLO, "temperature": "hot"}, 400, "temperature must be a number"),
        ("/v1/chat/completions", {"messages": HELLO, "tools": [{}]}, 400, "tools is not supported"),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "word " * 900}]}, 400, "reads at most 512"),
        ("/v1/completions", {"prompt": ""}, 400, "prompt must be a text"),
        ("/v1/completions", {"prompt": [1, 10**6]}, 400, "token ids are from 0 to"),
        ("/v1/score", {"messages": HELLO, "completions": ["x"]}, 400, "A language model scores nothing"),
        ("/v1/moderations", {"input": "x"}, 400, "A language model moderates nothing"),
        ("/v1/nothing", {}, 404, "There is nothing at /v1/nothing"),
        ("/v1/completions", [1], 400, "must be a JSON object"),
    ],
)
def test_what_cannot_be_answered_is_refused_as_openai_does(
    path: str, body: object, status: int, said: str, site: Site
) -> None:
    found, reply = site.post(path, body)

    assert found == status
    assert said in reply["error"]["message"]
    assert set(reply["error"]) == {"message", "type", "param", "code"}


def test_another_key_opens_nothing(site: Site) -> None:
    with pytest.raises(openai.AuthenticationError, match="opens nothing here"):
        openai.OpenAI(base_url=f"{site.address}/v1", api_key="x", max_retries=0).models.list()


def test_a_foundation_model_completes_and_does_not_chat(assistant: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    for path in assistant.iterdir():
        if path.is_file() and path.name != "card.json":
            (base / path.name).symlink_to(path)
    (base / "card.json").write_text(json.dumps({"stage": "pretrain", "deployable": False}))
    site = Site(base)
    try:
        with pytest.raises(openai.BadRequestError, match="answers nobody"):
            site.client.chat.completions.create(model="ours", messages=HELLO)
        assert site.client.completions.create(model="ours", prompt="The river", max_tokens=3).choices[0].text
    finally:
        site.close()


def test_a_reward_model_scores_and_a_filter_moderates(assistant: Path, release_dir: Path, tmp_path: Path) -> None:
    place = {"release": str(release_dir), "output": str(tmp_path / "rm"), "start": {"directory": str(assistant)}}
    reward.run(RewardConfig.from_json({**place, "max_length": 128, "prompts_per_batch": 8}), silent, Stop())
    site = Site(tmp_path / "rm")
    try:
        status, found = site.post("/v1/score", {"messages": HELLO, "completions": ["Gladly.", "Go away.", "Gladly."]})
    finally:
        site.close()
    assert status == 200
    scores = [one["score"] for one in found["data"]]
    assert scores[0] == pytest.approx(scores[2], abs=1e-5)
    assert scores[0] != scores[1]

    labels = [
        row for split, size in (("train", 120), ("validation", 60), ("test", 30)) for row in labels_of(split, size)
    ]
    write_release(tmp_path / "labels", [], [], judgements=labels)
    value = {"release": str(tmp_path / "labels"), "output": str(tmp_path / "filter"), "epochs": 10, "buckets": 4096}
    moderation.run(ModerationConfig.from_json(value), silent, Stop())
    site = Site(tmp_path / "filter")
    try:
        reply = site.client.moderations.create(model="ours", input=["a quiet lamp", "a quiet lamp"])
    finally:
        site.close()
    assert reply.results[0] == reply.results[1]
    assert set(reply.results[0].category_scores.model_dump(by_alias=True)) >= {"hate", "self-harm/intent", "violence"}


def test_what_may_be_the_start_of_a_stop_is_held_back() -> None:
    assert _sure("a long st", ["stop"]) == len("a long ")
    assert _sure("a long stroke", ["stop"]) == len("a long stroke")
    assert _sure("half a character \ufffd", []) == len("half a character ")
    assert torch.is_inference_mode_enabled() is False
