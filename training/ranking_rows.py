"""Rankings as rows of token ids: which of a prompt's completions is better than which, and all of it as one batch."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from training import parquet
from training.attention import Layout
from training.chat import Chat, Rendered
from training.data import Counts, Flat, render_all
from training.ranking import pairs, tied_pairs
from training.ranking_losses import PairBatch, StageBatch, stage_batch
from training.records import RankingRecord


@dataclass(frozen=True, kw_only=True)
class RankingRow:
    """A prompt's completions, each with the prompt before it, and what people said of them.

    Completions are named by their places in `rows`. pairs: (better, worse); ties: those put into one tier; tiers: the
    whole ranking, best first. Completions that read the same as another are in none of these. shares: of each pair,
    how many said so, where several people are one row. characters: the length of each completion's text; shown: where
    it stood on the screen, from 0; strength: how much better, from 0 to 1. None or empty where nobody knows.
    """

    record: str
    prompt_id: str
    group: str
    rows: list[Rendered]
    pairs: list[tuple[int, int]]
    characters: list[int]
    ties: list[tuple[int, int]] = field(default_factory=list)
    tiers: list[list[int]] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    strength: float | None = None
    annotator: str = ""
    language: str = ""
    source: str = ""

    @property
    def prompt(self) -> list[int]:
        return self.rows[0].ids[: self.rows[0].prompt_length]

    @property
    def completions(self) -> list[list[int]]:
        return [row.ids[row.prompt_length :] for row in self.rows]

    @property
    def tokens(self) -> int:
        """Count what a pass reads: the prompt once, and each completion."""
        return sum(len(row.ids) - row.prompt_length for row in self.rows) + self.rows[0].prompt_length


def read_rankings(
    release: Path, split: str, chat: Chat, max_length: int, *, with_ties: bool = False
) -> tuple[list[RankingRow], Counts]:
    """Read a split's rankings as rows of completions with their pairs; `with_ties` keeps those that only tie, too.

    A ranking marked all bad is left out: its author says that none of it shows what is wanted.
    """
    counts, rows = Counts(), []
    for record in parquet.read_rankings(release, split):
        counts.rows_in += 1
        row = _ranking_row(record, chat, max_length, counts, with_ties)
        if row is not None:
            rows.append(row)
    counts.rows_used = len(rows)
    return rows, counts


def flat_rankings(rows: Sequence[RankingRow]) -> Flat:
    """Lay rankings end to end, each prompt once; read the last token of every completion."""
    ids: list[int] = []
    ends: list[int] = []
    for row in rows:
        ids += row.prompt
        for completion in row.completions:
            ids += completion
            ends.append(len(ids) - 1)
    layout = Layout.of_rankings([(len(row.prompt), [len(one) for one in row.completions]) for row in rows])
    return Flat(torch.tensor(ids), layout, torch.tensor(ends))


def pair_batch(rows: Sequence[RankingRow], weights: Sequence[float] | None = None) -> PairBatch:
    """Number the pairs of several rankings into one flat vector of scores, each ranking's weights summing to one."""
    return _numbered(rows, [row.pairs for row in rows], [len(row.pairs) for row in rows], weights)


def pairs_and_ties(rows: Sequence[RankingRow], weights: Sequence[float] | None = None) -> tuple[PairBatch, PairBatch]:
    """Number strict pairs, and ties, so that the weights of both together sum to one for each ranking."""
    of = [len(row.pairs) + len(row.ties) for row in rows]
    return (
        _numbered(rows, [row.pairs for row in rows], of, weights),
        _numbered(rows, [row.ties for row in rows], of, weights),
    )


def stages(rows: Sequence[RankingRow], weights: Sequence[float] | None = None) -> StageBatch:
    """Lay out whole rankings as choices among the flat scores."""
    starts = itertools.accumulate((len(row.rows) for row in rows), initial=0)
    placed = [
        [[start + place for place in tier] for tier in row.tiers] for start, row in zip(starts, rows, strict=False)
    ]
    return stage_batch(placed, weights or [1.0] * len(rows))


