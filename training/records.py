"""The handover between annotation/ and training/: what stands in a release, line by line, and how it is checked.

A release is a directory of files with a manifest written last: Parquet (`training/parquet.py`), or JSON lines in
releases of schema 1. Standard library only, so that the site can write releases without torch and training can read
them without Django.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from training.ranking import RankingError, Tiers, validate_tiers

SCHEMA = "bennet-release/2"
# Of releases that are older than Parquet. The records are the same, and so are the digests.
LINES_SCHEMA = "bennet-release/1"
MANIFEST = "manifest.json"
CARD = "card.json"
MODEL_NOTES = "README.md"
SPLITS = ("train", "validation", "test")
KINDS = ("demonstration", "ranking", "judgement", "document")
ROLES = ("system", "user", "assistant")

# Fields that came later. A record leaves them out while they are empty, so that the same answer has the same digest
# whichever version of this file wrote it.
_LATER = frozenset(
    {
        "step_seconds", "selection", "prompt_flags", "use_case", "outputs", "strength", "strength_levels", "edit_of",
        "brief",
    }
)  # fmt: skip
_EMPTY: tuple[Any, ...] = (None, "", {})

# Characters that some reader takes for the end of a line or drops: always written as \u escapes.
_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)}


class RecordError(ValueError):
    """A line or file that does not follow the schema; the message names the field and the place."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: str
    content: str

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "messages")
        role, content = _text(fields, "role"), _text(fields, "content")
        if role not in ROLES:
            raise RecordError(f"messages: role {role!r} is not one of {', '.join(ROLES)}.")
        return cls(role, content)


@dataclass(frozen=True)
class RankedCompletion:
    """One of the completions that were judged, with where it came from.

    `edit_of` names the completion that the person who judged made this one of.
    """

    completion_id: str
    text: str
    source_kind: str = ""
    source_label: str = ""
    edit_of: str = ""

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "completions")
        return cls(
            completion_id=_text(fields, "completion_id"),
            text=_text(fields, "text"),
            source_kind=_text(fields, "source_kind", ""),
            source_label=_text(fields, "source_label", ""),
            edit_of=_text(fields, "edit_of", ""),
        )


@dataclass(frozen=True, kw_only=True)
class _AnswerRecord:
    """What all records of answers share.

    step_seconds: active seconds by step of the protocol; selection: {policy, p}, why and how likely it was chosen.
    """

    record_id: str
    prompt_id: str
    group: str
    split: str
    messages: tuple[Message, ...]
    annotator: str = ""
    protocol: str = ""
    guideline_version: int | None = None
    language: str = ""
    source: str = ""
    seconds: float | None = None
    created_at: str | None = None
    step_seconds: Mapping[str, float] = field(default_factory=dict)
    selection: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DemonstrationRecord(_AnswerRecord):
    """A prompt with the ideal answer a person wrote; turns that they wrote before it end the messages."""

    completion: str

    def to_json(self) -> dict[str, Any]:
        return {"kind": "demonstration", **_plain(self)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "record")
        _expect_kind(fields, "demonstration")
        return cls(**_shared_fields(fields), completion=_text(fields, "completion"))


@dataclass(frozen=True, kw_only=True)
class RankingRecord(_AnswerRecord):
    """A prompt with two to nine completions and the tiers a person put them into, best first.

    `outputs` holds what was said of a completion by itself, by its id: a rating, flags. `strength` says how much
    better the better of two was, from 0 for a tie to `strength_levels`; None where nobody asked. A comparison whose
    better completion was edited ranks the edit, which was not among those shown, above both.
    """

    completions: tuple[RankedCompletion, ...]
    tiers: Tiers
    shown_order: tuple[str, ...] = ()
    all_bad: bool = False
    rationale: str = ""
    prompt_flags: Mapping[str, bool] = field(default_factory=dict)
    use_case: str = ""
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    strength: int | None = None
    strength_levels: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"kind": "ranking", **_plain(self)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "record")
        _expect_kind(fields, "ranking")
        completions = _completions(fields)
        try:
            tiers = validate_tiers(
                [_strings(tier, "tiers") for tier in _list(fields, "tiers")],
                [completion.completion_id for completion in completions],
            )
        except RankingError as error:
            raise RecordError(f"tiers: {error}") from error
        return cls(
            **_shared_fields(fields),
            completions=completions,
            tiers=tiers,
            shown_order=tuple(_strings(fields.get("shown_order", []), "shown_order")),
            all_bad=bool(fields.get("all_bad", False)),
            rationale=_text(fields, "rationale", ""),
            prompt_flags=_mapping(fields.get("prompt_flags", {}), "prompt_flags"),
            use_case=_text(fields, "use_case", ""),
            outputs=_mapping(fields.get("outputs", {}), "outputs"),
            strength=_optional_integer(fields, "strength"),
            strength_levels=_optional_integer(fields, "strength_levels"),
        )


