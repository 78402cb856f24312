"""Frozen, typed configuration of every stage: what may be set, between which bounds, and what it does.

The web form, the command line and the recipes all read these dataclasses, so a number has one home. Standard
library only.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, fields
from typing import Annotated, Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints


class ConfigError(ValueError):
    """A configuration that cannot run; the message names the field and the remedy."""


@dataclass(frozen=True)
class Setting:
    """What a form shows beside a field, and the bounds its value is checked against."""

    help: str
    minimum: float | None = None
    maximum: float | None = None

    def range(self) -> str:
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum:g} to {self.maximum:g}"
        return f"{self.minimum:g} or more" if self.minimum is not None else f"{self.maximum:g} or less"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """The shape of a model trained from scratch."""

    help: str
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int


PRESETS: Mapping[str, Preset] = {
    "tiny": Preset(
        help="For tests and demonstrations: trains in seconds, says nothing.",
        vocabulary=512, hidden=48, layers=2, heads=2, feed_forward=128, positions=512,
    ),
    "small": Preset(
        help="For a laptop without an accelerator: minutes on two cores.",
        vocabulary=4096, hidden=128, layers=2, heads=4, feed_forward=352, positions=1024,
    ),
    "medium": Preset(
        help="For a workstation: hours on a processor, minutes on an accelerator.",
        vocabulary=8192, hidden=512, layers=8, heads=8, feed_forward=1376, positions=2048,
    ),
}  # fmt: skip


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
        if start.preset is not None and start.preset not in PRESETS:
            raise ConfigError(f"start: preset {start.preset!r} is not one of {', '.join(PRESETS)}.")
        if start.directory is not None and not (isinstance(start.directory, str) and start.directory):
            raise ConfigError("start: directory must be the path of a model directory.")
        return start


@dataclass(frozen=True, kw_only=True)
class _Config:
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
        config.check()
        return config

    def check(self) -> None:
        """Raise ConfigError where values that are fine alone cannot stand together."""

    def to_json(self) -> dict[str, Any]:
        plain = asdict(self)
        if "start" in plain:
            plain["start"] = {name: item for name, item in plain["start"].items() if item is not None}
        return {"stage": self.stage, **plain}


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(_Config):
    """What every stage that changes weights has."""

    release: Annotated[str, Setting("Directory of the frozen release to train on.")]
    output: Annotated[str, Setting("Directory that the model, its card and its checkpoints are written to.")]
    start: Annotated[Start, Setting("A preset trained from scratch, or the directory of a model.")]
    seed: Annotated[int, Setting("Same release, configuration and seed: same model.", 0, 2**31 - 1)] = 0
    epochs: Annotated[int, Setting("How often every row is seen.", 1, 1000)] = 3
    max_steps: Annotated[int | None, Setting("Stop after this many steps, whatever the epochs say.", 1)] = None
    learning_rate: Annotated[float, Setting("Highest step size; warmed up to, then lowered to a tenth.", 1e-8, 1)] = (
        1e-3
    )
    batch_tokens: Annotated[int, Setting("Tokens of one step.", 16, 2**22)] = 4096
    max_length: Annotated[int, Setting("Longest row in tokens; a longer prompt loses its oldest.", 16, 2**17)] = 512
    forward_tokens: Annotated[int, Setting("Tokens of one forward pass: lower it if memory runs out.", 16, 2**22)] = (
        4096
    )
    warmup_share: Annotated[float, Setting("Share of the steps that warm the learning rate up.", 0, 0.9)] = 0.1
    weight_decay: Annotated[float, Setting("Pull of the weights towards zero (AdamW).", 0, 10)] = 0.1
    token_dropout: Annotated[float, Setting("Share of input tokens blanked while training.", 0, 0.9)] = 0.0
    checkpoint_every: Annotated[int, Setting("Steps between checkpoints.", 1)] = 100
    evaluate_every: Annotated[int, Setting("Steps between looks at the validation split.", 1)] = 50
    threads: Annotated[int | None, Setting("Processor threads; empty leaves it to torch.", 1, 1024)] = None

    def check(self) -> None:
        if self.start.preset is not None:
            positions = PRESETS[self.start.preset].positions
            if self.max_length > positions:
                raise ConfigError(
                    f"max_length: preset {self.start.preset!r} reads at most {positions} tokens; lower it to that."
                )
        if self.batch_tokens < self.max_length:
            raise ConfigError("batch_tokens: a step must hold the longest row; raise it to max_length or more.")


@dataclass(frozen=True, kw_only=True)
class PretrainConfig(TrainingConfig):
    """Next-token prediction on every text of the release's train split."""

    stage: ClassVar[str] = "pretrain"


@dataclass(frozen=True, kw_only=True)
class SFTConfig(TrainingConfig):
    """Imitation of the ideal answers: loss on the answer, never on the prompt."""

    stage: ClassVar[str] = "sft"


