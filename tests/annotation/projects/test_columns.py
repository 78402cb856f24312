from __future__ import annotations

from typing import Any

import pytest

from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects import actions
from annotation.projects.columns import set_columns
from annotation.projects.models import Project, Protocol
from tests.people import NOW


def fault_of(protocol: Protocol, **columns: Any) -> str:
    with pytest.raises(BadField) as refused:
        set_columns(protocol, columns)
    return refused.value.field


def test_every_column_is_set_and_emptied(ranking_protocol: Protocol, annotator: User) -> None:
    rule = {"languages": ["nb"], "tags": ["law"], "team": "Night", "people": [annotator.pk]}
    columns = {
        "required_answers": 2,
        "maximum_answers": 5,
        "agreement_floor": 0.6,
        "lease_seconds": 60,
        "eligible_roles": ["reviewer", "annotator"],
        "eligible_teams": [" Night ", "Night"],
        "required_qualifications": ["law"],
        "answers_per_person": 100,
        "answers_per_day": 10,
        "calibration_share": 0.5,
        "assignment_rules": [rule, {"people": [annotator.pk]}, {"team": "Day", "tags": []}],
    }
    set_columns(ranking_protocol, columns)
    ranking_protocol.save()
    ranking_protocol.refresh_from_db()
    assert (ranking_protocol.eligible_roles, ranking_protocol.eligible_teams) == (["annotator", "reviewer"], ["Night"])
    assert ranking_protocol.assignment_rules == [rule, {"people": [annotator.pk]}, {"team": "Day"}]
    emptied = ("maximum_answers", "agreement_floor", "answers_per_person", "answers_per_day", "follow_up")
    set_columns(ranking_protocol, dict.fromkeys(emptied))
    assert [getattr(ranking_protocol, name) for name in emptied] == [None] * 5


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"required_answers": None}, "required_answers"),
        ({"required_answers": True}, "required_answers"),
        ({"maximum_answers": 101}, "maximum_answers"),
        ({"required_answers": 3, "maximum_answers": 2}, "maximum_answers"),
        ({"agreement_floor": 0.5}, "agreement_floor"),
        ({"maximum_answers": 3, "agreement_floor": 1.1}, "agreement_floor"),
        ({"maximum_answers": 3, "agreement_floor": "high"}, "agreement_floor"),
        ({"lease_seconds": 59}, "lease_seconds"),
        ({"eligible_roles": ["king"]}, "eligible_roles"),
        ({"eligible_roles": ["chat_user"]}, "eligible_roles"),
        ({"eligible_teams": "Night"}, "eligible_teams"),
        ({"eligible_teams": [""]}, "eligible_teams"),
        ({"required_qualifications": [5]}, "required_qualifications"),
        ({"required_qualifications": ["x" * 61]}, "required_qualifications"),
        ({"answers_per_person": 0}, "answers_per_person"),
        ({"answers_per_day": -1}, "answers_per_day"),
        ({"calibration_share": 0.51}, "calibration_share"),
        ({"calibration_share": float("nan")}, "calibration_share"),
        ({"calibration_share": None}, "calibration_share"),
        ({"assignment_rules": {}}, "assignment_rules"),
        ({"assignment_rules": ["Night"]}, "assignment_rules[0]"),
        ({"assignment_rules": [{"team": "Night"}, {"tags": ["law"]}]}, "assignment_rules[1]"),
        ({"assignment_rules": [{"team": "Night", "role": "king"}]}, "assignment_rules[0].role"),
        ({"assignment_rules": [{"team": 5}]}, "assignment_rules[0].team"),
        ({"assignment_rules": [{"team": "Night", "languages": ["?"]}]}, "assignment_rules[0].languages"),
        ({"assignment_rules": [{"people": [0]}]}, "assignment_rules[0].people"),
        ({"assignment_rules": [{"people": ["Ann"]}]}, "assignment_rules[0].people"),
        ({"follow_up": 0}, "follow_up"),
        ({"follow_up": "next"}, "follow_up"),
    ],
)
def test_the_first_column_at_fault_is_named(ranking_protocol: Protocol, columns: dict[str, Any], field: str) -> None:
    assert fault_of(ranking_protocol, **columns) == field


def test_answers_go_on_to_a_protocol_of_this_project_that_can_take_them(
    project: Project, owner: User, demonstration_protocol: Protocol, ranking_protocol: Protocol, outsider: User
) -> None:
    score = actions.create_protocol(project=project, preset="demo_score", actor=owner, now=NOW)
    set_columns(demonstration_protocol, {"follow_up": score.pk})
    assert demonstration_protocol.follow_up == score
    foreign = Protocol.objects.get(project__memberships__user=outsider, kind="ranking")
    for wrong in (ranking_protocol, demonstration_protocol, foreign):
        assert fault_of(demonstration_protocol, follow_up=wrong.pk) == "follow_up"
    assert fault_of(ranking_protocol, follow_up=score.pk) == "follow_up"
    actions.change_protocol(protocol=score, state="archived", actor=owner, now=NOW)
    assert fault_of(demonstration_protocol, follow_up=score.pk) == "follow_up"