@dataclass(frozen=True, kw_only=True)
class JudgementRecord(_AnswerRecord):
    """Any other answer: a score, labels, a written prompt. `judgement` names its kind, `payload` is what was said.

    `completions` are those that were shown. A written prompt stands in `messages` as others read it, beside the
    brief that it was written to.
    """

    judgement: str
    payload: Mapping[str, Any]
    completions: tuple[RankedCompletion, ...] = ()
    shown_order: tuple[str, ...] = ()
    brief: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "judgement", **_plain(self)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "record")
        _expect_kind(fields, "judgement")
        return cls(
            **_shared_fields(fields),
            judgement=_text(fields, "judgement"),
            payload=_mapping(fields.get("payload"), "payload"),
            completions=_completions(fields),
            shown_order=tuple(_strings(fields.get("shown_order", []), "shown_order")),
            brief=_mapping(fields.get("brief", {}), "brief"),
        )


@dataclass(frozen=True, kw_only=True)
class DocumentRecord:
    """A text to learn language from: nobody was asked anything about it."""

    record_id: str
    split: str
    text: str
    language: str = ""
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"kind": "document", **asdict(self)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "record")
        _expect_kind(fields, "document")
        return cls(
            record_id=_text(fields, "record_id"),
            split=_split(fields),
            text=_text(fields, "text"),
            language=_text(fields, "language", ""),
            source=_text(fields, "source", ""),
        )


@dataclass(frozen=True, kw_only=True)
class PromptRecord:
    """A conversation that waits for a model's completions."""

    prompt_id: str
    messages: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        return _plain(self)

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "record")
        return cls(prompt_id=_text(fields, "prompt_id"), messages=_messages(fields))


@dataclass(frozen=True, kw_only=True)
class ItemRecord:
    """A conversation with completions that wait for a reward model's scores."""

    item_id: str
    messages: tuple[Message, ...]
    completions: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "record")
        return cls(
            item_id=_text(fields, "item_id"),
            messages=_messages(fields),
            completions=tuple(_strings(fields.get("completions"), "completions")),
        )


@dataclass(frozen=True, kw_only=True)
class ScoresRecord:
    """What an ensemble makes of an item: a score of each member for each completion."""

    item_id: str
    scores: tuple[tuple[float, ...], ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "record")
        return cls(item_id=_text(fields, "item_id"), scores=tuple(_numbers(row) for row in _list(fields, "scores")))


@dataclass(frozen=True, kw_only=True)
class CompletionRecord:
    """One completion a model wrote, with what is needed to write it again."""

    prompt_id: str
    index: int
    text: str
    finish_reason: str
    seed: int
    temperature: float
    top_p: float

    def to_json(self) -> dict[str, Any]:
        return _plain(self)

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "record")
        return cls(
            prompt_id=_text(fields, "prompt_id"),
            index=_integer(fields, "index"),
            text=_text(fields, "text"),
            finish_reason=_text(fields, "finish_reason"),
            seed=_integer(fields, "seed"),
            temperature=_number(fields, "temperature"),
            top_p=_number(fields, "top_p"),
        )


@dataclass(frozen=True)
class FileEntry:
    """One data file of a release, with what it must weigh."""

    path: str
    rows: int
    bytes: int
    sha256: str

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = _mapping(value, "files")
        path = _text(fields, "path")
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise RecordError(f"files: path {path!r} leaves the release directory.")
        return cls(path, _integer(fields, "rows"), _integer(fields, "bytes"), _text(fields, "sha256"))


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The last file written into a release; a directory without it is not a release."""

    digest_sha256: str
    name: str
    project: str
    selection: Mapping[str, Any]
    counts: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, int]
    files: tuple[FileEntry, ...]
    created_at: str | None = None
    schema: str = SCHEMA
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        plain = asdict(self)
        extra = plain.pop("extra")
        return {**extra, **{name: value for name, value in plain.items() if value is not None}}

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = dict(_mapping(value, "manifest"))
        schema = _text(fields, "schema")
        if schema not in (SCHEMA, LINES_SCHEMA):
            raise RecordError(f"schema: {schema!r} is not {SCHEMA!r}; freeze the release again with this version.")
        known: dict[str, Any] = {
            "schema": schema,
            "digest_sha256": _text(fields, "digest_sha256"),
            "name": _text(fields, "name", ""),
            "project": _text(fields, "project", ""),
            "selection": _mapping(fields.get("selection", {}), "selection"),
            "counts": _mapping(fields.get("counts", {}), "counts"),
            "left_out": _mapping(fields.get("left_out", {}), "left_out"),
            "files": tuple(FileEntry.from_json(item) for item in _list(fields, "files")),
            "created_at": fields.get("created_at"),
        }
        return cls(**known, extra={name: item for name, item in fields.items() if name not in known})


def dump_line(value: Mapping[str, Any]) -> bytes:
    r"""Write one JSON line, `\n` included, that every reader splits in the same places.

    Raises RecordError on NaN, infinity and lone surrogates, which JSON in UTF-8 cannot carry.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.translate(_ESCAPED).encode() + b"\n"
    except ValueError as error:
        raise RecordError(f"The record cannot be written as JSON in UTF-8: {error}.") from error


