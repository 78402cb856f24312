"""Read an answer's payload field by field, and say everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.projects.kinds.shape import (
    RATIONALE_CHARACTERS,
    Config,
    InvalidAnswer,
    Payload,
    character_fault,
    with_line_feeds,
)

OVERALL_QUALITY = "overall_quality"
_NOT_ASKED = "is not asked for by this protocol: leave it out"


class Fields:
    """A payload, or an object inside one. Each method returns a field as it is stored, or notes what is wrong.

    `done` raises InvalidAnswer with all that was noted, each fault under the path of its field.
    """

    def __init__(self, payload: Any, known: Sequence[str], *, path: str = "", faults: Any = None) -> None:
        self.path = path
        self.faults: list[tuple[str, str]] = [] if faults is None else faults
        self.payload: Payload = payload if isinstance(payload, dict) else {}
        if not isinstance(payload, dict):
            self.faults.append((path.rstrip("."), "must be an object"))
        for name in sorted(set(self.payload) - set(known)):
            self.fault(name, "is not a field of this protocol")

    def fault(self, name: str, message: str) -> None:
        self.faults.append((self.path + name, message))

    def done(self) -> None:
        """Raise InvalidAnswer when anything was wrong."""
        if self.faults:
            raise InvalidAnswer(self.faults)

    def inside(self, name: str, value: Any, known: Sequence[str]) -> Fields:
        """Return a reader for an object inside this one."""
        return Fields(value, known, path=f"{self.path}{name}.", faults=self.faults)

    def text(self, name: str, *, limit: int, required: bool = False) -> str:
        value = self.payload.get(name, "")
        if not isinstance(value, str):
            self.fault(name, "must be a text")
            return ""
        text = with_line_feeds(value).strip()
        if fault := character_fault(text):
            self.fault(name, fault)
        elif required and not text:
            self.fault(name, "must not be empty")
        elif len(text) > limit:
            self.fault(name, f"has {len(text):,} characters; at most {limit:,} are allowed")
        return text

    def rationale(self, config: Config) -> str:
        return self.text("rationale", limit=RATIONALE_CHARACTERS, required=config["require_rationale"])

    def switch(self, name: str) -> bool:
        value = self.payload.get(name, False)
        if not isinstance(value, bool):
            self.fault(name, "must be true or false")
        return value is True

    def whole(self, name: str, low: int, high: int) -> int:
        value = self.payload.get(name)
        if type(value) is not int or not low <= value <= high:
            self.fault(name, f"must be a whole number from {low} to {high}")
            return low
        return value

    def choice(self, name: str, choices: Sequence[str], *, required: bool = True) -> str:
        """Return one of the choices; empty where nothing is chosen and nothing need be."""
        value = self.payload.get(name, "")
        if value in choices or (not required and value == ""):
            return str(value)
        self.fault(name, f"must be one of {', '.join(choices)}" if choices else _NOT_ASKED)
        return ""

    def flags(self, name: str, names: Sequence[str]) -> dict[str, bool]:
        """Return every flag there is: one that is not mentioned is false."""
        inner = self.inside(name, self.payload.get(name, {}), names)
        return {flag: inner.switch(flag) for flag in names}

    def items(self, name: str, *, most: int) -> list[Any]:
        value = self.payload.get(name, [])
        if not isinstance(value, list):
            self.fault(name, "must be a list")
            return []
        if len(value) > most:
            self.fault(name, f"has {len(value):,} entries; at most {most:,} are allowed" if most else _NOT_ASKED)
            return []
        return value

    def label(self, name: str, labels: Sequence[Any]) -> Any:
        """Return the completion that a field names; None where it names none."""
        value = self.payload.get(name)
        if value is None or value in labels:
            return value
        self.fault(name, f"{value!r} does not belong to this prompt's completions")
        return None

    def outputs(self, labels: Sequence[Any], *, scale: int, flags: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return what is said of each completion by itself: its rating where there is a scale, and its flags.

        Keys are texts, as JSON wants them, also where labels are ids. Empty where the protocol asks for nothing.
        """
        rated = [OVERALL_QUALITY] if scale else []
        names = [str(label) for label in labels]
        given = self.inside("outputs", self.payload.get("outputs", {}), names)
        outputs = {}
        for name in names:
            inner = given.inside(name, given.payload.get(name, {}), [*rated, *flags])
            quality = {OVERALL_QUALITY: inner.whole(OVERALL_QUALITY, 1, scale)} if scale else {}
            outputs[name] = quality | {flag: inner.switch(flag) for flag in flags}
        return outputs if rated or flags else {}


def renamed_keys(values: Mapping[str, Any], names: Mapping[Any, Any]) -> dict[str, Any]:
    """Return values that stand under labels, under what these labels are to be called; keys stay texts."""
    texts = {str(old): str(new) for old, new in names.items()}
    return {texts[name]: value for name, value in values.items()}
