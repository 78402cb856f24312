"""Continuous batching: requests join a running batch at any token, and leave it as they end.

One thread runs the model. Rows of the batch are padded on the left to the longest, so that a row which joins costs the
others nothing but its padding, and what a row is told does not depend on its neighbours, apart from the last bits of
the arithmetic. What was read is remembered for a while: a conversation's next turn begins where its last one ended.
A newer model takes over between two requests: what was asked before it came is answered by the older one to its end.

Source: iteration-level scheduling, Yu et al. 2022, "Orca", section 3.1; here with one cache for all rows of a batch.
"""

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import DynamicCache, PreTrainedModel

from training.events import Reporter, silent
from training.generation import Sampling, draw

# Fewer tokens than this are read again rather than looked for.
SHORTEST_PREFIX = 8
# How long whoever brings a newer model waits before knocking again at a full queue.
KNOCK_SECONDS = 0.05


class Full(Exception):
    """So many requests wait already that another would only wait in vain."""


class TooLong(ValueError):
    """The prompt leaves no room to write in what the model can read."""


@dataclass(frozen=True)
class Token:
    """One token that was written; likeliest: so many of the likeliest at its place as were asked for."""

    id: int
    log_prob: float
    likeliest: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Ended:
    """No more tokens will come; reason: stop, length, cancelled or error. token: what ended the text, if one did."""

    reason: str
    token: Token | None = None


@dataclass(eq=False)
class Request:
    """A text to go on from. What is written arrives in `said`, token by token, and an Ended after the last.

    answered_by: which of the models that one followed the other answers it, known once it is submitted.
    """

    ids: list[int]
    sampling: Sampling
    seed: int
    likeliest: int = 0
    said: "queue.SimpleQueue[Token | Ended]" = field(default_factory=queue.SimpleQueue)
    is_cancelled: bool = False
    answered_by: str | None = None

    def cancel(self) -> None:
        """Let the row leave before its next token: nobody listens any more."""
        self.is_cancelled = True


@dataclass(frozen=True)
class _Newer:
    """A model that answers all that stands behind it in the queue."""

    model: PreTrainedModel


@dataclass(eq=False)
class _Row:
    request: Request
    ids: list[int]
    draws: Tensor
    # Columns of the cache before its first token.
    padding: int = 0
    written: int = 0


Layers = list[tuple[Tensor, Tensor]]


class Remembered:
    """Caches of texts that were read, the least lately used forgotten first."""

    def __init__(self, most_tokens: int) -> None:
        self.most_tokens = most_tokens
        self.held: OrderedDict[tuple[int, ...], Layers] = OrderedDict()

    def put(self, ids: Sequence[int], layers: Layers) -> None:
        """Keep what was read; layers: [1, heads, len(ids), width] each."""
        key = tuple(ids)
        self.held.pop(key, None)
        self.held[key] = layers
        while self.held and sum(map(len, self.held)) > self.most_tokens:
            self.held.popitem(last=False)

    def forget(self) -> None:
        """Drop all: another model reads the same texts otherwise."""
        self.held.clear()

    def find(self, ids: Sequence[int]) -> Layers | None:
        """Return the cache of the longest beginning of a text that was read before, without its last token."""
        best, key = 0, None
        for held in self.held:
            shared = _shared(held, ids)
            if shared > best:
                best, key = shared, held
        best = min(best, len(ids) - 1)
        if key is None or best < SHORTEST_PREFIX:
            return None
        self.held.move_to_end(key)
        return [(keys[..., :best, :], values[..., :best, :]) for keys, values in self.held[key]]