def parse_line(line: bytes) -> Any:
    """Read one JSON line. Raises RecordError on invalid UTF-8, invalid JSON, NaN and infinity."""
    try:
        return json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except ValueError as error:
        raise RecordError(f"not a JSON object in UTF-8: {error}") from error


def read_lines(path: Path) -> Iterator[tuple[int, Any]]:
    r"""Yield (line number, value) for every line that is not blank; lines end at `\n` and nowhere else."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                try:
                    yield number, parse_line(line)
                except RecordError as error:
                    raise RecordError(f"{path.name} line {number}: {error}") from error


def read_demonstrations(release: Path, split: str) -> Iterator[DemonstrationRecord]:
    """Yield a split's demonstrations. Raises RecordError naming file, line and field."""
    for place, value in _placed(release / split / "demonstrations.jsonl"):
        with _placing(place):
            record = DemonstrationRecord.from_json(value)
        yield record


def read_rankings(release: Path, split: str) -> Iterator[RankingRecord]:
    """Yield a split's rankings. Raises RecordError naming file, line and field."""
    for place, value in _placed(release / split / "rankings.jsonl"):
        with _placing(place):
            record = RankingRecord.from_json(value)
        yield record


def read_judgements(release: Path, split: str) -> Iterator[JudgementRecord]:
    """Yield a split's other judgements; none in a release that is older than they are. Raises RecordError."""
    path = release / split / "judgements.jsonl"
    for place, value in _placed(path) if path.is_file() else ():
        with _placing(place):
            record = JudgementRecord.from_json(value)
        yield record


def read_prompts(path: Path) -> Iterator[PromptRecord]:
    """Yield the prompts of a sampling job. Raises RecordError naming file, line and field."""
    for place, value in _placed(path):
        with _placing(place):
            record = PromptRecord.from_json(value)
        yield record


def read_completions(path: Path) -> Iterator[CompletionRecord]:
    """Yield what a sampling job wrote. Raises RecordError naming file, line and field."""
    for place, value in _placed(path):
        with _placing(place):
            record = CompletionRecord.from_json(value)
        yield record


def read_items(path: Path) -> Iterator[ItemRecord]:
    """Yield what a scoring job is to score. Raises RecordError naming file, line and field."""
    for place, value in _placed(path):
        with _placing(place):
            record = ItemRecord.from_json(value)
        yield record


def read_scores(path: Path) -> Iterator[ScoresRecord]:
    """Yield what a scoring job wrote. Raises RecordError naming file, line and field."""
    for place, value in _placed(path):
        with _placing(place):
            record = ScoresRecord.from_json(value)
        yield record


def write_records(path: Path, rows: Iterable[Mapping[str, Any]], name: str | None = None) -> FileEntry:
    """Write JSON lines and return what the manifest says of the file, under `name` or its file name."""
    digest, count, size = hashlib.sha256(), 0, 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        for row in rows:
            line = dump_line(row)
            stream.write(line)
            digest.update(line)
            count, size = count + 1, size + len(line)
    return FileEntry(name or path.name, count, size, digest.hexdigest())


