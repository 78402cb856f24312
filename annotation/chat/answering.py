"""A turn is answered: the filter reads it, the model answers, and the filter reads that before anybody else does.

What happens is yielded as events. Each write is a short transaction of its own, and between them no connection to the
database is held. Whoever stops listening ends the answer; so does a row that says it was stopped. A database that is
being restarted ends nothing: the answer goes on, and its row is written when there is one again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from psycopg_pool import PoolTimeout

from annotation.chat import consenting, queries
from annotation.chat.models import Conversation, ModerationDecision, Side, Turn, TurnRole, TurnState
from annotation.chat.window import Flagged, Window
from annotation.database.lending import give_back
from annotation.registry.models import Served
from annotation.registry.upstreams import UpstreamGone, Verdict, upstream_for
from annotation.tasks.messages import Message

MAX_TOKENS = 600
TEMPERATURE = 0.7
# How often the row is told how far an answer is, and asked whether it was stopped.
BEAT_SECONDS = 1.0
# How long an answer waits for its row when the database is away; then the sweep ends the turn, later.
AWAY_SECONDS = 30.0
AGAIN_SECONDS = 0.5

Event = dict[str, Any]
ResultT = TypeVar("ResultT")
_IS_AWAY = (OperationalError, InterfaceError, PoolTimeout)


class Speaker(Protocol):
    def chat(
        self, messages: Sequence[Mapping[str, str]], *, temperature: float, max_tokens: int, seed: int | None
    ) -> Iterator[str]: ...


class Filter(Protocol):
    def moderate(self, texts: Sequence[str], *, answering: str = "") -> list[Verdict]: ...


@dataclass(frozen=True)
class Said:
    """A verdict as the window reads it."""

    categories: tuple[str, ...]
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Ending:
    """How a turn ends, and what is told of it."""

    state: TurnState
    said: Said | None = None
    # What the filter found; for people who judge an appeal alone.
    found: str = ""
    error: str = ""

    @classmethod
    def by(cls, error: Exception, window: Window) -> Ending:
        if isinstance(error, Flagged):
            return cls(TurnState.REFUSED, said=Said(error.said.categories, window.scores), found=error.text)
        if isinstance(error, Unwanted):
            return cls(TurnState.STOPPED)
        return cls(TurnState.FAILED, error="filter_down" if isinstance(error, FilterGone) else "model_down")

    def told(self, turn: Turn) -> Event:
        if self.state == TurnState.REFUSED and self.said:
            side = Side.INPUT if turn.role == TurnRole.USER else Side.OUTPUT
            return {"type": "refused", "turn": turn.pk, "side": side, "categories": list(self.said.categories)}
        if self.state == TurnState.FAILED:
            return {"type": "failed", "turn": turn.pk, "error": self.error}
        return {"type": "done", "turn": turn.pk, "state": self.state}


class Unwanted(Exception):
    """The row says that nobody waits for more."""


class FilterGone(Exception):
    """The filter does not answer, so nothing is let through."""


@dataclass(frozen=True)
class Exchange:
    """One turn and what it is answered with. Made while a connection is at hand; needs none afterwards."""

    turn: Turn
    served: Served
    filter_served: Served
    seed: int
    clock: Callable[[], datetime]

    def events(self) -> Generator[Event, None, None]:
        """Answer the turn. Yields `said`, `refused`, `failed`, then for an answer `answering`, `piece` … and `done`."""
        try:
            if self.turn.state == TurnState.CHECKING and not (yield from self._let_in()):
                return
            yield from self._answer()
        except FilterGone:
            ending = Ending(TurnState.FAILED, error="filter_down")
            self._end(self.turn, ending)
            yield ending.told(self.turn)
        finally:
            self._end(self.turn, Ending(TurnState.STOPPED))

    def _let_in(self) -> Generator[Event, None, bool]:
        """Have the filter read what the person said; return whether it may go to the model."""
        said = self._check(self.turn.text)
        if said.categories:
            ending = Ending(TurnState.REFUSED, said=said, found=self.turn.text)
        else:
            ending = Ending(TurnState.COMPLETE, said=said)
        if not self._end(self.turn, ending):
            yield Ending(TurnState.STOPPED).told(self.turn)
            return False
        if said.categories:
            yield ending.told(self.turn)
            return False
        yield {"type": "said", "turn": self.turn.pk}
        return True

    def _answer(self) -> Generator[Event, None, None]:
        answer, messages = self._begin()
        yield {"type": "answering", "turn": answer.pk, "parent": self.turn.pk}
        window = Window(self._read)
        ending = Ending(TurnState.STOPPED)
        spoken = self._spoken(answer, window, messages)
        try:
            for piece in window.through(spoken):
                yield {"type": "piece", "text": piece}
            ending = Ending(TurnState.COMPLETE, said=Said((), window.scores))
        except (Unwanted, Flagged, UpstreamGone, FilterGone) as error:
            ending = Ending.by(error, window)
        finally:
            spoken.close()
            self._end(answer, ending, text=window.shown)
        yield ending.told(answer)

    def _spoken(self, answer: Turn, window: Window, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Yield what the model says, and now and then look whether anybody still wants it. Raises Unwanted."""
        last = self.clock()
        for piece in speak(self.served, messages, self.seed):
            yield piece
            if (self.clock() - last).total_seconds() >= BEAT_SECONDS:
                last = self.clock()
                if not self._beat(answer, window.shown):
                    raise Unwanted

    def _read(self, text: str) -> Said:
        """Have the filter read what a model says to the turn. Raises FilterGone."""
        return self._check(text, answering=self.turn.text)

    def _check(self, text: str, *, answering: str = "") -> Said:
        try:
            asked: Filter = upstream_for(self.filter_served)
            verdict = asked.moderate([text], answering=answering)[0]
        except UpstreamGone as error:
            raise FilterGone(str(error)) from error
        return Said(tuple(verdict.flagged), verdict.scores)

    def _begin(self) -> tuple[Turn, list[Message]]:
        return patiently(self._begin_once)

    def _begin_once(self) -> tuple[Turn, list[Message]]:
        with briefly():
            return self._begun(self.served, self.seed), queries.path_to(self.turn)

    def _begun(self, served: Served, seed: int) -> Turn:
        now = self.clock()
        return Turn.objects.create(
            conversation_id=self.turn.conversation_id,
            parent=self.turn,
            role=TurnRole.ASSISTANT,
            state=TurnState.WRITING,
            model_name=served.name,
            model_sha256=digest_of(served),
            seed=seed,
            created_at=now,
            beat_at=now,
        )

    def _beat(self, answer: Turn, shown: str) -> bool:
        """Keep what was shown until now; return whether anybody still wants more, as far as the database can say."""
        try:
            with briefly():
                rows = Turn.objects.filter(pk=answer.pk, state=TurnState.WRITING)
                return bool(rows.update(text=shown, beat_at=self.clock()))
        except _IS_AWAY:
            return True

    def _end(self, turn: Turn, ending: Ending, *, text: str = "") -> bool:
        """End a turn that is under way, with what the filter said; return whether it still was under way."""
        return patiently(lambda: self._ended(turn, ending, text))

    def _ended(self, turn: Turn, ending: Ending, text: str) -> bool:
        with briefly():
            conversation = Conversation.objects.select_for_update(of=("self",), no_key=True)
            owner = conversation.select_related("project", "person").get(pk=turn.conversation_id)
            now = self.clock()
            under_way = TurnState.CHECKING if turn.role == TurnRole.USER else TurnState.WRITING
            ended = {"state": ending.state, "error": ending.error, "finished_at": now} | (
                {"text": text} if text else {}
            )
            # One that was stopped keeps that, but not the words that were shown after the last beat.
            rows = Turn.objects.filter(pk=turn.pk, conversation__deleted_at=None)
            if not rows.filter(state=under_way).update(**ended):
                if text:
                    rows.filter(state=TurnState.STOPPED, role=TurnRole.ASSISTANT).update(text=text)
                return False
            if ending.said is not None:
                self._note(turn, ending.said, ending.found, now)
            if turn.role == TurnRole.USER and ending.state == TurnState.COMPLETE:
                consenting.contribute(owner, turn, now=now)
            return True

    def _note(self, turn: Turn, said: Said, found: str, now: datetime) -> None:
        ModerationDecision.objects.create(
            turn=turn,
            side=Side.INPUT if turn.role == TurnRole.USER else Side.OUTPUT,
            flagged=bool(said.categories),
            categories=list(said.categories),
            scores=dict(said.scores),
            text=found,
            filter_name=self.filter_served.name,
            filter_sha256=digest_of(self.filter_served),
            model_sha256=turn.model_sha256 if turn.role == TurnRole.ASSISTANT else digest_of(self.served),
            at=now,
        )


def speak(served: Served, messages: Sequence[Message], seed: int) -> Iterator[str]:
    """Yield what a model answers, as text that can be stored. Raises UpstreamGone. No database."""
    partner: Speaker = upstream_for(served)
    yield from map(_storable, partner.chat(messages, temperature=TEMPERATURE, max_tokens=MAX_TOKENS, seed=seed))


def patiently(write: Callable[[], ResultT]) -> ResultT:
    """Do what needs the database, again while it is away. Raise OperationalError where that is for long."""
    until = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            return write()
        except _IS_AWAY:
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            time.sleep(AGAIN_SECONDS)


@contextmanager
def briefly() -> Iterator[None]:
    """One transaction, after which the connection is given back, unless somebody around holds a larger one."""
    try:
        with transaction.atomic():
            yield
    finally:
        give_back()


def _storable(piece: str) -> str:
    """Replace what no text column holds: a model that writes bytes comes to NUL, and a server may send half a pair."""
    return piece.replace("\x00", "\ufffd").encode(errors="replace").decode()


def digest_of(served: Served) -> str:
    return served.model.sha256 if served.model else ""
