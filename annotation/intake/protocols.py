"""Which protocol each kind of row goes to: one of the project's that fits the format, else one made for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotation.intake.models import ImportFile
from annotation.intake.readers import NEEDS, TITLES
from annotation.intake.rows import BadFile
from annotation.projects import actions as project_actions
from annotation.projects.models import Protocol, ProtocolState, ProtocolVersion
from annotation.projects.permissions import NotAllowed, can
from annotation.projects.presets import PRESETS
from annotation.projects.protocol import check_config, whole_config

# A ranking that asks for nothing that other tools do not record.
PLAIN_RANKING = {
    "minimum_completions": 2,
    "maximum_completions": 9,
    "prompt_flags": [],
    "use_cases": [],
    "rating_scale": 0,
    "completion_flags": [],
}
# What is made where a project has nothing that fits. No preset can know the labels of a file.
_STARTS = {"ranking": "rank", "comparison": "pair_strength", "moderation_label": "moderation_label"}
_LABELS = "label"


@dataclass(frozen=True)
class Target:
    protocol: Protocol
    version_id: int
    config: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Where rows of a kind would go: a protocol that is there, or one that the import would make."""

    kind: str
    name: str
    config: Mapping[str, Any]
    protocol_id: int | None = None


class Targets:
    """The protocols of one import, found or made when the first row wants them."""

    def __init__(self, job: ImportFile, format: str, now: datetime) -> None:
        self.job, self.now = job, now
        self.needs = {"ranking": PLAIN_RANKING, **NEEDS.get(format, {})}
        self.title = TITLES.get(format, "")
        self.found: dict[str, Target] = {}

    def of(self, kind: str) -> Target:
        """Return where rows go that want a protocol of this kind. Raise BadFile."""
        if kind not in self.found:
            self.found[kind] = self._fitting(kind) or self._made(kind)
        return self.found[kind]

    def planned(self, kind: str) -> Plan:
        """Return where `of` would send rows of this kind, and make nothing. Raise BadFile."""
        if there := self._fitting(kind):
            return Plan(kind, there.protocol.name, there.config, there.protocol.pk)
        preset = self._preset(kind)
        if not can(self.job.created_by, "manage_protocols", self.job.project):
            raise self._not_makable(kind, preset)
        config = check_config(kind, {**PRESETS[preset].config, **self.needs.get(kind, {})})
        return Plan(kind, self._name(preset), config)

    def _fitting(self, kind: str) -> Target | None:
        return next((target for target in self._there(kind) if self._fits(kind, target.config)), None)

    def _there(self, kind: str) -> Iterator[Target]:
        """Yield the project's protocols of the kind, active ones before paused ones, then the oldest."""
        rows = Protocol.objects.filter(project=self.job.project_id, kind=kind).exclude(state=ProtocolState.ARCHIVED)
        return map(_target, rows.order_by("state", "pk"))

    def _fits(self, kind: str, config: Mapping[str, Any]) -> bool:
        return all(config.get(name) == value for name, value in self.needs.get(kind, {}).items())

    def _made(self, kind: str) -> Target:
        preset = self._preset(kind)
        try:
            protocol = project_actions.create_protocol(
                project=self.job.project,
                actor=self.job.created_by,
                preset=preset,
                name=self._name(preset),
                config=self.needs.get(kind, {}),
                now=self.now,
            )
        except (NotAllowed, project_actions.NameTaken) as error:
            raise self._not_makable(kind, preset, f" {error}") from error
        return _target(protocol)

    def _preset(self, kind: str) -> str:
        preset = _STARTS.get(kind) or (_LABELS if kind in self.needs else "")
        if not preset:
            raise BadFile(f"The project has no protocol of the kind {kind}. Make one, then try again.")
        return preset

    def _name(self, preset: str) -> str:
        return f"{self.title}: {PRESETS[preset].name}" if self.title else PRESETS[preset].name

    def _not_makable(self, kind: str, preset: str, why: str = "") -> BadFile:
        settings = ", ".join(f"{setting}={value!r}" for setting, value in self.needs.get(kind, {}).items())
        message = f"The project has not a protocol of the kind {kind} that fits this file ({settings}), and it could "
        return BadFile(f"{message}not be made.{why} Ask a manager to make it from “{PRESETS[preset].name}”.")


def _target(protocol: Protocol) -> Target:
    version: ProtocolVersion = protocol.versions.order_by("-number")[0]
    return Target(protocol, version.pk, whole_config(protocol.kind, version.config))
