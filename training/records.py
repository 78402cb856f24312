"""The handover between annotation/ and training/: what stands in a release, record by record.

How it lies on disk say `handover.py` and `parquet.py`. Standard library only, so that the site can write releases
without torch and training can read them without Django.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from training.fields import (
    RecordError,
    integer_in,
    list_in,
    mapping_of,
    number_in,
    numbers_of,
    optional_integer_in,
    strings_of,
    text_in,
)
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


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: str
    content: str

    @classmethod
    def from_json(cls, value: object) -> Self:
        fields = mapping_of(value, "messages")
        role, content = text_in(fields, "role"), text_in(fields, "content")
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
        fields = mapping_of(value, "completions")
        return cls(
            completion_id=text_in(fields, "completion_id"),
            text=text_in(fields, "text"),
            source_kind=text_in(fields, "source_kind", ""),
            source_label=text_in(fields, "source_label", ""),
            edit_of=text_in(fields, "edit_of", ""),
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
        fields = mapping_of(value, "record")
        _expect_kind(fields, "demonstration")
        return cls(**_shared_fields(fields), completion=text_in(fields, "completion"))


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
        fields = mapping_of(value, "record")
        _expect_kind(fields, "ranking")
        completions = _completions(fields)
        try:
            tiers = validate_tiers(
                [strings_of(tier, "tiers") for tier in list_in(fields, "tiers")],
                [completion.completion_id for completion in completions],
            )
        except RankingError as error:
            raise RecordError(f"tiers: {error}") from error
        return cls(
            **_shared_fields(fields),
            completions=completions,
            tiers=tiers,
            shown_order=tuple(strings_of(fields.get("shown_order", []), "shown_order")),
            all_bad=bool(fields.get("all_bad", False)),
            rationale=text_in(fields, "rationale", ""),
            prompt_flags=mapping_of(fields.get("prompt_flags", {}), "prompt_flags"),
            use_case=text_in(fields, "use_case", ""),
            outputs=mapping_of(fields.get("outputs", {}), "outputs"),
            strength=optional_integer_in(fields, "strength"),
            strength_levels=optional_integer_in(fields, "strength_levels"),
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
        fields = mapping_of(value, "record")
        _expect_kind(fields, "judgement")
        return cls(
            **_shared_fields(fields),
            judgement=text_in(fields, "judgement"),
            payload=mapping_of(fields.get("payload"), "payload"),
            completions=_completions(fields),
            shown_order=tuple(strings_of(fields.get("shown_order", []), "shown_order")),
            brief=mapping_of(fields.get("brief", {}), "brief"),
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
        fields = mapping_of(value, "record")
        _expect_kind(fields, "document")
        return cls(
            record_id=text_in(fields, "record_id"),
            split=_split(fields),
            text=text_in(fields, "text"),
            language=text_in(fields, "language", ""),
            source=text_in(fields, "source", ""),
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
        fields = mapping_of(value, "record")
        return cls(prompt_id=text_in(fields, "prompt_id"), messages=_messages(fields))


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
        fields = mapping_of(value, "record")
        return cls(
            item_id=text_in(fields, "item_id"),
            messages=_messages(fields),
            completions=tuple(strings_of(fields.get("completions"), "completions")),
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
        fields = mapping_of(value, "record")
        return cls(
            item_id=text_in(fields, "item_id"), scores=tuple(numbers_of(row) for row in list_in(fields, "scores"))
        )


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
        fields = mapping_of(value, "record")
        return cls(
            prompt_id=text_in(fields, "prompt_id"),
            index=integer_in(fields, "index"),
            text=text_in(fields, "text"),
            finish_reason=text_in(fields, "finish_reason"),
            seed=integer_in(fields, "seed"),
            temperature=number_in(fields, "temperature"),
            top_p=number_in(fields, "top_p"),
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
        fields = mapping_of(value, "files")
        path = text_in(fields, "path")
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise RecordError(f"files: path {path!r} leaves the release directory.")
        return cls(path, integer_in(fields, "rows"), integer_in(fields, "bytes"), text_in(fields, "sha256"))


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
        fields = dict(mapping_of(value, "manifest"))
        schema = text_in(fields, "schema")
        if schema not in (SCHEMA, LINES_SCHEMA):
            raise RecordError(f"schema: {schema!r} is not {SCHEMA!r}; freeze the release again with this version.")
        known: dict[str, Any] = {
            "schema": schema,
            "digest_sha256": text_in(fields, "digest_sha256"),
            "name": text_in(fields, "name", ""),
            "project": text_in(fields, "project", ""),
            "selection": mapping_of(fields.get("selection", {}), "selection"),
            "counts": mapping_of(fields.get("counts", {}), "counts"),
            "left_out": mapping_of(fields.get("left_out", {}), "left_out"),
            "files": tuple(FileEntry.from_json(item) for item in list_in(fields, "files")),
            "created_at": fields.get("created_at"),
        }
        return cls(**known, extra={name: item for name, item in fields.items() if name not in known})


def _plain(record: Any) -> dict[str, Any]:
    plain = _said(asdict(record))
    if "completions" in plain:
        plain["completions"] = tuple(_said(completion) for completion in plain["completions"])
    return plain


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if not (name in _LATER and value in _EMPTY)}


def _expect_kind(fields: Mapping[str, Any], kind: str) -> None:
    if fields.get("kind") != kind:
        raise RecordError(f"kind: {fields.get('kind')!r} is not {kind!r}.")


def _shared_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    split = _split(fields)
    return {
        "record_id": text_in(fields, "record_id"),
        "prompt_id": text_in(fields, "prompt_id"),
        "group": text_in(fields, "group"),
        "split": split,
        "messages": _messages(fields),
        "annotator": text_in(fields, "annotator", ""),
        "protocol": text_in(fields, "protocol", ""),
        "guideline_version": fields.get("guideline_version"),
        "language": text_in(fields, "language", ""),
        "source": text_in(fields, "source", ""),
        "seconds": fields.get("seconds"),
        "created_at": fields.get("created_at"),
        "step_seconds": mapping_of(fields.get("step_seconds", {}), "step_seconds"),
        "selection": mapping_of(fields.get("selection", {}), "selection"),
    }


def _split(fields: Mapping[str, Any]) -> str:
    split = text_in(fields, "split")
    if split not in SPLITS:
        raise RecordError(f"split: {split!r} is not one of {', '.join(SPLITS)}.")
    return split


def _completions(fields: Mapping[str, Any]) -> tuple[RankedCompletion, ...]:
    return tuple(RankedCompletion.from_json(item) for item in list_in(fields, "completions"))


def _messages(fields: Mapping[str, Any]) -> tuple[Message, ...]:
    messages = tuple(Message.from_json(item) for item in list_in(fields, "messages"))
    if not messages:
        raise RecordError("messages: the conversation is empty.")
    return messages
