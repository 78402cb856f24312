"""Many streams at a time through the gateway, as programs ask it: make bench-serving.

A site of its own (embedded PostgreSQL, the product's gateway and the process that keeps models up) serves a small model
whose words mean nothing. So many clients ask at once, each for one streamed answer, round after round; then the same
requests go to the same engine without HTTP, gateway or database, in a process that does nothing else. Prints one JSON
object last.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotation.processes import postgres, programs
from tests.benchmarks.queue_load import percentile
from tests.journeys.site import ROOT, Site, free_port, site_at, started

# Built in a process of its own: this one is Django's, and torch has no place in it.
BUILD = """
import sys
from training.model import build_causal
from training.tokenizer import train_tokenizer
tokenizer = train_tokenizer(["Say something about the river, the stone and the lamp."] * 20, 300)
build_causal(sys.argv[2], tokenizer, 0).save_pretrained(sys.argv[1])
tokenizer.save_pretrained(sys.argv[1])
"""
PATIENCE_SECONDS = 120.0
ROUND_SECONDS = 300.0

Ask = Callable[[dict[str, Any]], Iterator[dict[str, Any]]]


@dataclass(frozen=True)
class Answered:
    first_seconds: float
    tokens: int


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--streams", type=int, default=50, help="so many at a time")
    asked.add_argument("--tokens", type=int, default=64, help="of an answer at most")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--preset", default="small", help="the size of the model")
    asked.add_argument("--bare", metavar="MODEL", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.bare:
        print(json.dumps(bare(Path(given.bare), given.streams, given.tokens, given.rounds)))
        return
    with tempfile.TemporaryDirectory(prefix="bennet-serving-") as folder:
        print(json.dumps(run(Path(folder), given)))


def run(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    model = folder / "model"
    command = [sys.executable, "-W", "ignore", "-c", BUILD, str(model), given.preset]
    subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    with postgres.running(postgres.Server.under(folder / "var")) as server:
        limits = {"REQUESTS_PER_MINUTE": "1000000", "TOKENS_PER_DAY": "1000000000000"}
        site = site_at(server.url, folder, GATEWAY_PORT=str(free_port()), **limits)
        os.environ |= {"DATABASE_URL": server.url, "VAR_ROOT": site.environment["VAR_ROOT"]}
        os.environ["DJANGO_SETTINGS_MODULE"] = "annotation.settings"
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        name, key = prepare(model)
        with serving(site) as port:
            until_ready(site)
            through = measure(gateway_at(port, key, name), given.streams, given.tokens, given.rounds)
    say(f"through the gateway: {through}")
    options = ["--streams", str(given.streams), "--tokens", str(given.tokens), "--rounds", str(given.rounds)]
    # In the same run and after the site has gone, so that it has the machine to itself.
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.serving", "--bare", str(model), *options],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    alone = json.loads(told.stdout.splitlines()[-1])
    say(f"the engine alone:    {alone}")
    return {
        **through,
        "bare_first_token_p95_ms": alone["first_token_p95_ms"],
        "bare_tokens_per_second": alone["tokens_per_second"],
        "gateway_vs_bare": round(through["tokens_per_second"] / alone["tokens_per_second"], 3),
        "streams": given.streams,
        "preset": given.preset,
    }


def prepare(model: Path) -> tuple[str, str]:
    """Make a project whose model is wanted up, and somebody who may ask it; return its name and their token."""
    from django.core.files.storage import default_storage
    from django.utils import timezone

    from annotation import durable
    from annotation.exports.models import Release
    from annotation.people import actions as people_actions
    from annotation.people.models import User
    from annotation.projects import actions
    from annotation.registry import serving as registry_serving
    from tests.runs import COUNTS, finish_run, order_run

    now = timezone.now()
    owner = User.objects.create_user("owner@example.com", "netherfield-park", name="Owner", is_owner=True)
    project = actions.create_project(actor=owner, name="Bench", now=now)
    release = Release.objects.create(
        project=project, name="None", state=durable.JobState.DONE, digest_sha256="d" * 64, counts=COUNTS,
        created_by=owner, created_at=now,
    )  # fmt: skip
    version = finish_run(order_run(project, owner, release))
    shutil.copytree(model, default_storage.path(version.stored_prefix), dirs_exist_ok=True)
    served = registry_serving.serve(model=version, actor=owner, now=now)
    _, token = people_actions.create_token(actor=owner, name="Bench", scopes=("chat",), expires_in_days=1, now=now)
    return served.name, token


@contextmanager
def serving(site: Site) -> Iterator[int]:
    """Run the gateway and the models for as long as the block lasts; give the gateway's port."""
    port = int(site.environment["GATEWAY_PORT"])
    with ExitStack() as stack:
        log = stack.enter_context(site.log.open("wb"))
        for program in (programs.serving(), programs.gateway(host="127.0.0.1", port=port, threads=64)):
            stack.enter_context(started(program.guarded, {**site.environment, **program.variables}, log))
        yield port


