"""Annotators without think time: each asks for a task once, then answers and gets the next in one round trip."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Now and then an answer is sent twice, as by a client that lost the reply.
TWICE_EVERY = 20
IDLE_SECONDS = 15.0


@dataclass
class Annotator:
    """Somebody signed in, by session or by token, on a connection that stays open."""

    host: str
    headers: dict[str, str]
    protocol_id: int = 0
    claim: dict[str, Any] | None = None
    seconds: list[float] = field(default_factory=list)
    accepted: int = 0
    doubled: int = 0
    used: float = 0.0

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection(self.host, timeout=60)

    def begin(self, protocol_id: int) -> None:
        """Take the first task of a queue and forget what was measured before."""
        self.protocol_id, self.seconds = protocol_id, []
        status, self.claim = self.post("/api/work/claims/", {"protocol": protocol_id})
        assert status == 201, (status, self.claim)

    def hand_over(self) -> None:
        """Answer the task in hand and get the next, with its prompt and completions."""
        assert self.claim
        labels = [completion["label"] for completion in self.claim["completions"]]
        body = {
            "payload": {"tiers": [labels[:1], labels[1:]], "rationale": "The first says why."},
            "seconds": 30.5,
            "idempotency_key": str(uuid.uuid4()),
        }
        address = f"/api/work/claims/{self.claim['id']}/submit/"
        begun = time.perf_counter()
        status, reply = self.post(address, body)
        self.seconds.append(time.perf_counter() - begun)
        assert status == 200, (status, reply)
        self.accepted += 1
        if self.accepted % TWICE_EVERY == 0:
            _, again = self.post(address, body)
            self.doubled += again["answer"]["id"] != reply["answer"]["id"]
            reply["next"] = again["next"]
        self.claim = reply["next"]
        assert self.claim is None or (self.claim["messages"] and len(self.claim["completions"]) == len(labels))

    def stop(self) -> None:
        if self.claim:
            self.post(f"/api/work/claims/{self.claim['id']}/release/", None)
            # The server closes a line on which it answered before the body came, as it does on a busy machine.
            self.line.close()
        self.claim = None

    def post(self, path: str, body: object) -> tuple[int, Any]:
        if time.perf_counter() - self.used > IDLE_SECONDS:
            self.line.close()  # the server soon would; the next request opens it again
        self.used = time.perf_counter()
        self.line.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **self.headers})
        answer = self.line.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


@dataclass
class Measured:
    loops: int
    seconds: float
    cpu_seconds: float
    latencies: list[float]

    def figures(self) -> dict[str, float]:
        return {
            "loops_per_second": round(self.loops / self.seconds, 1),
            "cpu_ms_per_loop": round(1000 * self.cpu_seconds / self.loops, 2),
            **{f"p{rank}_ms": round(1000 * percentile(self.latencies, rank), 1) for rank in (50, 95, 99)},
        }


def measure(
    annotators: Sequence[Annotator],
    protocol_id: int,
    seconds: float,
    roots: Sequence[int],
    *,
    until_done: Callable[[], None],
) -> Measured:
    """Let all of them work for so long, and read the processors' account of the server's processes round it.

    `until_done` waits for what the site does with the answers afterwards, which is on the same account.
    """
    for annotator in annotators:
        annotator.begin(protocol_id)
        for _ in range(3):
            annotator.hand_over()
        annotator.seconds.clear()
    start = threading.Barrier(len(annotators) + 1)
    failures: list[BaseException] = []

    def work(annotator: Annotator) -> None:
        try:
            start.wait()
            while time.perf_counter() < until[0] and annotator.claim:
                annotator.hand_over()
        except BaseException as error:
            failures.append(error)

    until = [0.0]
    threads = [threading.Thread(target=work, args=[annotator]) for annotator in annotators]
    for thread in threads:
        thread.start()
    before, begun = cpu_seconds(roots), time.perf_counter()
    until[0] = begun + seconds
    start.wait()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    until_done()
    spent = cpu_seconds(roots) - before
    if failures:
        raise failures[0]
    latencies = [latency for annotator in annotators for latency in annotator.seconds]
    for annotator in annotators:
        annotator.stop()
    return Measured(len(latencies), took, spent, latencies)


def percentile(values: Sequence[float], rank: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * rank // 100)]


def cpu_seconds(roots: Sequence[int]) -> float:
    """Return what these processes and all their descendants, ended ones too, have had of the processors so far."""
    ticks, parents = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            # user and system time, its own and that of children it has waited for
            ticks[int(folder.name)] = sum(map(int, fields[11:15]))
            parents[int(folder.name)] = int(fields[1])
    wanted = {pid for pid in ticks if _descends(pid, roots, parents)}
    return sum(ticks[pid] for pid in wanted) / 100


def _descends(pid: int, roots: Sequence[int], parents: dict[int, int]) -> bool:
    while pid:
        if pid in roots:
            return True
        pid = parents.get(pid, 0)
    return False
