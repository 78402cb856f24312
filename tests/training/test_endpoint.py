"""What a server writes is what it drew, token by token; what cannot be known of it is not learned from."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.foreign import Foreign, Reply
from tests.training.releases import demonstration
from tests.training.test_serve import KEY, Site
from training import rollouts
from training.chat import Chat, barred_ids, chat_for
from training.config import Endpoint
from training.endpoint import USELESS, Client, EndpointFailed
from training.generation import Sampling, generate, stream_seed
from training.loop import Interrupted, Stop
from training.model import load_causal
from training.rollouts import Prompt
from training.settings import ConfigError
from training.tokenizer import decode_text, encode_text, load_tokenizer

OK: dict[str, str] = {}


@pytest.fixture(scope="module")
def chat(assistant_dir: Path) -> Chat:
    return chat_for(load_tokenizer(assistant_dir))


@pytest.fixture(scope="module")
def prompts(chat: Chat) -> list[Prompt]:
    asked = [demonstration(number).messages for number in range(3)]
    return [Prompt(str(number), "", messages, chat.prompt(messages)) for number, messages in enumerate(asked)]


@pytest.fixture
def foreign() -> Iterator[Callable[..., Foreign]]:
    opened: list[Foreign] = []

    def open_one(answer: Callable[[dict[str, Any]], Reply]) -> Foreign:
        opened.append(Foreign(answer))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def client(
    url: str, chat: Chat, *, most: int = 12, temperature: float = 1.0, stop: Stop | None = None, **changes: Any
) -> Client:
    asked = Endpoint.from_json({"url": url, "model": "ours", "retries": 2, **changes})
    return Client(asked, chat, Sampling(temperature, 1.0, most), stop or Stop())


def choice(ids: list[int] | None, log_probs: list[float] | None, reason: str = "stop", **more: Any) -> dict[str, Any]:
    """Return a choice as vLLM publishes it, or without its names where there are no ids."""
    told = None if log_probs is None else {"token_logprobs": log_probs, "tokens": more.pop("tokens", None)}
    return {"text": "x", "logprobs": told, "finish_reason": reason, **({"token_ids": ids} if ids else {}), **more}


def reply(body: dict[str, Any], *choices: dict[str, Any]) -> Reply:
    prompt = body["prompt"]
    usage = {"prompt_tokens": len(prompt)}
    return 200, OK, {"choices": [{"index": place, **one} for place, one in enumerate(choices)], "usage": usage}


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_server_writes_what_the_run_itself_would(
    temperature: float, assistant_dir: Path, chat: Chat, prompts: list[Prompt], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEIR_KEY", KEY)
    site = Site(assistant_dir)
    try:
        asking = client(f"{site.address}/v1", chat, most=10, temperature=temperature, key_variable="THEIR_KEY")
        asking.begin(prompts[0].ids)
        told = asking.write([*prompts, prompts[0]], copies=18, seed=3, occasion="round 1")
        again = asking.write([*prompts, prompts[0]], copies=18, seed=3, occasion="round 1")
    finally:
        site.close()

    def seeds(prompt: str, first: int) -> list[int]:
        # At most sixteen are asked for at once: the others have a request, and a seed, of their own.
        own = [stream_seed(3, f"round 1/{prompt}", first + part) >> 32 for part in (0, 16)]
        return [own[0] + place for place in range(16)] + [own[1] + place for place in range(2)]

    model = load_causal(assistant_dir)
    here = generate(
        model,
        [prompt.ids for prompt in [*prompts, prompts[0]]],
        [seeds("0", 0), seeds("1", 0), seeds("2", 0), seeds("0", 18)],
        Sampling(temperature, 1.0, 10),
        stop_ids=chat.stop_ids,
        barred_ids=barred_ids(chat),
        pad_id=0,
    )
    for one, own in zip(told.written, here, strict=True):
        assert one.completions == [row.ids if row.ended_by is None else [*row.ids, row.ended_by] for row in own]
        assert one.texts == [decode_text(chat.tokenizer, row.ids) for row in own]
        assert one.has_ended == [row.finish_reason == "stop" for row in own]
    assert again.written == told.written
    assert (told.retold, told.cut) == (0, 0)
    with torch.no_grad():
        ours = rollouts.log_probs(model, rollouts.groups_of(told.written), barred_ids=barred_ids(chat))
    assert torch.allclose(torch.tensor(told.log_probs), ours, atol=1e-4)


def test_a_busy_server_is_asked_again_and_one_that_stays_away_is_named(
    chat: Chat, prompts: list[Prompt], foreign: Callable[..., Foreign]
) -> None:
    refusals = [
        (429, {"Retry-After": "0"}, {"error": {"message": "slow down"}}),
        (502, OK, b"<html>bad gateway</html>"),
    ]

    def answer(body: dict[str, Any]) -> Reply:
        return refusals.pop() if refusals else reply(body, choice([7, chat.tokenizer.eos_token_id], [-1.0, -2.0]))

    asking = client(foreign(answer).url, chat)
    asking.begin(prompts[0].ids)
    assert refusals == []
    refusals += [(503, {"Retry-After": "0"}, {"error": {"message": "12 requests wait already"}})] * 9
    with pytest.raises(EndpointFailed, match="no answer in 3 tries; the last: status 503, 12 requests wait already"):
        asking.write(prompts[:1], copies=1, seed=0, occasion="x")

    stop = Stop()
    asking = client(asking.asked.url, chat, retries=9, stop=stop)
    refusals[:] = [(503, {"Retry-After": "20"}, {})]
    threading.Timer(0.3, setattr, (stop, "is_asked", True)).start()
    with pytest.raises(Interrupted):
        asking.write(prompts[:1], copies=1, seed=0, occasion="x")

    gone = client("http://127.0.0.1:9/v1", chat, retries=0)
    with pytest.raises(EndpointFailed, match="no answer in 1 tries; the last: ConnectionRefusedError"):
        gone.begin(prompts[0].ids)


def test_what_was_drawn_is_kept_and_what_nobody_can_know_teaches_nothing(
    chat: Chat, prompts: list[Prompt], foreign: Callable[..., Foreign]
) -> None:
    end, role = chat.tokenizer.eos_token_id, min(barred_ids(chat))
    choices = [
        choice([7, 8], [-1.0, -2.0]),  # ended, without the token that ended it
        choice([7, 8, end, 9], [-1.0, -2.0, -3.0, -4.0], "length", text=""),  # went on after the end of its turn
        choice([7, role, 8], [-1.0, -2.0, -3.0]),  # opened another's turn
        choice([role, 8], [-1.0, -2.0]),  # and at once
        choice([7, 8], [-1.0]),  # log-probabilities of other tokens
        choice([7, 8], [-1.0, -2.0], "content_filter"),
        choice([7], [float("nan")], "length", text="", token_ids=[7] * 4),
    ]
    asking = client(foreign(lambda body: reply(body, *choices[: body["n"]])).url, chat, most=4)
    asking.begin(prompts[0].ids)
    told = asking.write(prompts[:1], copies=7, seed=0, occasion="x")

    (one,) = told.written
    assert one.completions == [[7, 8, end], [7, 8, end], [7], [end], [7, 8, end], [7, 8], [7] * 4]
    assert one.has_ended == [True, True, False, False, True, False, False]
    assert (told.retold, told.cut) == (2, 2)
    assert str(told.log_probs) == str([-1.0, -2.0, float("nan"), -1.0, -2.0, -3.0, *[USELESS] * 11])

    for odd, message in (
        (choice([7, 8], [-1.0, -2.0], "length"), "ends answers after 2 tokens, and the run lets them have 12"),
        (choice([10**6], [-1.0]), "writes tokens that the run's model does not have"),
    ):
        asking = client(foreign(lambda body, odd=odd: reply(body, odd)).url, chat)
        asking.begin(prompts[0].ids)
        with pytest.raises(EndpointFailed, match=message):
            asking.write(prompts[:1], copies=1, seed=0, occasion="x")


def test_a_server_of_texts_alone_is_read_again(
    chat: Chat, prompts: list[Prompt], foreign: Callable[..., Foreign]
) -> None:
    said = "the river"
    ids = encode_text(chat.tokenizer, said)
    pieces = [decode_text(chat.tokenizer, [name]) for name in ids]
    choices = [
        choice(None, [-1.0] * len(ids), tokens=pieces, text=said),
        choice(None, [-1.0] * len(said), tokens=list(said), text=said),  # drawn letter by letter
    ]

    def answer(body: dict[str, Any]) -> Reply:
        if "return_token_ids" in body:
            return 400, OK, {"error": {"message": "Unrecognized request argument supplied: return_token_ids"}}
        return reply(body, *choices[: body["n"]])

    server = foreign(answer)
    asking = client(server.url, chat)
    asking.begin(prompts[0].ids)
    told = asking.write(prompts[:1], copies=2, seed=0, occasion="x")

    whole = [*ids, chat.tokenizer.eos_token_id]
    assert told.written[0].completions == [whole, whole]
    assert told.written[0].texts == [said, said]
    assert str(told.log_probs) == str([-1.0] * len(ids) + [float("nan")] + [USELESS] * len(whole))
    assert told.retold == 1
    assert server.bodies[-1]["prompt"] == prompts[0].ids
    assert server.keys == {None}


def test_who_could_not_be_learned_from_is_refused_at_the_start(
    chat: Chat, prompts: list[Prompt], foreign: Callable[..., Foreign]
) -> None:
    def refused(answer: Callable[[dict[str, Any]], Reply], **changes: Any) -> str:
        with pytest.raises(ConfigError) as told:
            client(foreign(answer).url, chat, **changes).begin(prompts[0].ids)
        return str(told.value)

    def silent(body: dict[str, Any]) -> Reply:
        return reply(body, choice([7], None))

    def texts_alone(body: dict[str, Any]) -> Reply:
        if isinstance(body["prompt"], list):
            return 422, OK, {"detail": "prompt must be a string"}
        return 200, OK, {"choices": [choice(None, [-1.0])], "usage": {"prompt_tokens": 3}}

    assert "tells no log-probabilities, and its weights fall behind" in refused(silent)
    assert "tells no log-probabilities" in refused(silent, publish="weights", publish_every=2)
    assert f"reads 3 tokens where the run's model reads {len(prompts[0].ids)}" in refused(texts_alone)
    assert "refuses: status 401, wrong key" in refused(lambda body: (401, OK, {"error": {"message": "wrong key"}}))
    assert "reads no prompt: status 400, never" in refused(lambda body: (400, OK, {"error": "never"}))
    with pytest.raises(ConfigError, match="the environment has no NOBODYS_KEY"):
        client("http://localhost/v1", chat, key_variable="NOBODYS_KEY")
    # One that follows every round writes with the run's own weights: there is nothing to weigh.
    follows = client(foreign(silent).url, chat, publish="weights", most=1)
    follows.begin(prompts[0].ids)
    assert str(follows.write(prompts[:1], copies=1, seed=0, occasion="x").log_probs) == "[nan, nan]"


def test_newer_weights_are_waited_for_and_older_ones_not_heard(
    chat: Chat, prompts: list[Prompt], foreign: Callable[..., Foreign]
) -> None:
    names = ["old", "old", "new", "old", "new"]

    def answer(body: dict[str, Any]) -> Reply:
        status, headers, told = reply(body, choice([7], [-1.0]))
        return status, headers, {**told, "system_fingerprint": names.pop(0) if names else "old"}

    asking = client(foreign(answer).url, chat, publish="weights", timeout_seconds=0.3)
    asking.wait_for("new", prompts[0].ids)
    assert asking.write(prompts[:1], copies=1, seed=0, occasion="x").log_probs[0] == -1.0
    assert names == []
    with pytest.raises(EndpointFailed, match="answers with other weights"):
        asking.write(prompts[:1], copies=1, seed=0, occasion="x")
    with pytest.raises(EndpointFailed, match="answers with weights old and not with newest, which were published into"):
        asking.wait_for("newest", prompts[0].ids)