class Engine:
    """A model at work for many at once."""

    def __init__(
        self,
        model: PreTrainedModel,
        *,
        stop_ids: frozenset[int],
        barred_ids: frozenset[int],
        context: int,
        at_once: int,
        waiting: int,
        remembered_tokens: int,
        report: Reporter = silent,
        name: str | None = None,
    ) -> None:
        """name: what tells the model from those that may follow it."""
        self.report, self.name = report, name
        self.model, self.context, self.at_once = model.eval(), context, at_once
        self.stop_ids = stop_ids
        self.barred = torch.tensor(sorted(barred_ids), dtype=torch.long, device=model.device)
        self.remembered = Remembered(remembered_tokens)
        self.waiting: queue.Queue[Request | _Newer] = queue.Queue(waiting)
        # Held by whoever puts something into the queue, so that what is asked together is answered by one model.
        self.door = threading.Lock()
        self.newer: _Newer | None = None
        self.rows: list[_Row] = []
        self.cache: DynamicCache | None = None
        self.logits = torch.zeros(0)
        self.is_stopped = threading.Event()
        self.read_tokens = self.reused_tokens = 0

    def submit(self, *requests: Request) -> None:
        """Take requests, which one model will answer. Raises TooLong, and Full where the queue is."""
        with self.door:
            for request in requests:
                if len(request.ids) + 1 > self.context:
                    raise TooLong(
                        f"The model reads at most {self.context} tokens and the prompt has {len(request.ids)}: "
                        "shorten it."
                    )
                request.answered_by = self.name
                try:
                    self.waiting.put_nowait(request)
                except queue.Full:
                    raise Full(f"{self.waiting.maxsize} requests wait already; try again in a moment.") from None

    def follow(self, model: PreTrainedModel, name: str) -> None:
        """Let a newer model, on the same device, answer all that is asked from now on."""
        while not self.is_stopped.is_set():
            with self.door:
                try:
                    self.waiting.put_nowait(_Newer(model.eval()))
                except queue.Full:
                    pass
                else:
                    self.name = name
                    return
            time.sleep(KNOCK_SECONDS)

    def run(self) -> None:
        """Work until stopped; a request that the model fails on ends, the others go on."""
        with torch.inference_mode():
            while not self.is_stopped.is_set():
                self._let_in()
                if self.rows:
                    self._step()
        for row in self.rows:
            row.request.said.put(Ended("cancelled"))

    def stop(self) -> None:
        self.is_stopped.set()

    def _let_in(self) -> None:
        """Let one request join: those at work should not wait for several prompts to be read."""
        if self.newer is not None and not self.rows:
            self.model, self.newer = self.newer.model, None
            self.remembered.forget()
        if self.newer is not None or len(self.rows) >= self.at_once:
            return
        try:
            request = (
                self.waiting.get(timeout=None if self.rows else 0.05) if not self.rows else self.waiting.get_nowait()
            )
        except queue.Empty:
            return
        if isinstance(request, _Newer):
            self.newer = request
            return
        if request.is_cancelled:
            request.said.put(Ended("cancelled"))
            return
        try:
            self._join(request)
        except RuntimeError as error:
            # Torch's own failures, memory before all: this request's prompt was too much, the others' were not.
            self.report("log", level="warning", message=f"A prompt of {len(request.ids)} tokens failed: {error}")
            request.said.put(Ended("error"))

    def _join(self, request: Request) -> None:
        """Read a prompt, from where something like it was read before, and let its row join the batch."""
        known = self.remembered.find(request.ids)
        cache, start = DynamicCache(), 0
        for place, (keys, values) in enumerate(known or []):
            cache.update(keys, values, place)
            start = keys.shape[-2]
        device = self.model.device
        ids = torch.tensor([request.ids[start:]], device=device)
        seen = self.model(
            input_ids=ids,
            attention_mask=torch.ones(1, len(request.ids), dtype=torch.long, device=device),
            position_ids=torch.arange(start, len(request.ids), device=device)[None],
            past_key_values=cache,
            logits_to_keep=1,
        )
        self.read_tokens, self.reused_tokens = self.read_tokens + len(request.ids) - start, self.reused_tokens + start
        layers = _layers(cache)
        self.remembered.put(request.ids, layers)
        generator = torch.Generator().manual_seed(request.seed)
        row = _Row(request, list(request.ids), torch.rand(request.sampling.max_new_tokens, generator=generator))
        self._add(row, layers, seen.logits[:, -1].float())

    def _add(self, row: _Row, layers: Layers, logits: Tensor) -> None:
        """Put a row beside those at work, padding whichever is shorter."""
        if self.cache is None or not self.rows:
            self.cache, self.logits, self.rows = _cache_of(layers), logits, [row]
            return
        held, length = _layers(self.cache), len(row.ids)
        width = held[0][0].shape[-2]
        more, row.padding = max(0, length - width), max(0, width - length)
        for other in self.rows:
            other.padding += more
        self.cache = _cache_of(
            [
                (
                    torch.cat([_padded(keys, more), _padded(new_keys, row.padding)]),
                    torch.cat([_padded(values, more), _padded(new_values, row.padding)]),
                )
                for (keys, values), (new_keys, new_values) in zip(held, layers, strict=True)
            ]
        )
        self.logits = torch.cat([self.logits, logits])
        self.rows.append(row)

    def _step(self) -> None:
        """Draw a token for every row, tell it, let go of those that end, and read what was drawn."""
        logits = self.logits.index_fill(1, self.barred, float("-inf"))
        drawn = self._draw(logits)
        log_probs = logits.log_softmax(dim=-1)
        tokens = drawn.tolist()
        kept = []
        for place, (row, token) in enumerate(zip(self.rows, tokens, strict=True)):
            ended = self._tell(row, token, log_probs[place])
            if ended is None:
                kept.append(place)
            else:
                self._remember(place)
                row.request.said.put(ended)
        if len(kept) < len(self.rows):
            drawn = drawn[kept]
            self._keep(kept)
        if not self.rows:
            return
        device = self.model.device
        width = len(self.rows[0].ids) + self.rows[0].padding
        padding = torch.tensor([row.padding for row in self.rows], device=device)
        mask = (torch.arange(width, device=device)[None] >= padding[:, None]).long()
        positions = torch.tensor([[len(row.ids) - 1] for row in self.rows], device=device)
        self.logits = (
            self.model(
                input_ids=drawn[:, None], attention_mask=mask, position_ids=positions, past_key_values=self.cache
            )
            .logits[:, -1]
            .float()
        )

    def _draw(self, logits: Tensor) -> Tensor:
        """Draw each row's next token by its own sampling and chance."""
        found = torch.zeros(len(self.rows), dtype=torch.long, device=logits.device)
        by_sampling: dict[tuple[float, float], list[int]] = {}
        for place, row in enumerate(self.rows):
            by_sampling.setdefault((row.request.sampling.temperature, row.request.sampling.top_p), []).append(place)
        for places in by_sampling.values():
            chance = torch.stack([self.rows[place].draws[self.rows[place].written] for place in places])
            found[places] = draw(logits[places], chance.to(logits.device), self.rows[places[0]].request.sampling)
        return found

    def _tell(self, row: _Row, token: int, log_probs: Tensor) -> Ended | None:
        """Tell a row's listener its token; return how the row ends, or None."""
        request = row.request
        if request.is_cancelled:
            return Ended("cancelled")
        if token in self.stop_ids:
            return Ended("stop", Token(token, float(log_probs[token])))
        likeliest: tuple[tuple[int, float], ...] = ()
        if request.likeliest:
            top = log_probs.topk(request.likeliest)
            likeliest = tuple(zip(top.indices.tolist(), top.values.tolist(), strict=True))
        request.said.put(Token(token, float(log_probs[token]), likeliest))
        row.ids.append(token)
        row.written += 1
        if row.written >= request.sampling.max_new_tokens or len(row.ids) >= self.context:
            return Ended("length")
        return None

    def _remember(self, place: int) -> None:
        """Keep what a row has read: all but the token that was drawn last, which nobody has read yet."""
        row = self.rows[place]
        assert self.cache is not None
        layers = [
            (keys[place : place + 1, :, row.padding :].clone(), values[place : place + 1, :, row.padding :].clone())
            for keys, values in _layers(self.cache)
        ]
        self.remembered.put(row.ids[: layers[0][0].shape[-2]], layers)

    def _keep(self, kept: list[int]) -> None:
        """Let all other rows go, and with them the columns that padded theirs alone."""
        self.rows = [self.rows[place] for place in kept]
        if not kept or self.cache is None:
            self.cache, self.logits = None, torch.zeros(0)
            return
        spare = min(row.padding for row in self.rows)
        for row in self.rows:
            row.padding -= spare
        self.cache = _cache_of(
            [(keys[kept][:, :, spare:], values[kept][:, :, spare:]) for keys, values in _layers(self.cache)]
        )


def _layers(cache: DynamicCache) -> Layers:
    layers: list[Any] = cache.layers
    return [(layer.keys, layer.values) for layer in layers]


def _cache_of(layers: Layers) -> DynamicCache:
    cache = DynamicCache()
    for place, (keys, values) in enumerate(layers):
        cache.update(keys, values, place)
    return cache


def _padded(states: Tensor, columns: int) -> Tensor:
    """Put so many empty columns before a row's states, [rows, heads, tokens, width]."""
    return functional.pad(states, (0, 0, columns, 0)) if columns else states


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Count the tokens that two texts begin with alike."""
    for place, (here, there) in enumerate(zip(one, other, strict=False)):
        if here != there:
            return place
    return min(len(one), len(other))


def listen(request: Request, *, seconds: float) -> Any:
    """Yield what a request is told until it ends. Raises TimeoutError where nothing comes for so long."""
    while True:
        try:
            said = request.said.get(timeout=seconds)
        except queue.Empty:
            request.cancel()
            raise TimeoutError("The model has said nothing for too long.") from None
        yield said
        if isinstance(said, Ended):
            return
