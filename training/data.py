"""A release directory to rows of token ids, with every row that is cut or left out counted by reason.

An answer is never cut: a row whose answer does not fit is left out. A prompt that is too long loses its oldest
tokens.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor

from training import parquet
from training.attention import Layout
from training.chat import Chat, ChatError, Rendered
from training.records import SPLITS, DemonstrationRecord, Message, RankingRecord

# The shortest piece of a prompt worth reading: a row with less room than this beside its answer is left out.
FEWEST_PROMPT_TOKENS = 8


@dataclass
class Counts:
    """What became of a split's rows; `pairs` counts the pairs of its rankings as used, tied or identical."""

    rows_in: int = 0
    rows_used: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    truncated: int = 0
    pairs: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        counts = {
            "rows_in": self.rows_in,
            "rows_used": self.rows_used,
            "left_out": dict(sorted(self.left_out.items())),
            "truncated": self.truncated,
        }
        return counts | ({"pairs": dict(sorted(self.pairs.items()))} if self.pairs else {})


@dataclass(frozen=True)
class TextRow:
    """Token ids of which those from `prompt_length` on are learned, and those in [start, end) of earlier `turns`.

    cut: the ids that stood after the first and did not fit.
    """

    ids: list[int]
    prompt_length: int
    group: str
    turns: tuple[tuple[int, int], ...] = ()
    cut: tuple[int, ...] = ()

    @property
    def learned(self) -> list[tuple[int, int]]:
        """Return where learned tokens stand, as [start, end); a row's first has nothing to be predicted from."""
        return [*self.turns, (max(self.prompt_length, 1), len(self.ids))]

    @property
    def trained_tokens(self) -> int:
        return sum(end - start for start, end in self.learned)


class Grouped(Protocol):
    """A row that belongs to a prompt group."""

    @property
    def group(self) -> str: ...


GroupedT = TypeVar("GroupedT", bound=Grouped)


@dataclass(frozen=True)
class Splits(Generic[GroupedT]):
    """A release's rows by split, and what became of the records they came from."""

    rows: dict[str, list[GroupedT]]
    counts: dict[str, Counts]


def read_splits(read: Callable[[str], tuple[list[GroupedT], Counts]], train_share: float) -> Splits[GroupedT]:
    """Read every split, and keep a share of the one that is learned from."""
    found = {split: read(split) for split in SPLITS}
    rows = {split: rows for split, (rows, _) in found.items()}
    counts = {split: count for split, (_, count) in found.items()}
    rows["train"] = share_of(rows["train"], train_share, counts["train"])
    return Splits(rows, counts)


def read_demonstrations(
    release: Path, split: str, chat: Chat, max_length: int, learn: str = "every_turn"
) -> tuple[list[TextRow], Counts]:
    """Read a split's demonstrations as rows whose answers are learned; `learn` says whether earlier turns are too."""
    counts, rows = Counts(), []
    for record in parquet.read_demonstrations(release, split):
        counts.rows_in += 1
        if not record.completion.strip():
            counts.left_out["empty_completion"] += 1
            continue
        rendered = render_all(chat, record.messages, [record.completion], max_length, counts)
        if rendered is not None:
            turns = rendered[0].turns if learn == "every_turn" else ()
            rows.append(TextRow(rendered[0].ids, rendered[0].prompt_length, record.group, turns, rendered[0].cut))
    counts.rows_used = len(rows)
    return rows, counts


def texts(release: Path, split: str) -> Iterator[str]:
    """Yield every text of a split, for training a tokenizer."""
    for record, completions in _conversations(release, split):
        yield from (message.content for message in record.messages)
        yield from completions


def share_of(rows: Sequence[GroupedT], share: float, counts: Counts) -> list[GroupedT]:
    """Keep a share of the prompt groups, by their hash: a smaller share is part of every larger one."""
    return keep(rows, lambda row: share == 1 or place_of(row.group) < share, "outside_train_share", counts)


def keep(rows: Sequence[GroupedT], is_kept: Callable[[GroupedT], bool], reason: str, counts: Counts) -> list[GroupedT]:
    """Keep some of the rows that were read, and count the others as left out for a reason."""
    kept = [row for row in rows if is_kept(row)]
    if left_out := len(rows) - len(kept):
        counts.left_out[reason] += left_out
        counts.rows_used -= left_out
    return kept


