"""What a run would learn from, before it runs: its rows token by token, and what becomes of all of them, by reason.

The rows come from the functions that training itself calls, so that nothing can look right here and be learned
otherwise. A token is `learned` where the loss is taken on it, `scored` where a reward model's number is read after it,
`cut` where it did not fit, and `read` anywhere else.
"""

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

from training import pretrain, reward, sft
from training.chat import Chat
from training.config import PretrainConfig, RewardConfig, SFTConfig
from training.corpus import TRAIN
from training.data import Counts, Splits, TextRow
from training.ranking_pass import READ_TIES
from training.ranking_rows import RankingRow
from training.records import SPLITS
from training.settings import ConfigError

READ, LEARNED, SCORED, CUT = "read", "learned", "scored", "cut"
# Of a long stretch of one kind only both ends are shown.
LONGEST_RUN = 600
ROWS, MOST_ROWS = 8, 100
BARS = 8
# Worth a word of warning from this share on.
FEW, MANY = 0.02, 0.1
# Left out because the configuration says so.
WANTED = ("outside_train_share", "held_out_annotator")
# Half of all pairs prefer the longer one by chance alone.
LONGER = 0.65
# An incomplete character, and the most tokens that one can be made of.
_BROKEN, _MOST_BYTES = "\ufffd", 4

Ids = Sequence[int]


@dataclass(frozen=True)
class Size:
    """A row's tokens: all that the model reads, and those that the loss or a score is taken on."""

    tokens: int
    trained: int


def run(config: Any, rows: int = ROWS) -> dict[str, Any]:
    """Return the stage, `splits` with counts and sizes, `warnings` and so many `rows`; see the tests for its shape.

    Raises ConfigError for a stage that learns nothing token by token, and what the stage itself refuses.
    """
    if not 0 <= rows <= MOST_ROWS:
        raise ConfigError(f"rows: {rows} is out of range; choose 0 to {MOST_ROWS}.")
    if isinstance(config, SFTConfig):
        return _of_sft(config, rows)
    if isinstance(config, RewardConfig):
        return _of_reward(config, rows)
    if isinstance(config, PretrainConfig):
        return _of_pretraining(config, rows)
    raise ConfigError(f"stage: a {config.stage} run cannot be previewed; choose pretrain, sft or reward.")


def _of_sft(config: SFTConfig, most: int) -> dict[str, Any]:
    manifest, chat, found = sft.read(config)
    splits = _splits(
        found, lambda row: Size(len(row.ids), row.trained_tokens), lambda row: (tuple(row.ids), *row.turns)
    )
    train = found.rows[TRAIN]
    return {
        "stage": config.stage,
        "release_digest_sha256": manifest.digest_sha256,
        "vocabulary": len(chat.tokenizer),
        "splits": splits,
        "warnings": _warnings(splits, repeats=True),
        "judging": _judging(config, chat, found),
        "rows": [_text_row(chat.tokenizer, train[place]) for place in _places(train, most, lambda row: row.cut)],
    }


def _judging(config: SFTConfig, chat: Chat, found: Splits[TextRow]) -> dict[str, int] | None:
    """Say what a reward model's choice costs: how many looks, answers at each, and tokens of all at most."""
    chooser = sft.chooser_of(config, chat)
    if chooser is None:
        return None
    looks, answers = sft.looks_of(config, found), len(chooser.prompts)
    return {"looks": looks, "answers": answers, "tokens": looks * answers * config.judge_tokens}


def _of_reward(config: RewardConfig, most: int) -> dict[str, Any]:
    manifest, chat, found = reward.read(config)
    found.rows[TRAIN] = reward.learned(found.rows[TRAIN], config)
    # Several people's rankings of the same completions are wanted, not repeated.
    splits = _splits(found, lambda row: Size(row.tokens, len(row.rows)), _compared)
    for split, rows in found.rows.items():
        splits[split]["longer_preferred"] = _longer_preferred(rows)
    train = found.rows[TRAIN]
    return {
        "stage": config.stage,
        "release_digest_sha256": manifest.digest_sha256,
        "vocabulary": len(chat.tokenizer),
        "splits": splits,
        "warnings": _warnings(splits, ties=config.loss not in READ_TIES),
        "rows": [
            _ranking_row(chat.tokenizer, train[place]) for place in _places(train, most, lambda row: row.rows[0].cut)
        ],
    }


def _of_pretraining(config: PretrainConfig, most: int) -> dict[str, Any]:
    whole = config.resolved()
    with tempfile.TemporaryDirectory() as scratch:
        corpus, text = pretrain.read(config, Path(config.shards or scratch))
        splits: dict[str, dict[str, Any]] = {}
        for split in SPLITS:
            documents = text.index["splits"][split]["documents"]
            left_out = Counter(corpus.counts["left_out"] if split == TRAIN else {})
            counts = Counts(documents + left_out.total(), documents, left_out)
            blocks = text.splits[split].blocks(whole.context)
            splits[split] = _summed(counts, [Size(whole.context + 1, whole.context)] * blocks)
        shown = min(most, whole.rows, splits[TRAIN]["rows"])
        first = text.splits[TRAIN].batch(0, rows=whole.rows, context=whole.context, seed=config.seed)[:shown]
        rows = [_text_row(text.tokenizer, TextRow(ids, 1, "")) for ids in first.tolist()]
    return {
        "stage": config.stage,
        "release_digest_sha256": corpus.digest_sha256,
        "vocabulary": len(text.tokenizer),
        "splits": splits,
        "warnings": _warnings(splits),
        "rows": rows,
    }


