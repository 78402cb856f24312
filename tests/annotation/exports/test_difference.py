"""Two releases compared by their answers, every difference with its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.exports import actions
from annotation.exports.difference import changes, summary
from annotation.exports.models import Release
from annotation.exports.queries import ReleaseNotFrozen
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer, AnswerRevision, Prompt
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW

Freeze = Callable[..., Release]


def test_a_release_is_as_itself(answers: dict[str, Answer], freeze: Freeze) -> None:
    release = freeze()
    assert summary(release, release) == {
        "added": {"total": 0, "reasons": {}},
        "removed": {"total": 0, "reasons": {}},
        "changed": {"total": 0, "reasons": {}},
        "kept": 5,
    }


def test_every_difference_has_its_reason(
    answers: dict[str, Answer], demonstration_protocol: Protocol, annotator: User, freeze: Freeze
) -> None:
    Answer.objects.filter(pk=answers["lease again"].pk).update(is_spare=True)
    Prompt.objects.filter(pk=answers["strict"].task.prompt_id).update(language="nb")
    old = freeze("old", {"languages": [""]})
    assert old.left_out == {"other_language": 1, "spare_answer": 1}

    Answer.objects.filter(pk=answers["tied"].pk).update(state="struck")
    lease = answers["lease"]
    first = lease.revisions.get()
    newest = AnswerRevision.objects.create(
        answer=lease, number=2, payload=first.payload, protocol_version=first.protocol_version, created_at=NOW
    )
    Answer.objects.filter(pk=lease.pk).update(revision=2)
    later = make_demonstration_task(demonstration_protocol, "Why is the sky blue?")
    new_answer = answer_task(later, annotator, now=timezone.now() + timedelta(hours=1))
    new = freeze("new", {"include_spares": True})

    assert summary(old, new) == {
        "added": {"total": 3, "reasons": {"answered_since": 1, "other_language": 1, "spare_answer": 1}},
        "removed": {"total": 1, "reasons": {"struck_answer": 1}},
        "changed": {"total": 1, "reasons": {"revised": 1}},
        "kept": 1,
    }
    said = {change.answer: change for change in changes(old, new)}
    assert set(said) == {answers[name].pk for name in ("lease", "lease again", "strict", "tied")} | {new_answer.pk}
    assert (said[lease.pk].old_revision, said[lease.pk].new_revision) == (first.pk, newest.pk)
    assert (said[new_answer.pk].old_revision, said[new_answer.pk].old_split) == (None, None)
    back = summary(new, old)
    assert (back["added"]["total"], back["removed"]["total"], back["kept"]) == (1, 3, 1)


def test_another_split_and_another_protocol_are_reasons(
    answers: dict[str, Answer], ranking_protocol: Protocol, freeze: Freeze
) -> None:
    old = freeze("old")
    new = freeze("new", {"protocols": [ranking_protocol.pk]})
    assert summary(old, new)["removed"] == {"total": 2, "reasons": {"other_protocol": 2}}
    tied = answers["tied"]
    before = old.members.get(answer_revision__answer=tied).split
    new.members.filter(answer_revision__answer=tied).update(split="test" if before == "train" else "train")
    assert summary(old, new)["changed"] == {"total": 1, "reasons": {"other_split": 1}}


def test_what_is_not_frozen_cannot_be_compared(
    answers: dict[str, Answer], project: Project, owner: User, freeze: Freeze
) -> None:
    waiting = actions.request_release(project=project, name="later", selection={}, actor=owner, now=NOW)
    with pytest.raises(ReleaseNotFrozen):
        changes(freeze(), waiting)
