"""A release directory to rows of token ids, with every row that is cut or left out counted by reason.

An answer is never cut: a row whose answer does not fit is left out. A prompt that is too long loses its oldest
tokens.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training import records
from training.chat import Chat, ChatError, Rendered
from training.losses import PairBatch
from training.ranking import pairs, tied_pairs
from training.records import DemonstrationRecord, Message, RankingRecord

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
    """Token ids of which those from `prompt_length` on are learned."""

    ids: list[int]
    prompt_length: int
    group: str

    @property
    def trained_tokens(self) -> int:
        """Count the learned tokens; a row's very first token has nothing to be predicted from."""
        return len(self.ids) - max(self.prompt_length, 1)


@dataclass(frozen=True)
class RankingRow:
    """A prompt's completions, each with the prompt before it, and the strict preferences among them.

    pairs: (better, worse) indices into `rows`; characters: the length of each completion's text.
    """

    rows: list[Rendered]
    pairs: list[tuple[int, int]]
    characters: list[int]
    group: str

    @property
    def tokens(self) -> int:
        return len(self.rows) * max(len(row.ids) for row in self.rows)


def read_demonstrations(release: Path, split: str, chat: Chat, max_length: int) -> tuple[list[TextRow], Counts]:
    """Read a split's demonstrations as rows whose answers are learned."""
    counts, rows = Counts(), []
    for record in records.read_demonstrations(release, split):
        counts.rows_in += 1
        if not record.completion.strip():
            counts.left_out["empty_completion"] += 1
            continue
        rendered = _render(chat, record.messages, [record.completion], max_length, counts)
        if rendered is not None:
            rows.append(TextRow(rendered[0].ids, rendered[0].prompt_length, record.group))
    counts.rows_used = len(rows)
    return rows, counts


def read_rankings(release: Path, split: str, chat: Chat, max_length: int) -> tuple[list[RankingRow], Counts]:
    """Read a split's rankings as rows of completions with their pairs.

    A ranking marked all bad is left out: its author says that none of it shows what is wanted.
    """
    counts, rows = Counts(), []
    for record in records.read_rankings(release, split):
        counts.rows_in += 1
        row = _ranking_row(record, chat, max_length, counts)
        if row is not None:
            rows.append(row)
    counts.rows_used = len(rows)
    return rows, counts


def read_conversations(release: Path, split: str, chat: Chat, max_length: int) -> tuple[list[TextRow], Counts]:
    """Read every text of a split, prompts and all completions, as rows that are learned whole.

    A conversation longer than `max_length` becomes several rows; a prompt with several completions is learned once.
    A ranking marked all bad is left out.
    """
    counts, rows = Counts(), []
    for record, completions in _conversations(release, split):
        counts.rows_in += 1
        if isinstance(record, RankingRecord) and record.all_bad:
            counts.left_out["all_bad"] += 1
            continue
        try:
            whole = [chat.render(record.messages, completion) for completion in completions]
        except ChatError as error:
            counts.left_out[error.reason] += 1
            continue
        counts.rows_used += 1
        for place, rendered in enumerate(whole):
            known = rendered.prompt_length if place else 0
            rows += _pieces(rendered.ids, known, record.group, max_length)
    return rows, counts


def texts(release: Path, split: str) -> Iterator[str]:
    """Yield every text of a split, for training a tokenizer."""
    for record, completions in _conversations(release, split):
        yield from (message.content for message in record.messages)
        yield from completions


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


def micro_batches(lengths: Sequence[int], most_tokens: int) -> list[list[int]]:
    """Group rows of like length so that each group, padded, holds at most `most_tokens` (or one row)."""
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if groups and lengths[index] * (len(groups[-1]) + 1) <= most_tokens:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def pad(rows: Sequence[Sequence[int]], pad_id: int) -> Tensor:
    """Stack rows of ids into [rows, longest], padded on the right.

    Under causal attention nothing on the left can see the padding, so no mask is needed and none is made.
    """
    longest = max(len(row) for row in rows)
    return torch.tensor([[*row, *[pad_id] * (longest - len(row))] for row in rows])


def learned_positions(rows: Sequence[TextRow]) -> Tensor:
    """Mark the learned tokens of padded rows: [rows, longest]."""
    starts = torch.tensor([row.prompt_length for row in rows])[:, None]
    ends = torch.tensor([len(row.ids) for row in rows])[:, None]
    position = torch.arange(int(ends.max()))[None, :]
    return (position >= starts) & (position < ends)


def pair_batch(rows: Sequence[RankingRow]) -> PairBatch:
    """Number the pairs of several rankings into one flat vector of scores, each ranking's weights summing to one."""
    better, worse, weight, offset = [], [], [], 0
    for row in rows:
        better += [offset + first for first, _ in row.pairs]
        worse += [offset + second for _, second in row.pairs]
        weight += [1 / len(row.pairs)] * len(row.pairs)
        offset += len(row.rows)
    return PairBatch(torch.tensor(better), torch.tensor(worse), torch.tensor(weight))


def _ranking_row(record: RankingRecord, chat: Chat, max_length: int, counts: Counts) -> RankingRow | None:
    if record.all_bad:
        counts.left_out["all_bad"] += 1
        return None
    texts = [completion.text for completion in record.completions]
    rendered = _render(chat, record.messages, texts, max_length, counts)
    if rendered is None:
        return None
    index = {completion.completion_id: place for place, completion in enumerate(record.completions)}
    strict = [(index[pair.better], index[pair.worse]) for pair in pairs(record.tiers)]
    # Two completions that read the same cannot be told apart: their pair would be noise for ever.
    kept = [(better, worse) for better, worse in strict if rendered[better].ids != rendered[worse].ids]
    counts.pairs.update(used=len(kept), tied=tied_pairs(record.tiers), identical=len(strict) - len(kept))
    if not kept:
        counts.left_out["identical_completions" if strict else "all_tied"] += 1
        return None
    return RankingRow(rendered, kept, [len(text) for text in texts], record.group)


def _render(
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
    return [Rendered([row.ids[0], *row.ids[excess + 1 :]], kept) for row in rendered]


def _pieces(ids: list[int], known: int, group: str, max_length: int) -> list[TextRow]:
    """Cut a long text into rows, without those that have nothing to learn."""
    pieces = [
        TextRow(ids[start : start + max_length], min(max(known - start, 0), max_length), group)
        for start in range(0, len(ids), max_length)
    ]
    return [piece for piece in pieces if piece.trained_tokens > 0]


def _conversations(release: Path, split: str) -> Iterator[tuple[DemonstrationRecord | RankingRecord, list[str]]]:
    for demonstration in records.read_demonstrations(release, split):
        yield demonstration, [demonstration.completion]
    for ranking in records.read_rankings(release, split):
        yield ranking, [completion.text for completion in ranking.completions]