@dataclass(frozen=True, kw_only=True)
class RewardConfig(TrainingConfig):
    """A score that orders completions as people did."""

    stage: ClassVar[str] = "reward"
    epochs: Annotated[int, Setting("How often every row is seen; more than a few are learned by heart.", 1, 1000)] = 2
    token_dropout: Annotated[float, Setting("Share of input tokens blanked while training.", 0, 0.9)] = 0.2
    prompts_per_batch: Annotated[int, Setting("Rankings of one step; the pairs of one stay together.", 1, 4096)] = 32
    batch_tokens: Annotated[int, Setting("Tokens of one step at most.", 16, 2**22)] = 32768
    score_penalty: Annotated[float, Setting("Pull of the scores towards zero, which pairs leave free.", 0, 1)] = 0.001


@dataclass(frozen=True, kw_only=True)
class SampleConfig(_Config):
    """A model writes completions for waiting prompts."""

    stage: ClassVar[str] = "sample"
    model: Annotated[str, Setting("Directory of the model that writes.")]
    prompts: Annotated[str, Setting("JSON lines of prompts: prompt_id and messages.")]
    output: Annotated[str, Setting("File that the completions are written to.")]
    n: Annotated[int, Setting("Completions for each prompt.", 1, 64)] = 4
    temperature: Annotated[float, Setting("0 always takes the likeliest token; 1 samples as learned.", 0, 10)] = 0.8
    top_p: Annotated[float, Setting("Sample from the likeliest tokens that make up this share.", 0.01, 1)] = 0.95
    max_new_tokens: Annotated[int, Setting("Longest completion in tokens.", 1, 2**15)] = 200
    seed: Annotated[int, Setting("Same model, prompt and seed: same completion.", 0, 2**31 - 1)] = 0
    prompts_per_batch: Annotated[int, Setting("Prompts that are written for at a time.", 1, 1024)] = 8
    threads: Annotated[int | None, Setting("Processor threads; empty leaves it to torch.", 1, 1024)] = None


STAGES: Mapping[str, type[_Config]] = {
    config.stage: config for config in (PretrainConfig, SFTConfig, RewardConfig, SampleConfig)
}


def from_json(value: object) -> _Config:
    """Read a configuration of whichever stage it names. Raises ConfigError."""
    stage = value.get("stage") if isinstance(value, Mapping) else None
    if not isinstance(stage, str) or stage not in STAGES:
        raise ConfigError(f"stage: {stage!r} is not one of {', '.join(STAGES)}.")
    return STAGES[stage].from_json(value)


def describe() -> dict[str, list[dict[str, Any]]]:
    """Describe each stage's fields for a form: name, type, required, default, bounds and help."""
    return {stage: [_describe_field(config, spec) for spec in fields(config)] for stage, config in STAGES.items()}


def describe_presets() -> list[dict[str, Any]]:
    """Describe the presets for a form, with the size of each in parameters."""
    return [{"name": name, "parameters": _parameters(preset), **asdict(preset)} for name, preset in PRESETS.items()]


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
        if self.kind is float and type(value) is int:
            value = float(value)
        if type(value) is not self.kind:
            raise ConfigError(f"{name}: {value!r} is not {_EXPECTED[self.kind]}.")
        if value == "":
            raise ConfigError(f"{name}: empty. {self.setting.help}")
        self._check_range(name, value)
        return value

    def _check_range(self, name: str, value: Any) -> None:
        low, high = self.setting.minimum, self.setting.maximum
        # Written so that NaN, which compares false with everything, is refused too.
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            raise ConfigError(f"{name}: {value!r} is out of range; choose {self.setting.range()}.")


_EXPECTED = {int: "a whole number", float: "a number", str: "a text"}
_TYPE_NAMES = {int: "integer", float: "number", str: "text", Start: "start"}


def _described(config: type[_Config]) -> dict[str, _Described]:
    hints = get_type_hints(config, include_extras=True)
    described = {}
    for spec in fields(config):
        annotated, setting = get_args(hints[spec.name])
        kind, is_optional = _unwrap(annotated)
        described[spec.name] = _Described(kind, is_optional, setting)
    return described


def _unwrap(hint: Any) -> tuple[type, bool]:
    """Split `X | None` into (X, True)."""
    if get_origin(hint) in (Union, types.UnionType):
        (kind,) = [option for option in get_args(hint) if option is not types.NoneType]
        return kind, True
    return hint, False


def _describe_field(config: type[_Config], spec: Field[Any]) -> dict[str, Any]:
    facts = _described(config)[spec.name]
    is_required = spec.default is MISSING
    return {
        "name": spec.name,
        "type": _TYPE_NAMES[facts.kind],
        "required": is_required,
        "optional": facts.is_optional,
        "default": None if is_required else spec.default,
        **asdict(facts.setting),
    }


def _parameters(preset: Preset) -> int:
    """Count the weights of a Llama-shaped model whose output shares the input embedding."""
    attention = 4 * preset.hidden * preset.hidden
    feed_forward = 3 * preset.hidden * preset.feed_forward
    norms = (2 * preset.layers + 1) * preset.hidden
    return preset.vocabulary * preset.hidden + preset.layers * (attention + feed_forward) + norms
