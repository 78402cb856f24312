from pathlib import Path

import numpy as np
import pytest
import torch

from training import shards
from training.config import PretrainConfig
from training.corpus import Corpus, CorpusError, open_corpus
from training.depth import ResolvedPretraining
from training.shards import Tokens


@pytest.fixture
def novel(tmp_path: Path) -> Path:
    folder = tmp_path / "novel"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.txt").write_text("".join(f"{name} quiet line number {place}\n" for place in range(200)))
    return folder


def opened(novel: Path, **changes: object) -> tuple[Corpus, ResolvedPretraining]:
    config = PretrainConfig.from_json(
        {"text": str(novel), "output": "x", "start": {"preset": "demo"}, "context": 16, **changes}
    )
    return open_corpus(config), config.resolved()


def test_shards_give_back_the_text_letter_by_letter(
    novel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_TOKENS", 1000)
    monkeypatch.setattr(shards, "PIECE_CHARACTERS", 300)
    corpus, whole = opened(novel)

    shards.build(tmp_path / "shards", corpus, whole)
    text = shards.load(tmp_path / "shards")

    files = sorted((tmp_path / "shards").glob("train-*.bin"))
    assert len(files) > 1
    assert all(path.stat().st_size <= 2000 for path in files)
    ids = np.concatenate([np.fromfile(path, dtype="uint16") for path in files])
    assert text.tokenizer.decode(ids.tolist()) == "".join(part + "\n\n" for part in corpus.texts("train"))
    assert text.index["splits"]["train"]["documents"] == 2
    assert text.splits["train"].characters == sum(map(len, corpus.texts("train")))


def test_pieces_of_words_are_parted_by_the_end_token(novel: Path, tmp_path: Path) -> None:
    corpus, whole = opened(novel, tokenizer="bpe", vocabulary=300)

    shards.build(tmp_path / "shards", corpus, whole)
    text = shards.load(tmp_path / "shards")

    ids = np.fromfile(tmp_path / "shards" / "train-00000.bin", dtype="uint16").tolist()
    assert ids.count(text.tokenizer.eos_token_id) == 2
    assert text.tokenizer.decode(ids, skip_special_tokens=True) == "".join(corpus.texts("train"))
    assert text.splits["train"].per_character < 1


def test_shards_that_stand_are_not_written_again_and_others_are(novel: Path, tmp_path: Path) -> None:
    place = tmp_path / "shards"
    corpus, whole = opened(novel)
    shards.build(place, corpus, whole)
    first = (place / "shards.json").stat().st_mtime_ns
    shards.build(place, corpus, whole)
    assert (place / "shards.json").stat().st_mtime_ns == first

    (novel / "c.txt").write_text("another text\n" * 20)
    shards.build(place, *opened(novel))

    assert shards.load(place).index["splits"]["train"]["documents"] == 3


def tokens(tmp_path: Path, *lengths: int) -> Tokens:
    paths, first = [], 0
    for place, length in enumerate(lengths):
        paths.append(tmp_path / f"{place}.bin")
        np.arange(first, first + length, dtype="uint16").tofile(paths[-1])
        first += length
    return Tokens(paths, "uint16", first)


def test_an_epoch_reads_every_block_once_and_the_next_is_cut_elsewhere(tmp_path: Path) -> None:
    some = tokens(tmp_path, 1000, 323)
    rounds = some.blocks(10) // 5
    epochs = [
        torch.cat([some.batch(epoch * rounds + place, rows=5, context=10, seed=3) for place in range(rounds)])
        for epoch in range(2)
    ]

    starts = [sorted(rows[:, 0].tolist()) for rows in epochs]
    assert some.blocks(10) == 99 + 31
    assert all(len(set(ids)) == some.blocks(10) for ids in starts)
    assert starts[0] != starts[1]
    assert epochs[0][:, 0].tolist() != starts[0]
    for rows in epochs:
        assert torch.equal(rows[:, 1:], rows[:, :-1] + 1), "no block goes over the end of a file"


def test_a_round_is_the_same_whoever_asks_for_it(tmp_path: Path) -> None:
    first, second = tokens(tmp_path, 500), tokens(tmp_path, 500)
    for place in range(40):
        first.batch(place, rows=3, context=16, seed=1)

    assert torch.equal(first.batch(40, rows=3, context=16, seed=1), second.batch(40, rows=3, context=16, seed=1))
    assert not torch.equal(first.batch(40, rows=3, context=16, seed=1), second.batch(40, rows=3, context=16, seed=2))


def test_looks_are_spread_over_the_whole_split(tmp_path: Path) -> None:
    some = tokens(tmp_path, 1001)

    assert [int(block[0]) for block in some.spread(context=10, most=4)] == [0, 250, 500, 750]
    assert len(list(some.spread(context=10, most=1000))) == 100


def test_a_text_shorter_than_a_block_is_refused(novel: Path, tmp_path: Path) -> None:
    corpus, whole = opened(novel, context=4096)
    shards.build(tmp_path / "shards", corpus, whole)

    with pytest.raises(CorpusError, match="fewer than one context of 4096"):
        shards.check(shards.load(tmp_path / "shards"), 4096)