def merged(rows: Sequence[RankingRow]) -> list[RankingRow]:
    """Make one row of all rankings of the same completions of a prompt, with the share who preferred a pair's first.

    A tie is half a vote for either. A pair of which as many prefer the one as the other is a pair with share 1/2.
    """
    alike: dict[tuple[Any, ...], list[RankingRow]] = {}
    for row in rows:
        alike.setdefault((row.prompt_id, tuple(sorted(tuple(one.ids) for one in row.rows))), []).append(row)
    return [_merged(together) for together in alike.values()]


def _merged(together: Sequence[RankingRow]) -> RankingRow:
    first = together[0]
    places = {tuple(one.ids): place for place, one in enumerate(first.rows)}
    votes: Counter[tuple[int, int]] = Counter()
    for row in together:
        here = [places[tuple(one.ids)] for one in row.rows]
        for better, worse in row.pairs:
            votes[here[better], here[worse]] += 2
        for one, other in row.ties:
            votes.update({(here[one], here[other]): 1, (here[other], here[one]): 1})
    pairs, shares = [], []
    for one, other in itertools.combinations(range(len(first.rows)), 2):
        forth, back = votes[one, other], votes[other, one]
        if forth or back:
            pairs.append((one, other) if forth >= back else (other, one))
            shares.append(max(forth, back) / (forth + back))
    return replace(first, pairs=pairs, shares=shares, ties=[], tiers=[], annotator="", strength=None)


def _numbered(
    rows: Sequence[RankingRow],
    chosen: Sequence[Sequence[tuple[int, int]]],
    of: Sequence[int],
    weights: Sequence[float] | None,
) -> PairBatch:
    better, worse, weight, offset = [], [], [], 0
    for place, (row, numbered) in enumerate(zip(rows, chosen, strict=True)):
        better += [offset + first for first, _ in numbered]
        worse += [offset + second for _, second in numbered]
        weight += [(weights[place] if weights else 1.0) / max(of[place], 1)] * len(numbered)
        offset += len(row.rows)
    whole = torch.long
    return PairBatch(torch.tensor(better, dtype=whole), torch.tensor(worse, dtype=whole), torch.tensor(weight))


def _ranking_row(
    record: RankingRecord, chat: Chat, max_length: int, counts: Counts, with_ties: bool
) -> RankingRow | None:
    if record.all_bad:
        counts.left_out["all_bad"] += 1
        return None
    texts = [completion.text for completion in record.completions]
    rendered = render_all(chat, record.messages, texts, max_length, counts)
    if rendered is None:
        return None
    index = {completion.completion_id: place for place, completion in enumerate(record.completions)}
    strict = [(index[pair.better], index[pair.worse]) for pair in pairs(record.tiers)]
    # Two completions that read the same cannot be told apart: their pair would be noise for ever.
    kept = [(better, worse) for better, worse in strict if rendered[better].ids != rendered[worse].ids]
    counts.pairs.update(used=len(kept), tied=tied_pairs(record.tiers), identical=len(strict) - len(kept))
    tiers, ties = _told_apart([[index[name] for name in tier] for tier in record.tiers], rendered)
    if not (kept or (with_ties and ties)):
        counts.left_out["identical_completions" if strict else "all_tied"] += 1
        return None
    place_shown = {name: place for place, name in enumerate(record.shown_order)}
    return RankingRow(
        record=record.record_id,
        prompt_id=record.prompt_id,
        group=record.group,
        rows=rendered,
        pairs=kept,
        characters=[len(text) for text in texts],
        ties=ties,
        tiers=tiers,
        shown=[place_shown[name] for name in index] if set(index) <= set(place_shown) else [],
        strength=record.strength / record.strength_levels if record.strength and record.strength_levels else None,
        annotator=record.annotator,
        language=record.language,
        source=record.source,
    )


def _told_apart(
    tiers: Sequence[Sequence[int]], rendered: Sequence[Rendered]
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Return the tiers, and the pairs tied in them, of completions that read like none before them."""
    seen: set[tuple[int, ...]] = set()
    kept: list[list[int]] = []
    for tier in tiers:
        fresh = []
        for place in tier:
            if (ids := tuple(rendered[place].ids)) not in seen:
                seen.add(ids)
                fresh.append(place)
        kept += [fresh] if fresh else []
    return kept, [pair for tier in kept for pair in itertools.combinations(tier, 2)]
