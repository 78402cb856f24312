"""How a configuration is read, checked and described: one dataclass a kind, one `Setting` beside each field.

The web form, the command line and the recipes all read these, so a number has one home. Standard library only.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, fields
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints


class ConfigError(ValueError):
    """A configuration that cannot run; the message names the field and the remedy."""


@dataclass(frozen=True)
class Setting:
    """What a form shows beside a field, and the bounds its value is checked against."""

    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] | None = None

    def range(self) -> str:
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum:g} to {self.maximum:g}"
        return f"{self.minimum:g} or more" if self.minimum is not None else f"{self.maximum:g} or less"


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where the weights come from: a preset trained from scratch, or a model directory."""

    preset: str | None = None
    directory: str | None = None

    @classmethod
    def from_json(cls, value: object) -> Self:
        if not isinstance(value, Mapping) or len(value) != 1 or not set(value) <= {"preset", "directory"}:
            raise ConfigError('start: give either {"preset": "small"} or {"directory": "path of a model"}.')
        start = cls(**value)
        if start.directory is not None and not (isinstance(start.directory, str) and start.directory):
            raise ConfigError("start: directory must be the path of a model directory.")
        return start

    def to_json(self) -> dict[str, str]:
        return {name: item for name, item in asdict(self).items() if item is not None}


@dataclass(frozen=True, kw_only=True)
class Config:
    stage: ClassVar[str]

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read a configuration. Raises ConfigError on unknown, missing, mistyped or impossible values."""
        if not isinstance(value, Mapping):
            raise ConfigError("The configuration must be a JSON object.")
        given = {name: item for name, item in value.items() if name != "stage"}
        if value.get("stage", cls.stage) != cls.stage:
            raise ConfigError(
                f"stage: {value['stage']!r} is not {cls.stage!r}; run `python -m training {value['stage']}`."
            )
        known = {spec.name: spec for spec in fields(cls)}
        for name in given:
            if name not in known:
                raise ConfigError(f"{name}: {cls.stage} has no such setting; it has {', '.join(known)}.")
        described = _described(cls)
        for name, spec in known.items():
            if spec.default is MISSING and name not in given:
                raise ConfigError(f"{name}: missing. {described[name].setting.help}")
        config = cls(**{name: described[name].parse(name, item) for name, item in given.items()})
        config.check_start()
        config.check()
        return config

    def check_start(self) -> None:
        """Raise ConfigError where the start is none of this kind of configuration."""

    def check(self) -> None:
        """Raise ConfigError where values that are fine alone cannot stand together."""

    def to_json(self) -> dict[str, Any]:
        plain = asdict(self)
        if "start" in plain:
            plain["start"] = self.start.to_json()  # type: ignore[attr-defined]
        return {"stage": self.stage, **plain}


@dataclass(frozen=True)
class _Described:
    kind: type
    is_optional: bool
    setting: Setting

    def parse(self, name: str, value: Any) -> Any:
        if value is None and self.is_optional:
            return None
        if self.kind is Start:
            return Start.from_json(value)
        if issubclass(self.kind, Config):
            return _group(name, self.kind, value)
        if self.kind is float and type(value) is int:
            value = float(value)
        if self.kind is tuple and type(value) is list:
            value = tuple(value)
        if type(value) is not self.kind:
            raise ConfigError(f"{name}: {value!r} is not {_EXPECTED[self.kind]}.")
        if value == "":
            raise ConfigError(f"{name}: empty. {self.setting.help}")
        if isinstance(value, tuple) and not all(isinstance(one, str) and one for one in value):
            raise ConfigError(f"{name}: {list(value)!r} is not {_EXPECTED[tuple]}.")
        self._check_range(name, value)
        return value

    def _check_range(self, name: str, value: Any) -> None:
        low, high, choices = self.setting.minimum, self.setting.maximum, self.setting.choices
        if choices is not None and value not in choices:
            raise ConfigError(f"{name}: {value!r} is not one of {', '.join(choices)}.")
        # Written so that NaN, which compares false with everything, is refused too.
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            raise ConfigError(f"{name}: {value!r} is out of range; choose {self.setting.range()}.")


def _group(name: str, kind: type[Config], value: Any) -> Any:
    """Read settings that stand together under one name. Raises ConfigError, which names both."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name}: {value!r} is not a group of settings.")
    try:
        return kind.from_json(value)
    except ConfigError as error:
        raise ConfigError(f"{name}.{error}") from error


_EXPECTED = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", tuple: "a list of texts"}
_TYPE_NAMES = {
    int: "integer",
    float: "number",
    str: "text",
    bool: "boolean",
    Start: "start",
    tuple: "texts",
}


def _described(config: type[Config]) -> dict[str, _Described]:
    hints = get_type_hints(config, include_extras=True)
    described = {}
    for spec in fields(config):
        annotated, setting = get_args(hints[spec.name])
        kind, is_optional = _unwrap(annotated)
        described[spec.name] = _Described(kind, is_optional, setting)
    return described


def _unwrap(hint: Any) -> tuple[type, bool]:
    """Split `X | None` into (X, True), and see a tuple of whatever as a tuple."""
    if get_origin(hint) is tuple:
        return tuple, False
    if get_origin(hint) in (Union, types.UnionType):
        (kind,) = [option for option in get_args(hint) if option is not types.NoneType]
        return kind, True
    return hint, False


def describe_field(config: type[Config], spec: Field[Any]) -> dict[str, Any]:
    """Describe one field for a form: name, type, whether it must be given, default, bounds and help."""
    facts = _described(config)[spec.name]
    is_required = spec.default is MISSING
    default: Any = None if is_required else spec.default
    return {
        "name": spec.name,
        "type": "group" if issubclass(facts.kind, Config) else _TYPE_NAMES[facts.kind],
        "required": is_required,
        "optional": facts.is_optional,
        "default": default.to_json() if isinstance(default, Start) else list(default) if default == () else default,
        **asdict(facts.setting),
        "choices": list(facts.setting.choices) if facts.setting.choices else None,
    }
