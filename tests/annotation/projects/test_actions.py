from __future__ import annotations

import pytest

from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects import actions
from annotation.projects.actions import NameTaken
from annotation.projects.kinds.settings import InvalidConfig
from annotation.projects.models import Project, Protocol, Role
from annotation.projects.permissions import NotAllowed
from annotation.projects.protocol import KINDS
from tests.people import NOW


def test_a_project_starts_with_its_maker_as_manager_and_two_protocols(owner: User) -> None:
    project = actions.create_project(actor=owner, name="  Our   assistant ", now=NOW)
    assert project.name == "Our assistant"
    assert project.memberships.get().role == Role.MANAGER
    assert sorted(project.protocols.values_list("kind", flat=True)) == ["demonstration", "ranking"]
    for protocol in project.protocols.all():
        assert protocol.versions.get().config == dict(KINDS[protocol.kind].defaults)
    assert len(project.pseudonym_key) == 64


def test_only_the_owner_makes_projects(manager: User) -> None:
    with pytest.raises(NotAllowed):
        actions.create_project(actor=manager, name="Mine", now=NOW)


def test_a_name_is_taken_once(owner: User, project: Project) -> None:
    with pytest.raises(NameTaken, match="“Assistant”"):
        actions.create_project(actor=owner, name="Assistant", now=NOW)
    other = actions.create_project(actor=owner, name="Other", now=NOW)
    with pytest.raises(NameTaken):
        actions.change_project(project=other, actor=owner, name="Assistant")
    assert Project.objects.get(pk=other.pk).name == "Other"


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\x00b"])
def test_an_impossible_name_is_refused(owner: User, name: str) -> None:
    with pytest.raises(BadField, match="name"):
        actions.create_project(actor=owner, name=name, now=NOW)


def test_a_manager_renames_the_project_and_a_researcher_does_not(
    project: Project, manager: User, researcher: User
) -> None:
    actions.change_project(project=project, actor=manager, name="Helper", description="For tenants.")
    assert Project.objects.get(pk=project.pk).description == "For tenants."
    with pytest.raises(NotAllowed):
        actions.change_project(project=project, actor=researcher, name="Mine")


# Protocols


def numbers(protocol: Protocol) -> list[int]:
    return list(protocol.versions.order_by("number").values_list("number", flat=True))


def test_another_configuration_is_a_new_version_and_the_same_is_none(ranking_protocol: Protocol, owner: User) -> None:
    def configure(**config: object) -> None:
        actions.change_protocol(protocol=ranking_protocol, actor=owner, now=NOW, config=config)

    configure(allow_ties=False)
    configure(allow_ties=False)
    assert numbers(ranking_protocol) == [1, 2]
    configure(instruction="Best first.")
    newest = ranking_protocol.versions.order_by("-number")[0]
    assert newest.config == KINDS["ranking"].defaults | {"instruction": "Best first.", "allow_ties": False}
    configure()
    assert numbers(ranking_protocol) == [1, 2, 3]
    assert ranking_protocol.versions.get(number=1).config["allow_ties"] is True


def test_settings_younger_than_a_version_make_no_new_one(ranking_protocol: Protocol, owner: User) -> None:
    ranking_protocol.versions.update(config={"allow_ties": True})
    actions.change_protocol(protocol=ranking_protocol, actor=owner, now=NOW, config={"allow_ties": True})
    assert numbers(ranking_protocol) == [1]


