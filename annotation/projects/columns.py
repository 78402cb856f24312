"""What the columns by which a protocol steers its queue may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from annotation.people.actions import BadField
from annotation.projects.models import Membership, Protocol, ProtocolState
from annotation.projects.permissions import ROLE_VERBS
from annotation.projects.protocol import kind_of

MOST_ANSWERS = 100
LEASE_SECONDS = (60, 7 * 24 * 3600)
MOST_CALIBRATION = 0.5
WORKING_ROLES = tuple(str(role) for role, verbs in ROLE_VERBS.items() if "do_work" in verbs)
RULE_FIELDS = ("languages", "tags", "team", "people")
_LONGEST_LIST = 200
_NAME_CHARACTERS = 60
# As long as Prompt.language is.
_LANGUAGE = re.compile(r"(?=.{2,16}$)[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class QueueColumns(TypedDict, total=False):
    """What `create_protocol` and `change_protocol` take beside a name and a configuration; None empties a column."""

    required_answers: int
    maximum_answers: int | None
    agreement_floor: float | None
    lease_seconds: int
    eligible_roles: list[str]
    eligible_teams: list[str]
    required_qualifications: list[str]
    answers_per_person: int | None
    answers_per_day: int | None
    calibration_share: float
    assignment_rules: list[dict[str, Any]]
    follow_up: int | None


def set_columns(protocol: Protocol, columns: Mapping[str, Any]) -> None:
    """Put checked values into an unsaved protocol. Raise BadField naming the first column at fault."""
    for name, value in columns.items():
        if name == "follow_up":
            protocol.follow_up = _follow_up(protocol, value)
        else:
            setattr(protocol, name, _CHECKS[name](protocol, name, value))
    most, fewest = protocol.maximum_answers, protocol.required_answers
    if most is not None and most < fewest:
        raise BadField("maximum_answers", f"must be at least the {fewest} answers that every task gets")
    if protocol.agreement_floor is not None and most is None:
        raise BadField("agreement_floor", "needs maximum_answers: say how many answers a task may get at most")


def _whole(low: int, high: int, *, may_be_none: bool = False) -> Callable[[Protocol, str, Any], int | None]:
    def check(protocol: Protocol, name: str, value: Any) -> int | None:
        if value is None and may_be_none:
            return None
        if type(value) is not int or not low <= value <= high:
            raise BadField(name, f"must be between {low:,} and {high:,}")
        return value

    return check


def _share(high: float, *, may_be_none: bool = False) -> Callable[[Protocol, str, Any], float | None]:
    def check(protocol: Protocol, name: str, value: Any) -> float | None:
        if value is None and may_be_none:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
            raise BadField(name, f"must be between 0 and {high:g}")
        return float(value)

    return check


def _roles(protocol: Protocol, name: str, value: Any) -> list[str]:
    roles = names_in(name, value)
    if strange := [role for role in roles if role not in WORKING_ROLES]:
        raise BadField(name, f"{strange[0]!r} does no work here: choose among {', '.join(WORKING_ROLES)}")
    return roles


def _names(protocol: Protocol, name: str, value: Any) -> list[str]:
    return names_in(name, value)


def names_in(field: str, value: Any) -> list[str]:
    """Return the names without repetitions, sorted. Raise BadField."""
    if not isinstance(value, list) or len(value) > _LONGEST_LIST:
        raise BadField(field, f"must be a list of at most {_LONGEST_LIST} names")
    return sorted({_checked_name(field, name) for name in value})


def languages_in(field: str, value: Any) -> list[str]:
    """Return language codes without repetitions, sorted. Raise BadField."""
    codes = names_in(field, value)
    if strange := [code for code in codes if not _LANGUAGE.fullmatch(code)]:
        raise BadField(field, f"{strange[0]!r} is no language code such as en or pt-BR")
    return codes


def _checked_name(field: str, name: Any) -> str:
    stripped = name.strip() if isinstance(name, str) else ""
    if not stripped or len(stripped) > _NAME_CHARACTERS or not stripped.isprintable():
        raise BadField(field, f"must hold names of 1 to {_NAME_CHARACTERS} printable characters")
    return stripped


def _rules(protocol: Protocol, name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > _LONGEST_LIST:
        raise BadField(name, f"must be a list of at most {_LONGEST_LIST} rules")
    return [_rule(protocol, f"{name}[{place}]", rule) for place, rule in enumerate(value)]


def _rule(protocol: Protocol, field: str, rule: Any) -> dict[str, Any]:
    """Return a rule without what is empty: for prompts of these languages and tags, this team or these people."""
    if not isinstance(rule, dict):
        raise BadField(field, f"must be an object with any of {', '.join(RULE_FIELDS)}")
    if unknown := sorted(set(rule) - set(RULE_FIELDS)):
        raise BadField(f"{field}.{unknown[0]}", f"is not part of a rule; there are {', '.join(RULE_FIELDS)}")
    whole = {
        "languages": languages_in(f"{field}.languages", rule.get("languages", [])),
        "tags": names_in(f"{field}.tags", rule.get("tags", [])),
        "team": _checked_name(f"{field}.team", rule["team"]) if rule.get("team") else "",
        "people": _people(protocol, f"{field}.people", rule.get("people", [])),
    }
    if not (whole["team"] or whole["people"]):
        raise BadField(field, "names nobody: give it a team or people")
    return {part: value for part, value in whole.items() if value}


def _people(protocol: Protocol, field: str, value: Any) -> list[int]:
    if not isinstance(value, list) or not all(type(pk) is int for pk in value):
        raise BadField(field, "must be a list of members' ids")
    here = set(Membership.objects.filter(project=protocol.project_id, user__in=value).values_list("user", flat=True))
    if strangers := sorted(set(value) - here):
        raise BadField(field, f"{strangers[0]} is no member of this project")
    return sorted(here)


def _follow_up(protocol: Protocol, pk: Any) -> Protocol | None:
    if pk is None:
        return None
    target = Protocol.objects.filter(project=protocol.project_id, pk=pk).first() if type(pk) is int else None
    if target is None:
        raise BadField("follow_up", "is no protocol of this project")
    kinds = kind_of(protocol.kind).follow_ups
    if target.kind not in kinds:
        wanted = f"a protocol of the kind {' or '.join(kinds)}" if kinds else "nothing"
        raise BadField("follow_up", f"a {protocol.kind} goes on to {wanted}")
    if target.state == ProtocolState.ARCHIVED:
        raise BadField("follow_up", "is archived: choose a protocol that still takes work")
    return target


_CHECKS: dict[str, Callable[[Protocol, str, Any], Any]] = {
    "required_answers": _whole(1, MOST_ANSWERS),
    "maximum_answers": _whole(1, MOST_ANSWERS, may_be_none=True),
    "agreement_floor": _share(1, may_be_none=True),
    "lease_seconds": _whole(*LEASE_SECONDS),
    "eligible_roles": _roles,
    "eligible_teams": _names,
    "required_qualifications": _names,
    "answers_per_person": _whole(1, 1_000_000, may_be_none=True),
    "answers_per_day": _whole(1, 100_000, may_be_none=True),
    "calibration_share": _share(MOST_CALIBRATION),
    "assignment_rules": _rules,
}


def name_in(value: str) -> str:
    name = " ".join(value.split())
    if not name or len(name) > 120 or "\x00" in name:
        raise BadField("name", "must have between 1 and 120 characters")
    return name
