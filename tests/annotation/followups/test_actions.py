from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from annotation.assignment import actions as assignment_actions
from annotation.followups import actions
from annotation.followups.rules import RULES, Rule
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.quality.actions import review_answer
from annotation.tasks.bulk import NewAnswer, add_answers
from annotation.tasks.models import Answer, Purpose, Task
from annotation.tasks.recording import Given, revise_answer
from tests.annotation.followups.conftest import Demonstrate
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW


def follow(answer: Answer) -> bool:
    return actions.follow_answer(answer_id=answer.pk, now=NOW)


def revise(answer: Answer, text: str) -> None:
    answer.refresh_from_db()
    given = Given(
        payload={"completion": text, "turns": []},
        shown_order=[],
        protocol_version=answer.protocol_version,
        guideline_version=None,
    )
    revise_answer(answer=answer, given=given, now=NOW)


def strike(answer: Answer, reviewer: User, verdict: str = "strike") -> None:
    answer.refresh_from_db()
    review_answer(answer=answer, revision=answer.revision, verdict=verdict, reason="Pasted.", actor=reviewer, now=NOW)


def states(protocol: Protocol) -> dict[str, str]:
    """Return the state of each follow-up task by the text that it shows."""
    tasks = protocol.tasks.order_by("pk").prefetch_related("completions")
    return {task.completions.get().text: task.state for task in tasks}


def test_a_demonstration_is_followed_once_however_often_the_message_comes(
    demonstrate: Demonstrate, scoring: Protocol, annotator: User
) -> None:
    answer = demonstrate()
    assert [follow(answer) for _ in range(3)] == [True, False, False]
    task = scoring.tasks.get()
    assert (task.follows, task.authors, task.state, task.required_answers) == (answer, [annotator.pk], "open", 1)


def test_nobody_judges_their_own_text(
    demonstrate: Demonstrate, scoring: Protocol, annotator: User, reviewer: User
) -> None:
    follow(demonstrate())
    assert assignment_actions.claim_next(protocol=scoring, actor=annotator, now=NOW) is None
    assert assignment_actions.claim_next(protocol=scoring, actor=reviewer, now=NOW) is not None


def test_two_who_wrote_the_same_share_a_task_that_is_for_neither(
    demonstrate: Demonstrate, scoring: Protocol, annotator: User, reviewer: User
) -> None:
    for person in (annotator, reviewer):
        follow(demonstrate(by=person))
    assert scoring.tasks.get().authors == [annotator.pk, reviewer.pk]


def test_answers_whose_protocol_goes_nowhere_wait_until_it_does(
    project: Project, demonstration_protocol: Protocol, scoring: Protocol, owner: User, annotator: User
) -> None:
    answer = answer_task(make_demonstration_task(demonstration_protocol), annotator)
    assert not follow(answer)
    assert actions.follow_some(now=NOW) == 0
    project_actions.change_protocol(protocol=demonstration_protocol, follow_up=scoring.pk, actor=owner, now=NOW)
    project_actions.change_protocol(protocol=scoring, state="archived", actor=owner, now=NOW)
    assert actions.follow_some(now=NOW) == 0
    assert not follow(answer)
    project_actions.change_protocol(protocol=scoring, state="active", actor=owner, now=NOW)
    assert actions.follow_some(now=NOW) == 1
    assert scoring.tasks.get().follows == answer


def test_a_sweep_follows_what_no_message_told_of(demonstrate: Demonstrate, scoring: Protocol) -> None:
    for number in range(5):
        demonstrate(prompt=f"Question {number}?")
    assert [actions.follow_some(now=NOW, limit=3) for _ in range(3)] == [3, 2, 0]
    assert scoring.tasks.count() == 5


@pytest.mark.django_db(transaction=True)
def test_workers_that_sweep_at_once_follow_each_answer_once(demonstrate: Demonstrate, scoring: Protocol) -> None:
    for number in range(8):
        demonstrate(prompt=f"Question {number}?")
    gate = threading.Barrier(4)

    def sweep(_: int) -> int:
        try:
            gate.wait()
            return actions.follow_some(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(sweep, range(4)))
    assert done + actions.follow_some(now=NOW) == 8
    assert scoring.tasks.count() == 8


def test_a_prompt_is_written_by_one_answered_by_another_and_scored_by_a_third(
    brief: Task, writing: Protocol, scoring: Protocol, annotator: User, reviewer: User, manager: User
) -> None:
    answer_task(brief, annotator, {"style": "plain", "text": "What is a lease?"})
    actions.follow_some(now=NOW)
    assert assignment_actions.claim_next(protocol=writing, actor=annotator, now=NOW) is None
    answer_task(writing.tasks.get(), reviewer, {"completion": "A contract."})
    actions.follow_some(now=NOW)
    (task,) = scoring.tasks.all()
    assert task.authors == [annotator.pk, reviewer.pk]
    claim = assignment_actions.claim_next(protocol=scoring, actor=manager, now=NOW)
    assert claim
    assert claim.task == task


# What does not count is not followed


def test_a_spare_answer_is_followed_once_it_counts(
    writing: Protocol, scoring: Protocol, annotator: User, reviewer: User, manager: User
) -> None:
    task = make_demonstration_task(writing)
    first = answer_task(task, annotator, {"completion": "One."})
    spare = answer_task(task, reviewer, {"completion": "Two."})

    assert (follow(first), follow(spare)) == (True, False)
    strike(first, manager)
    assert actions.follow_some(now=NOW) == 2
    assert states(scoring) == {"One.": "cancelled", "Two.": "open"}


