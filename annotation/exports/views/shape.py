"""What a view is: a release's records as one trainer reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotation.exports.choices import Choices, Option, read_choices
from training.records import SPLITS

Record = Mapping[str, Any]
Row = dict[str, Any]
# What becomes of a record: a row, or for a part of it that becomes none the reason why, to be counted.
Outcome = Row | str
# The types that a row's key can have; see `View.columns`.
TEXT, NUMBER, TRUTH, MESSAGES = "text", "number", "truth", "messages"
# ShareGPT's turns and one of them, and alpaca's pairs of question and answer.
SPOKEN, SPOKEN_TURN, HISTORY = "spoken", "spoken_turn", "history"
# A view that needs every field of its records.
EVERYTHING: tuple[str, ...] = ()


def _none(*given: object) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class View:
    """A pure projection of records, the JSON that a release holds, to rows.

    `kinds` are the files of a release that it reads, `fields` what it needs of their records beside their kind.
    `rows` yields what becomes of a record; no key of a row has a null value. `loses` says in words what the format
    cannot carry. Each split is a file, `<split>.<extension>`. `beside` returns the JSON files that go with them, by
    name, given {split: file name}. `columns` names the types of a row's keys where every row has the same ones: such
    a view may be Parquet as well. A `distinct` view writes equal rows of one prompt group once. A view that must see
    many records at once has `together`, which takes a split's records by group, and `needs_training` where it
    computes with what comes with training's packages.
    `version` counts changes of what `rows` yields: what an older one wrote is not taken for this one's.
    """

    id: str
    label: str
    source: str
    kinds: tuple[str, ...]
    fields: tuple[str, ...]
    rows: Callable[[Record, Choices], Iterator[Outcome]]
    loses: tuple[str, ...]
    options: tuple[Option, ...] = ()
    splits: tuple[str, ...] = SPLITS
    extension: str = "jsonl"
    columns: Callable[[Choices], Mapping[str, str]] = _none
    beside: Callable[[Choices, Mapping[str, str]], Mapping[str, Any]] = _none
    distinct: bool = False
    together: Callable[[Iterable[Record], Choices], Iterator[Outcome]] | None = None
    needs_training: bool = False
    version: int = 1

    def choices(self, given: object = None) -> dict[str, Any]:
        """Return every option with its value, the default where none is given. Raise BadChoice."""
        return dict(read_choices(self.options, given or {}))

    def stream(self, records: Iterable[Record], choices: Choices | None = None) -> Iterator[Outcome]:
        """Yield what becomes of the records, one in memory at a time unless they are looked at together."""
        chosen = self.choices() if choices is None else choices
        if self.together is not None:
            yield from self.together(records, chosen)
        else:
            for record in records:
                yield from self.rows(record, chosen)
