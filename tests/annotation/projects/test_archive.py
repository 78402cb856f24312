from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from annotation.assignment import actions as assignment_actions
from annotation.assignment import submitting
from annotation.assignment.actions import ProtocolPaused
from annotation.assignment.timing import Timing
from annotation.people.models import User
from annotation.projects import actions
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import ProjectArchived, ProtocolArchived, verbs_of
from annotation.tasks import actions as task_actions
from annotation.tasks.models import Answer
from tests.factories import make_demonstration_task, make_prompt
from tests.people import NOW

ANSWER = {"completion": "A lease is a contract."}


def archive(project: Project, protocol: Protocol, owner: User) -> None:
    actions.archive_project(project=project, actor=owner, now=NOW)


def archive_protocol(project: Project, protocol: Protocol, owner: User) -> None:
    actions.change_protocol(protocol=protocol, state="archived", actor=owner, now=NOW)


def pause(project: Project, protocol: Protocol, owner: User) -> None:
    actions.change_protocol(protocol=protocol, state="paused", actor=owner, now=NOW)


@pytest.mark.parametrize("stop", [archive, archive_protocol, pause])
def test_who_holds_a_task_finishes_it_and_gets_no_other(
    project: Project,
    demonstration_protocol: Protocol,
    owner: User,
    annotator: User,
    stop: Callable[[Project, Protocol, User], None],
) -> None:
    for text in ("One?", "Two?"):
        make_demonstration_task(demonstration_protocol, text)
    claim = assignment_actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=NOW)
    assert claim is not None
    stop(project, demonstration_protocol, owner)

    assignment_actions.show(claim_id=claim.pk, actor=annotator, now=NOW)
    assignment_actions.save_draft(claim_id=claim.pk, actor=annotator, payload=ANSWER, seconds=1, now=NOW)
    done = submitting.hand_in(
        claim_id=claim.pk,
        actor=annotator,
        payload=ANSWER,
        timing=Timing(1.0),
        idempotency_key=uuid.uuid4(),
        now=NOW,
    )
    assert (Answer.objects.get(), done.next, done.no_work) == (done.answer, None, "paused")
    with pytest.raises(ProtocolPaused):
        assignment_actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=NOW)


def test_an_archived_project_is_read_and_not_changed(
    project: Project, demonstration_protocol: Protocol, owner: User, manager: User
) -> None:
    before = verbs_of(manager, project)
    archive(project, demonstration_protocol, owner)
    project.refresh_from_db()
    assert {"view_prompts", "view_board", "manage_project"} <= verbs_of(manager, project) < before
    for write in (
        lambda: actions.create_protocol(project=project, kind="ranking", name="New", actor=manager, now=NOW),
        lambda: task_actions.write_prompt(project=project, messages=[], actor=owner, now=NOW),
    ):
        with pytest.raises(ProjectArchived, match="“Assistant” is archived"):
            write()
    actions.unarchive_project(project=project, actor=manager)
    assert verbs_of(manager, Project.objects.get(pk=project.pk)) == before


def test_archived_twice_the_first_time_stands(project: Project, demonstration_protocol: Protocol, owner: User) -> None:
    archive(project, demonstration_protocol, owner)
    actions.archive_project(project=project, actor=owner, now=NOW + timedelta(days=1))
    assert Project.objects.get(pk=project.pk).archived_at == NOW


def test_an_archived_protocol_changes_only_by_leaving_the_archive(
    project: Project, demonstration_protocol: Protocol, owner: User
) -> None:
    prompt = make_prompt(project)
    archive_protocol(project, demonstration_protocol, owner)
    protocol = Protocol.objects.get(pk=demonstration_protocol.pk)
    for write in (
        lambda: actions.change_protocol(protocol=protocol, name="New", actor=owner, now=NOW),
        lambda: actions.change_protocol(protocol=protocol, config={"instruction": "New."}, actor=owner, now=NOW),
        lambda: actions.change_protocol(protocol=protocol, required_answers=2, actor=owner, now=NOW),
        lambda: actions.publish_guideline(protocol=protocol, markdown="# New", actor=owner, now=NOW),
        lambda: task_actions.open_tasks_for(protocol=protocol, prompt_ids=[prompt.pk], actor=owner, now=NOW),
    ):
        with pytest.raises(ProtocolArchived, match="“Write the ideal answer” is archived"):
            write()
    changed = actions.change_protocol(protocol=protocol, state="active", required_answers=2, actor=owner, now=NOW)
    assert (changed.state, changed.required_answers) == ("active", 2)
