"""People who go on working while the worker does: claim and submit, with a little thought between."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.benchmarks.queue_load import Annotator, percentile

PEOPLE, THINK_SECONDS = 4, 0.2


@dataclass
class Crowd:
    """Each hands in an answer and gets the next task in one round trip, thinks, and does so again."""

    annotators: Sequence[Annotator]
    protocol_id: int
    seconds: list[float] = field(default_factory=list)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let them work while the block runs; what they waited is in `seconds` afterwards."""
        done = threading.Event()
        failures: list[BaseException] = []

        def work(annotator: Annotator) -> None:
            try:
                while not done.wait(THINK_SECONDS) and annotator.claim:
                    annotator.hand_over()
            except BaseException as error:
                failures.append(error)

        for annotator in self.annotators:
            # The server has closed a connection that was idle since the last stage; the next request opens another.
            annotator.line.close()
            annotator.begin(self.protocol_id)
            annotator.hand_over()
            annotator.seconds.clear()
        threads = [threading.Thread(target=work, args=[annotator]) for annotator in self.annotators]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            done.set()
            for thread in threads:
                thread.join()
            for annotator in self.annotators:
                annotator.stop()
        if failures:
            raise failures[0]
        self.seconds = [second for annotator in self.annotators for second in annotator.seconds]

    def work_for(self, seconds: float) -> float:
        """Let them work with nothing else going on, and return the 95th percentile in milliseconds."""
        with self.working():
            time.sleep(seconds)
        return self.p95_ms

    @property
    def p95_ms(self) -> float:
        return 1000 * percentile(self.seconds, 95) if self.seconds else 0.0