def write_manifest(release: Path, manifest: Manifest) -> None:
    """Write the manifest under another name first, so that a directory that has one is whole."""
    partial = release / f"{MANIFEST}.partial"
    partial.write_bytes(json.dumps(manifest.to_json(), indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n")
    partial.replace(release / MANIFEST)


def read_manifest(release: Path) -> Manifest:
    """Read a release's manifest. Raises RecordError where there is none or it does not follow the schema."""
    path = release / MANIFEST
    if not path.is_file():
        raise RecordError(f"{release} is not a finished release: it has no {MANIFEST}.")
    try:
        return Manifest.from_json(parse_line(path.read_bytes()))
    except RecordError as error:
        raise RecordError(f"{MANIFEST}: {error}") from error


def verify_release(release: Path) -> Manifest:
    """Read the manifest and hash every file it lists. Raises RecordError on the first that differs."""
    manifest = read_manifest(release)
    for entry in manifest.files:
        path = release / entry.path
        if not path.is_file():
            raise RecordError(f"{entry.path} is listed in {MANIFEST} but missing from the release.")
        if path.stat().st_size != entry.bytes or sha256_of_file(path) != entry.sha256:
            raise RecordError(f"{entry.path} is not the file that was frozen: its bytes differ from {MANIFEST}.")
    return manifest


def sha256_of_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def model_sha256(directory: Path) -> str:
    """Digest a model directory: sha256 over its sorted (name, sha256) lines, card and notes left out."""
    digest = hashlib.sha256()
    for path in sorted(directory.iterdir()):
        if path.is_file() and path.name not in (CARD, MODEL_NOTES):
            digest.update(f"{path.name} {sha256_of_file(path)}\n".encode())
    return digest.hexdigest()


@contextmanager
def _placing(place: str) -> Iterator[None]:
    """Name the file and line in any RecordError raised inside."""
    try:
        yield
    except RecordError as error:
        raise RecordError(f"{place}: {error}") from error


def _placed(path: Path) -> Iterator[tuple[str, Any]]:
    if not path.is_file():
        raise RecordError(f"{path.parent.name}/{path.name} is missing.")
    for number, value in read_lines(path):
        yield f"{path.parent.name}/{path.name} line {number}", value


def _plain(record: Any) -> dict[str, Any]:
    plain = _said(asdict(record))
    if "completions" in plain:
        plain["completions"] = tuple(_said(completion) for completion in plain["completions"])
    return plain


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if not (name in _LATER and value in _EMPTY)}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _expect_kind(fields: Mapping[str, Any], kind: str) -> None:
    if fields.get("kind") != kind:
        raise RecordError(f"kind: {fields.get('kind')!r} is not {kind!r}.")


def _shared_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    split = _split(fields)
    return {
        "record_id": _text(fields, "record_id"),
        "prompt_id": _text(fields, "prompt_id"),
        "group": _text(fields, "group"),
        "split": split,
        "messages": _messages(fields),
        "annotator": _text(fields, "annotator", ""),
        "protocol": _text(fields, "protocol", ""),
        "guideline_version": fields.get("guideline_version"),
        "language": _text(fields, "language", ""),
        "source": _text(fields, "source", ""),
        "seconds": fields.get("seconds"),
        "created_at": fields.get("created_at"),
        "step_seconds": _mapping(fields.get("step_seconds", {}), "step_seconds"),
        "selection": _mapping(fields.get("selection", {}), "selection"),
    }


def _split(fields: Mapping[str, Any]) -> str:
    split = _text(fields, "split")
    if split not in SPLITS:
        raise RecordError(f"split: {split!r} is not one of {', '.join(SPLITS)}.")
    return split


def _completions(fields: Mapping[str, Any]) -> tuple[RankedCompletion, ...]:
    return tuple(RankedCompletion.from_json(item) for item in _list(fields, "completions"))


def _messages(fields: Mapping[str, Any]) -> tuple[Message, ...]:
    messages = tuple(Message.from_json(item) for item in _list(fields, "messages"))
    if not messages:
        raise RecordError("messages: the conversation is empty.")
    return messages


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RecordError(f"{name}: expected an object, not {type(value).__name__}.")
    return value


def _list(fields: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = fields.get(name)
    if not isinstance(value, list | tuple):
        raise RecordError(f"{name}: expected a list, not {type(value).__name__}.")
    return value


def _strings(value: object, name: str) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise RecordError(f"{name}: expected a list of identifiers.")
    return list(value)


def _text(fields: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise RecordError(f"{name}: expected a text, not {type(value).__name__}.")
    return value


def _numbers(value: object) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not all(type(item) in (int, float) for item in value):
        raise RecordError("scores: expected lists of numbers.")
    return tuple(float(item) for item in value)


def _integer(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RecordError(f"{name}: expected a whole number, not {type(value).__name__}.")
    return value


def _optional_integer(fields: Mapping[str, Any], name: str) -> int | None:
    return None if fields.get(name) is None else _integer(fields, name)


def _number(fields: Mapping[str, Any], name: str) -> float:
    value = fields.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise RecordError(f"{name}: expected a number, not {type(value).__name__}.")
    return float(value)