def until_ready(site: Site) -> None:
    from annotation.registry.models import Served, ServedState

    deadline = time.monotonic() + PATIENCE_SECONDS
    while Served.objects.get().state != ServedState.READY:
        assert time.monotonic() < deadline, site.lines()
        time.sleep(0.2)


def gateway_at(port: int, key: str, name: str) -> Ask:
    def ask(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        line.request("POST", "/v1/chat/completions", json.dumps({**body, "model": name}), headers)
        reply = line.getresponse()
        assert reply.status == 200, reply.read()
        for text in reply:
            if text.startswith(b"data: {"):
                yield json.loads(text[6:])
        line.close()

    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            list(ask(body_of(0, 4)))
            return ask
        except OSError:
            assert time.monotonic() < deadline, "the gateway does not answer"
            time.sleep(0.2)


def bare(model: Path, streams: int, tokens: int, rounds: int) -> dict[str, float]:
    """Ask the engine itself, in this process."""
    from training.answering import Answer
    from training.config import ServeConfig
    from training.serve import open_served

    served = open_served(ServeConfig(model=str(model), name="bare"), lambda *_, **__: None)
    writer = served.writer
    assert writer is not None
    engine = threading.Thread(target=writer.engine.run)
    engine.start()
    try:
        return measure(lambda body: Answer(writer, body, is_chat=True).chunks(), streams, tokens, rounds)
    finally:
        # A thread that computes while its process ends takes the process with it.
        writer.engine.stop()
        engine.join()


def measure(ask: Ask, streams: int, tokens: int, rounds: int) -> dict[str, float]:
    """Let so many ask at once, round after round; the first round warms everything up and is not counted."""
    found: list[Answered] = []
    seconds = 0.0
    for number in range(rounds + 1):
        answers, took = one_round(ask, [body_of(number * streams + place, tokens) for place in range(streams)])
        if number:
            found += answers
            seconds += took
    first = [answer.first_seconds for answer in found]
    return {
        "first_token_p50_ms": round(1000 * percentile(first, 50), 1),
        "first_token_p95_ms": round(1000 * percentile(first, 95), 1),
        "tokens_per_second": round(sum(answer.tokens for answer in found) / seconds, 1),
    }


def one_round(ask: Ask, bodies: Sequence[dict[str, Any]]) -> tuple[list[Answered], float]:
    start, answers = threading.Barrier(len(bodies) + 1), []
    failures: list[BaseException] = []

    def listen(body: dict[str, Any]) -> None:
        try:
            start.wait(ROUND_SECONDS)
            answers.append(answered(ask, body))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=listen, args=[body]) for body in bodies]
    for thread in threads:
        thread.start()
    start.wait(ROUND_SECONDS)
    begun = time.perf_counter()
    for thread in threads:
        thread.join(ROUND_SECONDS)
    if failures:
        raise failures[0]
    return answers, time.perf_counter() - begun


def answered(ask: Ask, body: dict[str, Any]) -> Answered:
    begun, first, tokens = time.perf_counter(), 0.0, 0
    for event in ask(body):
        assert "error" not in event, event
        if not first and any(choice.get("delta", {}).get("content") for choice in event.get("choices", [])):
            first = time.perf_counter() - begun
        if event.get("usage"):
            tokens = event["usage"]["completion_tokens"]
    # An answer may be its end alone.
    return Answered(first or time.perf_counter() - begun, tokens)


def body_of(number: int, tokens: int) -> dict[str, Any]:
    return {
        "messages": [{"role": "user", "content": f"Say something about the lamp, the {number}th time."}],
        "max_tokens": tokens,
        "temperature": 1.0,
        "seed": number,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