def test_other_columns_make_no_version(ranking_protocol: Protocol, owner: User) -> None:
    changed = actions.change_protocol(
        protocol=ranking_protocol,
        actor=owner,
        now=NOW,
        name="Compare",
        state="paused",
        required_answers=3,
        lease_seconds=60,
    )
    assert (changed.name, changed.state, changed.required_answers, changed.lease_seconds) == (
        "Compare",
        "paused",
        3,
        60,
    )
    assert numbers(ranking_protocol) == [1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("state", "asleep"),
        ("required_answers", 0),
        ("required_answers", 101),
        ("lease_seconds", 59),
        ("lease_seconds", 10**9),
        ("calibration_share", 0.6),
    ],
)
def test_an_impossible_protocol_is_refused(ranking_protocol: Protocol, owner: User, field: str, value: object) -> None:
    with pytest.raises(BadField) as refused:
        actions.change_protocol(protocol=ranking_protocol, actor=owner, now=NOW, **{field: value})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [("colour", "red"), ("allow_ties", 1), ("instruction", None), ("allow_ties", "true")],
)
def test_an_impossible_configuration_is_refused(
    ranking_protocol: Protocol, owner: User, field: str, value: object
) -> None:
    with pytest.raises(InvalidConfig) as refused:
        actions.change_protocol(protocol=ranking_protocol, actor=owner, now=NOW, config={field: value})
    assert refused.value.field == field
    assert numbers(ranking_protocol) == [1]


@pytest.mark.parametrize("limit", [0, -5, True, 2.5])
def test_a_length_is_a_whole_number_of_at_least_one(
    demonstration_protocol: Protocol, owner: User, limit: object
) -> None:
    with pytest.raises(InvalidConfig):
        actions.change_protocol(
            protocol=demonstration_protocol, actor=owner, now=NOW, config={"maximum_characters": limit}
        )


def test_a_protocol_of_an_unknown_kind_or_a_taken_name_is_refused(project: Project, owner: User) -> None:
    with pytest.raises(InvalidConfig, match="'dance'"):
        actions.create_protocol(project=project, kind="dance", name="Dance", actor=owner, now=NOW)
    with pytest.raises(NameTaken):
        actions.create_protocol(project=project, kind="ranking", name="Rank completions", actor=owner, now=NOW)


def test_a_preset_is_overridden_by_what_is_given_beside_it(project: Project, owner: User) -> None:
    made = actions.create_protocol(
        project=project,
        preset="instructgpt_rank",
        name="Rank five",
        config={"maximum_completions": 5},
        lease_seconds=600,
        actor=owner,
        now=NOW,
    )
    config = made.versions.get().config
    assert (config["minimum_completions"], config["maximum_completions"], config["rating_scale"]) == (4, 5, 7)
    assert (made.name, made.preset, made.lease_seconds) == ("Rank five", "instructgpt_rank", 600)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"preset": "dance"}, "preset"), ({"preset": "rank", "kind": "score"}, "kind"), ({"kind": "ranking"}, "name")],
)
def test_a_start_that_does_not_fit_is_refused(project: Project, owner: User, given: dict[str, str], field: str) -> None:
    with pytest.raises(BadField) as refused:
        actions.create_protocol(project=project, actor=owner, now=NOW, **given)
    assert refused.value.field == field


def test_what_follows_is_made_along_with_a_preset(project: Project, owner: User) -> None:
    first = actions.create_protocol(project=project, preset="demo_write", actor=owner, now=NOW)
    assert first.follow_up
    assert (first.follow_up.preset, first.follow_up.kind) == ("demo_score", "score")
    second = actions.create_protocol(project=project, preset="demo_write", name="More", actor=owner, now=NOW)
    assert second.follow_up == first.follow_up
    lonely = actions.create_protocol(
        project=project, preset="demo_write", name="Lonely", follow_up=None, actor=owner, now=NOW
    )
    assert lonely.follow_up is None


def test_what_follows_takes_over_a_plain_protocol_of_its_kind_and_evades_taken_names(
    project: Project, owner: User, demonstration_protocol: Protocol
) -> None:
    prompts = actions.create_protocol(project=project, preset="prompt_write", actor=owner, now=NOW)
    assert prompts.follow_up == demonstration_protocol
    actions.create_protocol(project=project, preset="rank", name="Score demonstrations", actor=owner, now=NOW)
    writing = actions.create_protocol(project=project, preset="demo_write", actor=owner, now=NOW)
    assert writing.follow_up
    assert writing.follow_up.name == "Score demonstrations 2"