def test_a_struck_answer_is_not_followed(demonstrate: Demonstrate, scoring: Protocol, reviewer: User) -> None:
    answer = demonstrate()
    strike(answer, reviewer)
    assert not follow(answer)
    assert not scoring.tasks.exists()


def test_what_came_of_an_answer_is_taken_back_when_it_is_struck_and_comes_back_with_it(
    demonstrate: Demonstrate, scoring: Protocol, reviewer: User
) -> None:
    answer = demonstrate()
    follow(answer)
    strike(answer, reviewer)
    assert actions.follow_some(now=NOW) == 1
    assert states(scoring) == {"A contract.": "cancelled"}
    strike(answer, reviewer, "restore")
    assert actions.follow_some(now=NOW) == 1
    assert states(scoring) == {"A contract.": "open"}
    assert assignment_actions.claim_next(protocol=scoring, actor=reviewer, now=NOW) is not None


def test_a_returned_answer_waits_until_it_is_handed_in_again(
    demonstrate: Demonstrate, scoring: Protocol, reviewer: User
) -> None:
    answer = demonstrate()
    strike(answer, reviewer, "return")
    assert not follow(answer)
    revise(answer, "A contract for a time.")
    assert follow(answer)
    assert states(scoring) == {"A contract for a time.": "open"}


def test_an_accepted_answer_is_followed(demonstrate: Demonstrate, scoring: Protocol, reviewer: User) -> None:
    answer = demonstrate()
    strike(answer, reviewer, "accept")
    assert follow(answer)


@pytest.mark.parametrize("purpose", [Purpose.GOLD, Purpose.SCREENING, Purpose.CALIBRATION])
def test_nothing_follows_what_measures_people(
    writing: Protocol, scoring: Protocol, annotator: User, purpose: str
) -> None:
    task = make_demonstration_task(writing)
    Task.objects.filter(pk=task.pk).update(purpose=purpose)
    answer = answer_task(task, annotator)
    assert [follow(answer), follow(answer)] == [True, False]
    assert not scoring.tasks.exists()


def test_nothing_follows_what_was_given_elsewhere(writing: Protocol, scoring: Protocol, annotator: User) -> None:
    task, version = make_demonstration_task(writing), writing.versions.get()
    add_answers([NewAnswer(task.pk, annotator.pk, {"completion": "Yes."}, version.pk, NOW)], now=NOW)
    assert not follow(Answer.objects.get())
    assert actions.follow_some(now=NOW) == 0


# Another form of an answer


def test_a_new_form_is_followed_anew_and_the_old_task_goes(demonstrate: Demonstrate, scoring: Protocol) -> None:
    answer = demonstrate()
    follow(answer)
    revise(answer, "A contract for a time.")
    assert follow(answer)
    assert states(scoring) == {"A contract.": "cancelled", "A contract for a time.": "open"}
    revise(answer, "A contract.")
    assert follow(answer)
    assert states(scoring) == {"A contract.": "open", "A contract for a time.": "cancelled"}


@pytest.mark.parametrize("held", [True, False])
def test_what_somebody_holds_or_has_judged_of_the_old_form_stays(
    demonstrate: Demonstrate, scoring: Protocol, reviewer: User, held: bool
) -> None:
    answer = demonstrate()
    follow(answer)
    if held:
        assert assignment_actions.claim_next(protocol=scoring, actor=reviewer, now=NOW)
    else:
        answer_task(scoring.tasks.get(), reviewer, {"score": 5})
    revise(answer, "A contract for a time.")
    follow(answer)
    assert states(scoring) == {"A contract.": "open" if held else "closed", "A contract for a time.": "open"}


def test_a_form_that_differs_in_nothing_shown_keeps_its_task(demonstrate: Demonstrate, scoring: Protocol) -> None:
    answer = demonstrate()
    follow(answer)
    revise(answer, "A contract.")
    assert [follow(answer), follow(answer)] == [True, False]
    assert states(scoring) == {"A contract.": "open"}


# What goes wrong


def test_where_the_next_protocol_cannot_show_the_text_nothing_follows(
    project: Project, writing: Protocol, owner: User, annotator: User, brief: Task
) -> None:
    labelling = project_actions.create_protocol(
        project=project, preset="label", config={"subject": "completion"}, actor=owner, now=NOW
    )
    project_actions.change_protocol(protocol=brief.protocol, follow_up=labelling.pk, actor=owner, now=NOW)
    answer = answer_task(brief, annotator, {"style": "plain", "text": "What is a lease?"})
    assert [follow(answer), follow(answer)] == [True, False]
    assert not labelling.tasks.exists()
    assert not project.prompts.exists()


def test_one_answer_that_cannot_be_followed_does_not_stop_the_others(
    demonstrate: Demonstrate, scoring: Protocol, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = demonstrate(text="Bad."), demonstrate(prompt="What is a loan?")
    rule = RULES["demonstration"]

    def open_next(answer: Answer, *rest: Any) -> tuple[Task, bool]:
        if answer == bad:
            raise ValueError("odd")
        return rule.open_next(answer, *rest)

    monkeypatch.setitem(RULES, "demonstration", Rule("demonstration", open_next))
    assert actions.follow_some(now=NOW) == 1
    assert scoring.tasks.get().follows == good
    assert f"Answer {bad.pk} cannot be followed" in caplog.text
    monkeypatch.undo()
    assert actions.follow_some(now=NOW) == 1
