"""Raw text by split: folders of text files, or the documents and conversations of a release.

Nothing is held in memory but digests: a corpus is read again from where it lies whenever it is needed.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import handover, parquet, records
from training.config import PretrainConfig

TRAIN, VALIDATION, TEST = records.SPLITS
# With fewer documents than this, whole ones held out would be a handful: then the end of each is held out.
FEWEST_DOCUMENTS = 50
BY_DOCUMENT, BY_END = "by_document", "end_of_each_document"

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
GRAM = 8
# So much of the training text is compared with a sample: enough for six novels ten times over.
COMPARED_CHARACTERS = 50_000_000

Piece = tuple[str, str]


class CorpusError(ValueError):
    """A text that cannot be learned from; the message names the place and the remedy."""


@dataclass(frozen=True)
class Corpus:
    """What there is to learn.

    pieces: yields (split, text) in the same order every time. digest_sha256: of all texts and their splits.
    counts: documents in, used and left out by reason, and by which rule text is held out.
    """

    pieces: Callable[[], Iterator[Piece]]
    digest_sha256: str
    counts: dict[str, Any]

    def texts(self, *splits: str) -> Iterator[str]:
        return (text for split, text in self.pieces() if split in splits)


def open_corpus(config: PretrainConfig) -> Corpus:
    """Read through all there is once, counting. Raises CorpusError, RecordError."""
    if config.release is not None:
        return _released(Path(config.release))
    return _files(Path(config.text or ""), config.held_out_share)


def words(text: str) -> list[str]:
    """Split a text into its words, in lower case."""
    return _WORD.findall(text.lower())


def likeness(sample: str, training: Iterable[str]) -> dict[str, float]:
    """Say how far a sample is made of the training text.

    known_words: share of its words that occur there. copied_8_grams: share of its runs of eight words that do.
    """
    said = words(sample)
    grams = [tuple(said[place : place + GRAM]) for place in range(len(said) - GRAM + 1)]
    wanted, wanted_grams = set(said), set(grams)
    known: set[str] = set()
    copied: set[tuple[str, ...]] = set()
    read = 0
    for text in training:
        there = words(text)
        known |= wanted.intersection(there)
        copied |= wanted_grams.intersection(zip(*(there[shift:] for shift in range(GRAM)), strict=False))
        read += len(text)
        if read >= COMPARED_CHARACTERS:
            break
    return {
        "words": len(said),
        "known_words": _share(sum(word in known for word in said), len(said)),
        "copied_8_grams": _share(sum(gram in copied for gram in grams), len(grams)),
    }


def _files(path: Path, held_out_share: float) -> Corpus:
    left_out: Counter[str] = Counter()
    digest, total, used = hashlib.sha256(), 0, 0
    for text in _unlike(_read(path, left_out), left_out):
        total += len(text)
        used += 1
        digest.update(_sha256(text))
    if not used:
        raise CorpusError(f"text: {path} holds no text to learn ({_in_words(left_out)}).")
    rule = BY_DOCUMENT if used >= FEWEST_DOCUMENTS else BY_END

    def pieces() -> Iterator[Piece]:
        for text in _unlike(_read(path, Counter()), Counter()):
            yield from _parted(text, rule, held_out_share)

    counts = _counts(used, left_out, rule)
    digest.update(f"{rule} {held_out_share}".encode())
    return Corpus(pieces, digest.hexdigest(), counts)


def _released(release: Path) -> Corpus:
    """Take the splits that texts were stored with; where no document is held out, the ends of those that are learned.

    A text of the test split is never learned from.
    """
    manifest = handover.verify_release(release)
    left_out: Counter[str] = Counter()
    held = Counter(split for split, _ in _release_texts(release, left_out))
    if not held[TRAIN]:
        raise CorpusError(
            f"release: no text stands in its train split ({sum(held.values())} elsewhere; {_in_words(left_out)}). "
            "Import the text in smaller documents, such as paragraphs, or choose another release."
        )
    rule = BY_DOCUMENT if held[VALIDATION] else BY_END

    def pieces() -> Iterator[Piece]:
        for split, text in _release_texts(release, Counter()):
            yield from _parted(text, BY_END, 0.1) if rule == BY_END and split == TRAIN else ((split, text),)

    return Corpus(pieces, manifest.digest_sha256, _counts(sum(held.values()), left_out, rule))


def _release_texts(release: Path, left_out: Counter[str]) -> Iterator[Piece]:
    for split in records.SPLITS:
        for document in parquet.read_documents(release, split):
            yield split, document.text
        for demonstration in parquet.read_demonstrations(release, split):
            yield split, _conversation(demonstration.messages, [demonstration.completion])
        for ranking in parquet.read_rankings(release, split):
            if ranking.all_bad:
                left_out["all_bad"] += 1
                continue
            yield split, _conversation(ranking.messages, [completion.text for completion in ranking.completions])


def _conversation(messages: Iterable[records.Message], completions: list[str]) -> str:
    return "\n\n".join([*(message.content for message in messages), *completions])


def _read(path: Path, left_out: Counter[str]) -> Iterator[str]:
    """Yield every text of a file or folder, files in the order of their names."""
    if path.is_dir():
        names = sorted(found for found in path.rglob("*") if found.suffix in (".txt", ".jsonl") and found.is_file())
    elif path.is_file():
        names = [path]
    else:
        raise CorpusError(f"text: there is no file or folder {path}.")
    for name in names:
        yield from _lines(name, left_out) if name.suffix == ".jsonl" else _whole(name, left_out)


def _whole(path: Path, left_out: Counter[str]) -> Iterator[str]:
    try:
        yield path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        left_out["not_utf8"] += 1


def _lines(path: Path, left_out: Counter[str]) -> Iterator[str]:
    with path.open("rb") as stream:
        for line in stream:
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError:
                left_out["not_json"] += 1
                continue
            text = value.get("text") if isinstance(value, dict) else None
            if isinstance(text, str):
                yield text.replace("\r\n", "\n").replace("\r", "\n")
            else:
                left_out["no_text"] += 1


def _unlike(texts: Iterable[str], left_out: Counter[str]) -> Iterator[str]:
    """Leave out what is empty and what was there already."""
    seen: set[bytes] = set()
    for text in texts:
        digest = _sha256(text)
        reason = "empty" if not text.strip() else "duplicate" if digest in seen else None
        if reason is not None:
            left_out[reason] += 1
            continue
        seen.add(digest)
        yield text


def _parted(text: str, rule: str, share: float) -> Iterator[Piece]:
    if rule == BY_DOCUMENT:
        place = int.from_bytes(_sha256(text)[:6], "big") / 2**48
        yield (VALIDATION if place < share else TRAIN), text
        return
    end = round(len(text) * (1 - share))
    # At the end of a line, where one is near: a word cut in two is neither learned nor tested well.
    end = max(text.rfind("\n", 0, end) + 1, text.rfind(" ", 0, end) + 1) or end
    yield TRAIN, text[:end]
    yield VALIDATION, text[end:]


def _counts(used: int, left_out: Counter[str], rule: str) -> dict[str, Any]:
    return {
        "rows_in": used + sum(left_out.values()),
        "rows_used": used,
        "left_out": dict(sorted(left_out.items())),
        "truncated": 0,
        "held_out": rule,
    }


def _in_words(left_out: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items())) or "it is empty"


def _sha256(text: str) -> bytes:
    # Lone surrogates, which JSON may escape into a text, have no UTF-8.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
