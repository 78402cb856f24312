"""A turn is answered: the filter reads it, the model answers, and the filter reads that before anybody else does.

What happens is yielded as events. Each write is a short transaction of its own, and between them no connection to the
database is held. Whoever stops listening ends the answer; so does a row that says it was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction

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

Event = dict[str, Any]


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
            self._end(self.turn, TurnState.FAILED, error="filter_down")
            yield {"type": "failed", "turn": self.turn.pk, "error": "filter_down"}
        finally:
            self._end(self.turn, TurnState.STOPPED)

    def _let_in(self) -> Generator[Event, None, bool]:
        """Have the filter read what the person said; return whether it may go to the model."""
        said = self._check(self.turn.text)
        if said.categories:
            ended = self._end(self.turn, TurnState.REFUSED, said=said, found=self.turn.text)
        else:
            ended = self._end(self.turn, TurnState.COMPLETE, said=said)
        if not ended:
            yield {"type": "done", "turn": self.turn.pk, "state": TurnState.STOPPED}
            return False
        if said.categories:
            yield _refusal(self.turn, Side.INPUT, said)
            return False
        yield {"type": "said", "turn": self.turn.pk}
        return True

    def _answer(self) -> Generator[Event, None, None]:
        answer, messages = self._begin()
        yield {"type": "answering", "turn": answer.pk, "parent": self.turn.pk}
        window = Window(lambda text: self._check(text, answering=self.turn.text))
        ending: dict[str, Any] = {"state": TurnState.STOPPED}
        spoken = self._spoken(answer, window, messages)
        try:
            for piece in window.through(spoken):
                yield {"type": "piece", "text": piece}
            ending = {"state": TurnState.COMPLETE, "said": Said((), window.scores)}
        except Unwanted:
            pass
        except Flagged as flagged:
            said = Said(flagged.said.categories, window.scores)
            ending = {"state": TurnState.REFUSED, "said": said, "found": flagged.text}
        except (UpstreamGone, FilterGone) as error:
            ending = {"state": TurnState.FAILED, "error": _word(error)}
        finally:
            spoken.close()
            self._end(answer, text=window.shown, **ending)
        if ending["state"] == TurnState.REFUSED:
            yield _refusal(answer, Side.OUTPUT, ending["said"])
        elif ending["state"] == TurnState.FAILED:
            yield {"type": "failed", "turn": answer.pk, "error": ending["error"]}
        else:
            yield {"type": "done", "turn": answer.pk, "state": ending["state"]}

    def _spoken(self, answer: Turn, window: Window, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Yield what the model says, and now and then look whether anybody still wants it. Raises Unwanted."""
        partner: Speaker = upstream_for(self.served)
        last = self.clock()
        for piece in partner.chat(messages, temperature=TEMPERATURE, max_tokens=MAX_TOKENS, seed=self.seed):
            yield piece
            if (self.clock() - last).total_seconds() >= BEAT_SECONDS:
                last = self.clock()
                if not self._beat(answer, window.shown):
                    raise Unwanted

    def _check(self, text: str, *, answering: str = "") -> Said:
        try:
            asked: Filter = upstream_for(self.filter_served)
            verdict = asked.moderate([text], answering=answering)[0]
        except UpstreamGone as error:
            raise FilterGone(str(error)) from error
        return Said(tuple(verdict.flagged), verdict.scores)

    def _begin(self) -> tuple[Turn, list[Message]]:
        with briefly():
            now = self.clock()
            answer = Turn.objects.create(
                conversation_id=self.turn.conversation_id,
                parent=self.turn,
                role=TurnRole.ASSISTANT,
                state=TurnState.WRITING,
                model_name=self.served.name,
                model_sha256=_digest(self.served),
                seed=self.seed,
                created_at=now,
                beat_at=now,
            )
            return answer, queries.path_to(self.turn)

    def _beat(self, answer: Turn, shown: str) -> bool:
        """Keep what was shown until now; return whether anybody still wants more."""
        with briefly():
            rows = Turn.objects.filter(pk=answer.pk, state=TurnState.WRITING)
            return bool(rows.update(text=shown, beat_at=self.clock()))

    def _end(
        self,
        turn: Turn,
        state: TurnState,
        *,
        said: Said | None = None,
        found: str = "",
        error: str = "",
        text: str = "",
    ) -> bool:
        """End a turn that is under way, with what the filter said; return whether it still was under way."""
        with briefly():
            conversation = Conversation.objects.select_for_update(of=("self",), no_key=True)
            owner = conversation.select_related("project", "person").get(pk=turn.conversation_id)
            now = self.clock()
            under_way = TurnState.CHECKING if turn.role == TurnRole.USER else TurnState.WRITING
            ended = {"state": state, "error": error, "finished_at": now} | ({"text": text} if text else {})
            # One that was stopped keeps that, but not the words that were shown after the last beat.
            rows = Turn.objects.filter(pk=turn.pk, conversation__deleted_at=None)
            if not rows.filter(state=under_way).update(**ended):
                if text:
                    rows.filter(state=TurnState.STOPPED, role=TurnRole.ASSISTANT).update(text=text)
                return False
            if said is not None:
                self._note(turn, said, found, now)
            if turn.role == TurnRole.USER and state == TurnState.COMPLETE:
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
            filter_sha256=_digest(self.filter_served),
            model_sha256=_digest(self.served),
            at=now,
        )


@contextmanager
def briefly() -> Iterator[None]:
    """One transaction, after which the connection is given back, unless somebody around holds a larger one."""
    try:
        with transaction.atomic():
            yield
    finally:
        give_back()


def _refusal(turn: Turn, side: Side, said: Said) -> Event:
    return {"type": "refused", "turn": turn.pk, "side": side, "categories": list(said.categories)}


def _digest(served: Served) -> str:
    return served.model.sha256 if served.model else ""


def _word(error: Exception) -> str:
    return "filter_down" if isinstance(error, FilterGone) else "model_down"
