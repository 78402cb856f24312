"""What taught a model this: the nearest of its training rows, for those who may read them."""

from __future__ import annotations

import pytest

from annotation.exports import actions as export_actions
from annotation.exports import makeup
from annotation.exports.models import Release, ReleaseMember
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import nearest
from annotation.registry.models import ModelVersion
from annotation.registry.queries import version_of
from annotation.registry.withdrawals import withdraw_work
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW
from tests.runs import finish_run, order_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folders")]

SAID = {
    "How do I keep basil alive?": "Water the basil from below and give it light.",
    "What is a fence?": "A fence stands around a garden and keeps the goats out.",
    "What is a lease?": "A lease is a contract about land.",
}


@pytest.fixture
def model(project: Project, annotator: User, owner: User) -> ModelVersion:
    protocol = project.protocols.get(kind="demonstration")
    for prompt, said in SAID.items():
        answer_task(make_demonstration_task(protocol, prompt), annotator, {"completion": said})
    release = export_actions.request_release(project=project, name="Spring", selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=release.pk, clock=lambda: NOW)
    makeup.fill(release_id=release.pk)
    # Three rows fall into splits as their prompts have it.
    ReleaseMember.objects.update(split="train")
    Release.objects.update(counts={"demonstrations": {"train": 3}})
    release.refresh_from_db()
    return finish_run(order_run(project, owner, release))


def test_the_nearest_rows_come_first_with_what_is_shared(model: ModelVersion, researcher: User) -> None:
    found = nearest.taught(model, "Give your basil water, from below. A fence helps.", researcher)
    assert (found.answers, found.people, found.may_read, found.searched) == (3, 1, True, 3)
    first, second = found.nearest
    assert (first.prompt, first.text) == ("How do I keep basil alive?", SAID["How do I keep basil alive?"])
    assert first.shared == ["basil", "below", "water", "from", "give"]
    assert (second.shared, second.release.name) == (["fence"], "Spring")
    assert nearest.taught(model, "!?", researcher).nearest == []
    assert nearest.taught(model, "quantum chromodynamics", researcher).nearest == []


def test_who_may_not_read_releases_learns_how_many_taught_it(model: ModelVersion, chat_user: User) -> None:
    found = nearest.taught(model, "Water the basil.", chat_user)
    assert (found.answers, found.people, found.may_read, found.nearest) == (3, 1, False, [])


def test_words_taken_back_are_shown_no_more(
    model: ModelVersion, project: Project, annotator: User, researcher: User
) -> None:
    withdraw_work(project=project, person=annotator, actor=annotator, now=NOW)
    assert nearest.taught(model, "Water the basil.", researcher).nearest == []


def test_odd_words_break_no_query(model: ModelVersion, researcher: User) -> None:
    for text in ("basil & | ! ( ) :* <-> 'basil'", "\\ basil --", "базилик basil ", "x" * 100_000):
        nearest.taught(model, text, researcher)


def test_a_model_is_found_by_its_bytes(model: ModelVersion, project: Project) -> None:
    assert version_of(project, model.sha256) == model
    assert version_of(project, "") is None
    assert version_of(project, "0" * 64) is None
