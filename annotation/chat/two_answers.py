"""What is said is answered twice at once, blind, for its person to choose: both answers pass the filter as one does.

Each answer is written by a thread that knows no database; this one keeps the rows, and yields what was checked. So
both are there when the slower one is, and neither holds a connection meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from random import Random

from annotation.chat import answering, choosing, queries
from annotation.chat.answering import Ending, Event, Exchange, FilterGone, Said
from annotation.chat.models import Choice, ChoiceState, Conversation, Turn, TurnState
from annotation.chat.window import Flagged, Window
from annotation.registry.models import Served
from annotation.registry.upstreams import UpstreamGone
from annotation.tasks.messages import Message

LARGEST_SEED = 2**31


@dataclass(frozen=True)
class Told:
    """What a writing thread has to say: a piece that was checked, or the end."""

    place: str
    text: str = ""
    ending: Ending | None = None


@dataclass
class Side:
    """One of the two answers while it is written."""

    turn: Turn
    served: Served
    seed: int
    shown: str = ""
    is_open: bool = True


@dataclass(frozen=True)
class TwoAnswers(Exchange):
    """One turn, answered twice: by `served` and `second`, which stand left and right as chance has it."""

    asked: choosing.Asked
    second: Served
    second_seed: int
    served_is_left: bool
    _told: SimpleQueue[Told] = field(default_factory=SimpleQueue)
    _unwanted: threading.Event = field(default_factory=threading.Event)

    def _answer(self) -> Generator[Event, None, None]:
        """Yields `choice`, then `piece`, `refused`, `failed` and `done` with their `place`, and last how it stands."""
        sides, messages = self._begin_both()
        yield {"type": "choice", "turn": self.turn.pk} | {place: side.turn.pk for place, side in sides.items()}
        try:
            for place, side in sides.items():
                threading.Thread(target=self._write, args=(place, side, messages), daemon=True).start()
            yield from self._listen(sides)
        finally:
            self._unwanted.set()
            for side in sides.values():
                if side.is_open:
                    self._end(side.turn, Ending(TurnState.STOPPED), text=side.shown)
            choice = answering.patiently(self._settled)
        yield {"type": "choose" if choice.state == ChoiceState.OPEN else "settled", "turn": self.turn.pk}

    def _begin_both(self) -> tuple[dict[str, Side], list[Message]]:
        return answering.patiently(self._begin_both_once)

    def _begin_both_once(self) -> tuple[dict[str, Side], list[Message]]:
        with answering.briefly():
            writers = [(self.served, self.seed), (self.second, self.second_seed)]
            # Rows in the order shown, so that their numbers tell nothing either.
            placed = zip(("left", "right"), writers if self.served_is_left else writers[::-1], strict=True)
            sides = {place: Side(self._begun(served, seed), served, seed) for place, (served, seed) in placed}
            left, right = (side.turn for side in sides.values())
            choosing.begin(said=self.turn, left=left, right=right, asked=self.asked, now=self.clock())
            return sides, queries.path_to(self.turn)

    def _settled(self) -> Choice:
        with answering.briefly():
            return choosing.settle(said=self.turn, now=self.clock())

    def _listen(self, sides: Mapping[str, Side]) -> Iterator[Event]:
        last = self.clock()
        while any(side.is_open for side in sides.values()):
            if (told := self._next()) is not None:
                yield self._take(told, sides[told.place])
            if (self.clock() - last).total_seconds() >= answering.BEAT_SECONDS:
                last = self.clock()
                if not self._beat_all(sides):
                    return

    def _next(self) -> Told | None:
        try:
            return self._told.get(timeout=max(answering.BEAT_SECONDS, 0.01))
        except Empty:
            return None

    def _take(self, told: Told, side: Side) -> Event:
        if told.ending is None:
            side.shown += told.text
            return {"type": "piece", "text": told.text, "place": told.place}
        side.is_open = False
        self._end(side.turn, told.ending, text=side.shown)
        return told.ending.told(side.turn) | {"place": told.place}

    def _beat_all(self, sides: Mapping[str, Side]) -> bool:
        """Keep what was shown until now; return whether anybody still wants more of all that is being written."""
        return all(self._beat(side.turn, side.shown) for side in sides.values() if side.is_open)

    def _write(self, place: str, side: Side, messages: Sequence[Message]) -> None:
        """A thread's whole work. Whatever happens, an end is told: the other thread waits for it."""
        window = Window(self._read)
        ending = Ending(TurnState.FAILED, error="broken_off")
        try:
            for piece in window.through(self._heard(side, messages)):
                self._told.put(Told(place, text=piece))
            ending = Ending(TurnState.COMPLETE, said=Said((), window.scores))
        except (answering.Unwanted, Flagged, UpstreamGone, FilterGone) as error:
            ending = Ending.by(error, window)
        finally:
            self._told.put(Told(place, ending=ending))

    def _heard(self, side: Side, messages: Sequence[Message]) -> Iterator[str]:
        for piece in answering.speak(side.served, messages, side.seed):
            if self._unwanted.is_set():
                raise answering.Unwanted
            yield piece


def exchange_for(
    *, conversation: Conversation, turn: Turn, random: Random, clock: Callable[[], datetime], may_be_two: bool = True
) -> Exchange:
    """Return what answers the turn: once, or twice as often as the project asks for. Reads rows; made before a stream.

    `random` decides how often, who stands where, and the seeds.
    """
    found = queries.filter_of(conversation.project)
    assert found is not None, "actions refuse to speak without a filter"
    first = random.randrange(LARGEST_SEED)
    asked = choosing.asked_of(conversation) if may_be_two else None
    if asked is None or random.random() >= asked.share:
        return Exchange(turn, conversation.served, found, first, clock)
    return TwoAnswers(
        turn,
        conversation.served,
        found,
        first,
        clock,
        asked=asked,
        second=asked.second,
        # Another seed, whatever comes.
        second_seed=(first + random.randrange(1, LARGEST_SEED)) % LARGEST_SEED,
        served_is_left=random.random() < 0.5,
    )