def plan_steps(
    sizes: Sequence[int], *, epochs: int, seed: int, most_tokens: int, most_rows: int | None = None
) -> list[list[int]]:
    """Fix every step of a run before the first: which rows, in which order.

    Each epoch is a shuffle of all rows, cut where the next row would pass `most_tokens` or `most_rows`.
    """
    generator = torch.Generator().manual_seed(seed)
    plan: list[list[int]] = []
    for _ in range(epochs):
        step: list[int] = []
        tokens = 0
        for index in torch.randperm(len(sizes), generator=generator).tolist():
            if step and (tokens + sizes[index] > most_tokens or len(step) == most_rows):
                plan.append(step)
                step, tokens = [], 0
            step.append(index)
            tokens += sizes[index]
        plan += [step] if step else []
    return plan


def micro_batches(sizes: Sequence[int], most_tokens: int) -> list[list[int]]:
    """Cut rows, in their order, into groups of at most `most_tokens` together (or one row)."""
    groups: list[list[int]] = []
    room = 0
    for index, size in enumerate(sizes):
        if size > room:
            groups.append([])
            room = most_tokens
        groups[-1].append(index)
        room -= size
    return groups


@dataclass(frozen=True)
class Flat:
    """Rows end to end. ids: [tokens]; read: [places], the tokens whose hidden states are wanted."""

    ids: Tensor
    layout: Layout
    read: Tensor


def flat_ends(rows: Sequence[Sequence[int]]) -> Flat:
    """Lay texts end to end; read the last token of each."""
    lengths = [len(row) for row in rows]
    ids = torch.tensor([token for row in rows for token in row])
    return Flat(ids, Layout.of_documents(lengths), torch.tensor(lengths).cumsum(dim=0) - 1)


def flat_texts(rows: Sequence[TextRow]) -> Flat:
    """Lay texts end to end; read every token that is followed by a learned one of its own text."""
    starts = itertools.accumulate((len(row.ids) for row in rows), initial=0)
    before = [
        torch.arange(start + first - 1, start + last - 1)
        for start, row in zip(starts, rows, strict=False)
        for first, last in row.learned
    ]
    ids = torch.tensor([token for row in rows for token in row.ids])
    return Flat(ids, Layout.of_documents([len(row.ids) for row in rows]), torch.cat(before))


def render_all(
    chat: Chat, messages: Sequence[Message], completions: Sequence[str], max_length: int, counts: Counts
) -> list[Rendered] | None:
    """Render a prompt's completions so that all fit, or count why they do not.

    The prompt is cut for the longest of them and so for all: no completion is judged with less of it than another.
    """
    try:
        rendered = [chat.render(messages, completion) for completion in completions]
    except ChatError as error:
        counts.left_out[error.reason] += 1
        return None
    excess = max(len(row.ids) for row in rendered) - max_length
    if excess <= 0:
        return rendered
    kept = rendered[0].prompt_length - excess
    if kept < FEWEST_PROMPT_TOKENS:
        counts.left_out["completion_too_long"] += 1
        return None
    counts.truncated += 1
    # The first token marks the beginning of a conversation: it stays, the oldest after it go.
    return [_without_oldest(row, excess) for row in rendered]


def _without_oldest(row: Rendered, excess: int) -> Rendered:
    """Drop the oldest tokens after the first; a turn that loses some of its tokens is context from then on."""
    turns = tuple((start - excess, end - excess) for start, end in row.turns if start > excess + 1)
    kept, cut = [row.ids[0], *row.ids[excess + 1 :]], tuple(row.ids[1 : excess + 1])
    return Rendered(kept, row.prompt_length - excess, turns, cut)


def place_of(group: str) -> float:
    """Return a number from 0 to 1 that depends on the group's name alone."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64


def _conversations(release: Path, split: str) -> Iterator[tuple[DemonstrationRecord | RankingRecord, list[str]]]:
    for demonstration in parquet.read_demonstrations(release, split):
        yield demonstration, [demonstration.completion]
    for ranking in parquet.read_rankings(release, split):
        yield ranking, [completion.text for completion in ranking.completions]
