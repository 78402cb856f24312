from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects import actions
from annotation.projects.models import Project, Protocol
from annotation.projects.presets import PRESETS
from annotation.projects.protocol import KINDS
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]


def test_a_protocol_shows_its_newest_configuration_and_guideline(
    project: Project, ranking_protocol: Protocol, manager: User, client_of: ClientOf
) -> None:
    browser, address = client_of(manager), f"/api/projects/{project.pk}/protocols/{ranking_protocol.pk}/"
    assert browser.get(address).json()["guideline"] is None
    for text in ("# Old", "# New"):
        assert browser.post(f"{address}guidelines/", {"markdown": text}).status_code == 201
    changed = browser.patch(address, {"config": {"allow_ties": False}, "required_answers": 3}).json()
    assert (changed["version"], changed["config"]["allow_ties"], changed["required_answers"]) == (2, False, 3)
    assert (changed["guideline"]["number"], changed["guideline"]["markdown"]) == (2, "# New")
    numbers = [row["number"] for row in browser.get(f"{address}guidelines/").json()["results"]]
    assert numbers == [2, 1]
    assert browser.patch(address, {"config": {"allow_ties": False}}).json()["version"] == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"config": {"colour": "red"}}, "invalid_config"),
        ({"config": {"allow_ties": "no"}}, "invalid_config"),
        ({"config": "x"}, "invalid"),
        ({"lease_seconds": 1}, "bad_field"),
        ({"required_answers": 0}, "invalid"),
        ({"state": "asleep"}, "invalid"),
        ({"eligible_roles": ["chat_user"]}, "bad_field"),
        ({"assignment_rules": [{"team": 5}]}, "bad_field"),
        ({"agreement_floor": 0.5}, "bad_field"),
        ({"follow_up": 0}, "bad_field"),
        ({"calibration_share": "half"}, "invalid"),
    ],
)
def test_an_impossible_change_says_what_is_wrong(
    ranking_protocol: Protocol, owner: User, client_of: ClientOf, body: dict[str, object], code: str
) -> None:
    address = f"/api/projects/{ranking_protocol.project_id}/protocols/{ranking_protocol.pk}/"
    answer = client_of(owner).patch(address, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"]


def test_a_list_of_protocols_costs_the_same_however_long(
    project: Project, owner: User, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        actions.create_protocol(project=project, kind="ranking", name=f"Another {number}", actor=owner, now=NOW)
    browser = client_of(owner)
    with django_assert_num_queries(6):
        assert len(browser.get(f"/api/projects/{project.pk}/protocols/").json()["results"]) == 7


def test_kinds_say_what_can_be_set_on_them(annotator: User, client_of: ClientOf) -> None:
    kinds = {kind["key"]: kind for kind in client_of(annotator).get("/api/kinds/").json()}
    assert list(kinds) == list(KINDS)
    settings = {setting["name"]: setting for setting in kinds["ranking"]["settings"]}
    assert settings["minimum_completions"] == {
        "name": "minimum_completions",
        "type": "number",
        "about": "The fewest completions a task may show.",
        "default": 2,
        "minimum": 2,
        "maximum": 9,
    }
    assert settings["allow_ties"]["default"] is True
    assert settings["prompt_flags"]["default"] == []
    assert (kinds["prompt"]["has_brief"], kinds["prompt"]["follow_ups"]) == (True, ["demonstration", "labels"])


def test_presets_show_the_whole_configuration(annotator: User, client_of: ClientOf) -> None:
    presets = {preset["key"]: preset for preset in client_of(annotator).get("/api/presets/").json()}
    assert list(presets) == list(PRESETS)
    assert set(presets["rank"]["config"]) == set(KINDS["ranking"].defaults)
    assert (presets["demo_write"]["follow_up"], presets["demo_write"]["columns"]) == (
        "demo_score",
        {"lease_seconds": 3600},
    )


def test_a_protocol_is_made_from_a_preset_and_steered(
    project: Project, manager: User, annotator: User, client_of: ClientOf
) -> None:
    browser, address = client_of(manager), f"/api/projects/{project.pk}/protocols/"
    made = browser.post(address, {"preset": "demo_write", "calibration_share": 0.1}).json()
    assert (made["name"], made["kind"], made["preset"], made["calibration_share"]) == (
        "Write demonstrations",
        "demonstration",
        "demo_write",
        0.1,
    )
    assert made["guideline"]["number"] == 1
    follow_up = browser.get(f"{address}{made['follow_up']}/").json()
    assert follow_up["preset"] == "demo_score"
    steered = {
        "maximum_answers": 3,
        "agreement_floor": 0.5,
        "eligible_roles": ["annotator"],
        "eligible_teams": ["Night"],
        "required_qualifications": ["law"],
        "answers_per_person": 100,
        "answers_per_day": 10,
        "assignment_rules": [{"tags": ["law"], "people": [annotator.pk]}],
        "follow_up": None,
    }
    changed = browser.patch(f"{address}{made['id']}/", steered)
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in steered} == steered
    assert browser.patch(f"{address}{made['id']}/", {"state": "archived"}).json()["state"] == "archived"


def test_a_protocol_without_kind_or_preset_is_refused(project: Project, manager: User, client_of: ClientOf) -> None:
    answer = client_of(manager).post(f"/api/projects/{project.pk}/protocols/", {"name": "Nothing"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_config")
    assert answer.json()["errors"][0]["field"] == "kind"


def test_a_protocol_is_duplicated(ranking_protocol: Protocol, manager: User, client_of: ClientOf) -> None:
    browser = client_of(manager)
    address = f"/api/projects/{ranking_protocol.project_id}/protocols/{ranking_protocol.pk}/"
    browser.patch(address, {"config": {"allow_ties": False}})
    copy = browser.post(f"{address}duplicate/", {"name": "Copy"})
    assert (copy.status_code, copy.json()["version"], copy.json()["config"]["allow_ties"]) == (201, 1, False)
    again = browser.post(f"{address}duplicate/", {"name": "Copy"})
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")


def test_a_guideline_says_what_changed(ranking_protocol: Protocol, manager: User, client_of: ClientOf) -> None:
    address = f"/api/projects/{ranking_protocol.project_id}/protocols/{ranking_protocol.pk}/guidelines/"
    made = client_of(manager).post(address, {"markdown": "# Rank", "change_note": "Ties are welcome."})
    assert (made.status_code, made.json()["change_note"]) == (201, "Ties are welcome.")