def _splits(
    found: Splits[Any], size: Callable[[Any], Size], reads_as: Callable[[Any], Hashable]
) -> dict[str, dict[str, Any]]:
    return {
        split: _summed(
            found.counts[split],
            [size(row) for row in rows],
            repeated=len(rows) - len({reads_as(row) for row in rows}),
        )
        for split, rows in found.rows.items()
    }


def _summed(counts: Counts, sizes: Sequence[Size], repeated: int = 0) -> dict[str, Any]:
    """Sum a split up: counts by reason, tokens, and how many rows have at most so many of them, in even steps."""
    tokens = sorted(size.tokens for size in sizes)
    longest = tokens[-1] if tokens else 0
    width = max(-(-longest // BARS), 1)
    ends = [width * bar for bar in range(1, -(-longest // width) + 1)]
    return {
        "counts": {"pairs": {}, **counts.to_json()},
        "repeated": repeated,
        "longer_preferred": None,
        "rows": len(sizes),
        "tokens": sum(tokens),
        "trained_tokens": sum(size.trained for size in sizes),
        "longest": longest,
        "median": tokens[len(tokens) // 2] if tokens else 0,
        "lengths": [{"to": end, "rows": sum(end - width < size <= end for size in tokens)} for end in ends],
    }


def _compared(row: RankingRow) -> Hashable:
    return tuple(row.prompt), frozenset(map(tuple, row.completions))


def _longer_preferred(rows: Sequence[RankingRow]) -> float | None:
    """Return the share of pairs whose better completion is the longer one, those of equal length left aside."""
    differences = [row.characters[better] - row.characters[worse] for row in rows for better, worse in row.pairs]
    unequal = [difference for difference in differences if difference]
    return sum(difference > 0 for difference in unequal) / len(unequal) if unequal else None


def _warnings(
    splits: Mapping[str, Mapping[str, Any]], *, repeats: bool = False, ties: bool = False
) -> list[dict[str, Any]]:
    """Name what is worth a second look in what is learned, each with the number it comes from and of how many.

    repeats, ties: whether rows that read the same, and ties, are worth it.
    """
    train = splits[TRAIN]
    counts = train["counts"]
    pairs = counts["pairs"]
    left_out = sum(number for reason, number in counts["left_out"].items() if reason not in WANTED)
    judged = [
        ("left_out", left_out, counts["rows_in"], MANY),
        ("truncated", counts["truncated"], counts["rows_used"], MANY),
        ("repeated", train["repeated"] if repeats else 0, counts["rows_used"], FEW),
        ("tied", pairs.get("tied", 0) if ties else 0, sum(pairs.values()), 0.5),
        ("identical", pairs.get("identical", 0), sum(pairs.values()), FEW),
    ]
    found = [_warning(name, number, of) for name, number, of, from_ in judged if number and number >= from_ * of]
    if (train["longer_preferred"] or 0) >= LONGER:
        found.append(_warning("longer_preferred", round(100 * train["longer_preferred"]), 100))
    if not train["trained_tokens"]:
        found.insert(0, _warning("nothing_to_learn", 0, counts["rows_in"]))
    empty = [split for split in ("validation", "test") if not splits[split]["counts"]["rows_used"]]
    return found + [_warning(f"no_{split}", 0, splits[split]["counts"]["rows_in"]) for split in empty]


def _warning(name: str, number: int, of: int) -> dict[str, Any]:
    return {"warning": name, "number": number, "of": of}


def _places(rows: Sequence[Any], most: int, cut: Callable[[Any], Ids]) -> list[int]:
    """Choose rows evenly from first to last; if none of them is cut, the first that is takes the last one's place."""
    places = [number * len(rows) // min(most, len(rows)) for number in range(min(most, len(rows)))]
    first_cut = next((place for place, row in enumerate(rows) if cut(row)), None)
    if places and first_cut is not None and not any(cut(rows[place]) for place in places):
        places[-1] = first_cut
    return sorted(places)


def _text_row(tokenizer: PreTrainedTokenizerFast, row: TextRow) -> dict[str, Any]:
    learned = {place for start, end in row.learned for place in range(start, end)}
    states = [LEARNED if place in learned else READ for place in range(len(row.ids))]
    conversation = _part(tokenizer, "text", row.ids, states, row.cut)
    return {"tokens": len(row.ids), "trained_tokens": row.trained_tokens, "parts": [conversation], "pairs": []}


def _ranking_row(tokenizer: PreTrainedTokenizerFast, row: RankingRow) -> dict[str, Any]:
    prompt = _part(tokenizer, "prompt", row.prompt, [READ] * len(row.prompt), row.rows[0].cut)
    completions = [
        _part(tokenizer, "completion", ids, [READ] * (len(ids) - 1) + [SCORED], ()) for ids in row.completions
    ]
    return {
        "tokens": row.tokens,
        "trained_tokens": len(row.rows),
        "parts": [prompt, *completions],
        "pairs": [list(pair) for pair in row.pairs],
    }


def _part(tokenizer: PreTrainedTokenizerFast, kind: str, ids: Ids, states: Sequence[str], cut: Ids) -> dict[str, Any]:
    """Return a stretch of a row as runs of tokens of one state; what was cut stands where it stood, after the first."""
    ids, states = [*ids[:1], *cut, *ids[1:]], [*states[:1], *[CUT] * len(cut), *states[1:]]
    runs = []
    for state, group in itertools.groupby(zip(states, ids, strict=True), key=lambda one: one[0]):
        runs.append(_run(tokenizer, state, [token for _, token in group]))
    return {"kind": kind, "runs": runs}


def _run(tokenizer: PreTrainedTokenizerFast, state: str, ids: Ids) -> dict[str, Any]:
    """Return a run's tokens as text; of a long one, `hidden` tokens before place `hidden_at` are left out."""
    hidden = max(len(ids) - LONGEST_RUN, 0)
    half = LONGEST_RUN // 2
    before = list(_spelled(tokenizer, ids[:half] if hidden else ids))
    after = list(_spelled(tokenizer, ids[-half:])) if hidden else []
    return {"state": state, "tokens": before + after, "hidden": hidden, "hidden_at": len(before) if hidden else 0}


def _spelled(tokenizer: PreTrainedTokenizerFast, ids: Ids) -> Iterator[str]:
    """Yield each token as it reads after the one before; tokens that make up one character together come as one."""
    before: list[int] = []
    waiting: list[int] = []
    for token in ids:
        waiting.append(token)
        text = _after(tokenizer, before, waiting)
        if not text.endswith(_BROKEN) or len(waiting) == _MOST_BYTES:
            yield text
            before, waiting = [token], []
    if waiting:
        yield _after(tokenizer, before, waiting)


def _after(tokenizer: PreTrainedTokenizerFast, before: list[int], ids: list[int]) -> str:
    """Decode with the token before: many tokenizers drop the space that a text begins with."""
    return str(tokenizer.decode(before + ids))[len(str(tokenizer.decode(before))) :]


# For a terminal: marks around a run, so that nothing hangs on its colour, and the colour.
_MARKS = {READ: ("", "", "2"), LEARNED: ("[", "]", "1;32"), SCORED: ("{", "}", "1;35"), CUT: ("~", "~", "9;31")}
_LEGEND = "[learned]  {scored after this token}  ~cut off~  and read only, without a mark"


def in_words(found: Mapping[str, Any], *, colour: bool) -> str:
    """Return a preview for people at a shell."""
    lines = [_sum_of(split, said) for split, said in found["splits"].items()]
    lines += [f"warning: {one['warning']}: {one['number']} of {one['of']}" for one in found["warnings"]]
    lines += ["", _LEGEND]
    for number, row in enumerate(found["rows"], 1):
        lines += ["", f"{number}. {row['tokens']} tokens, {row['trained_tokens']} of them trained"]
        lines += [_painted(part, colour=colour) for part in row["parts"]]
        lines += [_preferences(row["pairs"])] * bool(row["pairs"])
    return "\n".join(lines)


def _sum_of(split: str, said: Mapping[str, Any]) -> str:
    counts = said["counts"]
    facts = [f"{counts['rows_used']:,} of {counts['rows_in']:,} records used"]
    facts += [f"{number:,} left out: {reason}" for reason, number in counts["left_out"].items()]
    facts += [f"{counts['truncated']:,} truncated"] * bool(counts["truncated"])
    facts += [f"{number:,} pairs {kind}" for kind, number in counts["pairs"].items() if number]
    facts += [f"{said['repeated']:,} repeated"] * bool(said["repeated"])
    share = said["trained_tokens"] / max(said["tokens"], 1)
    facts += [f"{said['tokens']:,} tokens, {share:.0%} trained", f"longest {said['longest']:,}"]
    return f"{split}: " + "; ".join(facts)


def _preferences(pairs: Sequence[tuple[int, int]]) -> str:
    return "preferred: " + ", ".join(f"completion {better + 1} to {worse + 1}" for better, worse in pairs)


def _painted(part: Mapping[str, Any], *, colour: bool) -> str:
    said = []
    for run_ in part["runs"]:
        opening, closing, code = _MARKS[run_["state"]]
        tokens = list(run_["tokens"])
        if run_["hidden"]:
            tokens.insert(run_["hidden_at"], f" … {run_['hidden']:,} more tokens … ")
        text = opening + "".join(tokens) + closing
        said.append(f"\x1b[{code}m{text}\x1b[0m" if colour else text)
    return "".join(said)