def test_a_duplicate_begins_where_its_original_stands(project: Project, owner: User) -> None:
    original = actions.create_protocol(project=project, preset="demo_write", actor=owner, now=NOW)
    actions.change_protocol(
        protocol=original, actor=owner, now=NOW, config={"multi_turn": False}, required_answers=2, state="archived"
    )
    actions.publish_guideline(protocol=original, markdown="# New", change_note="All of it.", actor=owner, now=NOW)
    copy = actions.duplicate_protocol(protocol=Protocol.objects.get(pk=original.pk), name="Copy", actor=owner, now=NOW)
    copy.refresh_from_db()
    assert (copy.name, copy.kind, copy.preset, copy.state) == ("Copy", "demonstration", "demo_write", "active")
    assert (copy.required_answers, copy.lease_seconds, copy.follow_up) == (2, 3600, original.follow_up)
    assert (copy.versions.get().number, copy.versions.get().config["multi_turn"]) == (1, False)
    assert (copy.guidelines.get().number, copy.guidelines.get().markdown) == (1, "# New")


def test_a_duplicate_needs_a_free_name_and_a_manager(ranking_protocol: Protocol, owner: User, researcher: User) -> None:
    with pytest.raises(NameTaken):
        actions.duplicate_protocol(protocol=ranking_protocol, name=ranking_protocol.name, actor=owner, now=NOW)
    with pytest.raises(BadField, match="name"):
        actions.duplicate_protocol(protocol=ranking_protocol, name=" ", actor=owner, now=NOW)
    with pytest.raises(NotAllowed):
        actions.duplicate_protocol(protocol=ranking_protocol, name="Mine", actor=researcher, now=NOW)


def test_an_archived_protocol_comes_back(ranking_protocol: Protocol, owner: User) -> None:
    for state in ("archived", "active"):
        actions.change_protocol(protocol=ranking_protocol, actor=owner, now=NOW, state=state)
        assert Protocol.objects.get(pk=ranking_protocol.pk).state == state


def test_only_managers_change_protocols(ranking_protocol: Protocol, researcher: User) -> None:
    with pytest.raises(NotAllowed):
        actions.change_protocol(protocol=ranking_protocol, actor=researcher, now=NOW, state="paused")
    with pytest.raises(NotAllowed):
        actions.publish_guideline(protocol=ranking_protocol, markdown="# Rank", actor=researcher, now=NOW)


def test_guidelines_are_versions_counted_per_protocol(
    ranking_protocol: Protocol, demonstration_protocol: Protocol, owner: User
) -> None:
    for number, protocol in enumerate([ranking_protocol, ranking_protocol, demonstration_protocol], start=1):
        actions.publish_guideline(protocol=protocol, markdown=f"Text {number}", actor=owner, now=NOW)
    versions = ranking_protocol.guidelines.order_by("number").values_list("number", "markdown")
    assert list(versions) == [(1, "Text 1"), (2, "Text 2")]
    assert demonstration_protocol.guidelines.get().number == 1


def test_a_guideline_says_what_changed(ranking_protocol: Protocol, owner: User) -> None:
    def publish(note: str) -> str:
        return actions.publish_guideline(
            protocol=ranking_protocol, markdown="# Rank", change_note=note, actor=owner, now=NOW
        ).change_note

    assert publish(" Ties are\nwelcome. ") == "Ties are welcome."
    with pytest.raises(BadField, match="change_note"):
        publish("x" * 501)


@pytest.mark.parametrize("markdown", ["", " \n", "x" * (actions.GUIDELINE_CHARACTERS + 1), "a\x00b"])
def test_an_impossible_guideline_is_refused(ranking_protocol: Protocol, owner: User, markdown: str) -> None:
    with pytest.raises(BadField, match="markdown"):
        actions.publish_guideline(protocol=ranking_protocol, markdown=markdown, actor=owner, now=NOW)
