"""Who gets which task: eligibility, caps, languages, teams, own texts, the shared lane, and places in the queue."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.assignment import actions, queries, submitting
from annotation.assignment.models import Claim
from annotation.assignment.standing import NoWork
from annotation.assignment.timing import Timing
from annotation.people.models import User
from annotation.projects.models import Membership, Protocol
from annotation.tasks import actions as task_actions
from annotation.tasks.models import Answer, AnswerRevision, AnswerState, Purpose, QueuePlace, Task, TaskState
from annotation.tasks.queue import Place
from annotation.tasks.recording import AnswerSealed
from tests.factories import answer_task, make_demonstration_task, make_prompt, make_ranking_task

WRITTEN = {"completion": "A lease is a contract."}

Join = Callable[..., User]


def claim_of(protocol: Protocol, actor: User, now: datetime) -> Claim | None:
    return actions.claim_next(protocol=protocol, actor=actor, now=now)


def hand_in(claim: Claim, actor: User, now: datetime, payload: Any = None) -> submitting.HandedIn:
    return submitting.hand_in(
        claim_id=claim.pk,
        actor=actor,
        payload=payload or WRITTEN,
        timing=Timing(3.0),
        idempotency_key=uuid.uuid4(),
        now=now,
    )


def work_through(protocol: Protocol, actor: User, now: datetime) -> list[int]:
    """Answer all there is for this person and return the tasks in the order in which they came."""
    order, claim = [], claim_of(protocol, actor, now)
    while claim:
        order.append(claim.task_id)
        claim = hand_in(claim, actor, now).next
    return order


def set_columns(protocol: Protocol, **columns: object) -> None:
    Protocol.objects.filter(pk=protocol.pk).update(**columns)


def set_membership(person: User, **columns: object) -> None:
    Membership.objects.filter(user=person).update(**columns)


def why_none(protocol: Protocol, person: User, now: datetime) -> NoWork | None:
    (queue,) = [row for row in queries.queues_of(person, now) if row.protocol == protocol]
    return queue.no_work


# Who may work here


@pytest.mark.parametrize(
    ("rule", "reason", "membership"),
    [
        ({"eligible_roles": ["reviewer"]}, "not_eligible", {"role": "reviewer"}),
        ({"eligible_teams": ["blue", "red"]}, "not_eligible", {"team": "red"}),
        ({"required_qualifications": ["law", "nb"]}, "not_qualified", {"qualifications": ["nb", "law", "music"]}),
    ],
)
def test_only_the_eligible_get_work(
    demonstration_protocol: Protocol,
    annotator: User,
    now: datetime,
    rule: dict[str, Any],
    reason: str,
    membership: dict[str, Any],
) -> None:
    make_demonstration_task(demonstration_protocol)
    set_columns(demonstration_protocol, **rule)
    with pytest.raises(actions.NothingForYou):
        claim_of(demonstration_protocol, annotator, now)
    assert why_none(demonstration_protocol, annotator, now) == reason
    set_membership(annotator, **membership)
    assert why_none(demonstration_protocol, annotator, now) is None
    assert claim_of(demonstration_protocol, annotator, now)


def test_nobody_gets_their_own_text_or_prompt(
    ranking_protocol: Protocol, demonstration_protocol: Protocol, join: Join, now: datetime
) -> None:
    author, other = join("annotator", "author"), join("annotator", "other")
    prompt, _ = task_actions.add_prompt(
        project=ranking_protocol.project, messages=[{"role": "user", "content": "Mine?"}], author=author, now=now
    )
    task_actions.open_task(protocol=demonstration_protocol, prompt=prompt, now=now)
    ranked = make_ranking_task(ranking_protocol)
    ranked.completions.update(author=author)
    task_actions.open_task(
        protocol=ranking_protocol, prompt=ranked.prompt, completions=list(ranked.completions.all())[:2], now=now
    )
    task_actions.cancel_task(task=ranked, actor=ranking_protocol.project.created_by, now=now)
    for protocol in (demonstration_protocol, ranking_protocol):
        assert claim_of(protocol, author, now) is None
        assert claim_of(protocol, other, now)


def test_prompts_go_to_those_who_work_in_their_language(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    tasks = {}
    for language in ("de", "", "nb"):
        prompt, _ = task_actions.add_prompt(
            project=demonstration_protocol.project,
            messages=[{"role": "user", "content": f"Question in {language!r}"}],
            author=None,
            language=language,
            now=now,
        )
        tasks[language], _ = task_actions.open_task(protocol=demonstration_protocol, prompt=prompt, now=now)
    set_membership(annotator, languages=["nb", "en"])
    assert work_through(demonstration_protocol, annotator, now) == [tasks[""].pk, tasks["nb"].pk]
    set_membership(annotator, languages=["de"])
    assert work_through(demonstration_protocol, annotator, now) == [tasks["de"].pk]


def test_assigned_tasks_go_to_their_people_and_teams_alone(
    demonstration_protocol: Protocol, join: Join, now: datetime
) -> None:
    ann, bob = join("annotator", "ann"), join("annotator", "bob")
    for_ann, for_red, for_all = (make_demonstration_task(demonstration_protocol, text) for text in ("one", "two", "3"))
    Task.objects.filter(pk=for_ann.pk).update(assigned_to=[ann.pk])
    Task.objects.filter(pk=for_red.pk).update(team="red")
    set_membership(bob, team="red")
    Task.objects.update(required_answers=2)
    assert work_through(demonstration_protocol, ann, now) == [for_ann.pk, for_all.pk]
    assert work_through(demonstration_protocol, bob, now) == [for_red.pk, for_all.pk]


# Why there is nothing


def test_an_empty_queue_says_whether_all_is_done_or_others_are_at_it(
    demonstration_protocol: Protocol, join: Join, now: datetime
) -> None:
    ann, bob = join("annotator", "ann"), join("annotator", "bob")
    assert why_none(demonstration_protocol, ann, now) == NoWork.EMPTY
    task = make_demonstration_task(demonstration_protocol, required_answers=2)
    claims = [claim_of(demonstration_protocol, person, now) for person in (ann, bob)]
    assert all(claims)
    cay = join("annotator", "cay")
    assert why_none(demonstration_protocol, cay, now) == NoWork.WITH_OTHERS
    assert why_none(demonstration_protocol, ann, now) == NoWork.FOR_OTHERS
    assert hand_in(claims[0], ann, now).no_work == NoWork.FOR_OTHERS  # type: ignore[arg-type]
    actions.skip(claim_id=claims[1].pk, actor=bob, reason="other", now=now)  # type: ignore[union-attr]
    assert why_none(demonstration_protocol, bob, now) == NoWork.FOR_OTHERS
    assert why_none(demonstration_protocol, cay, now) is None
    assert [row.pk for row in [task]] == work_through(demonstration_protocol, cay, now)
    assert why_none(demonstration_protocol, bob, now) == NoWork.EMPTY


def test_what_others_hold_is_no_promise_to_whom_it_is_not_meant_for(
    demonstration_protocol: Protocol, join: Join, now: datetime
) -> None:
    ann, bob = join("annotator", "ann"), join("annotator", "bob")
    make_demonstration_task(demonstration_protocol)
    Task.objects.update(assigned_to=[ann.pk])
    assert claim_of(demonstration_protocol, ann, now)
    assert why_none(demonstration_protocol, bob, now) == NoWork.FOR_OTHERS


def test_a_paused_queue_is_still_listed_and_says_so(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    set_columns(demonstration_protocol, state="paused")
    assert why_none(demonstration_protocol, annotator, now) == NoWork.PAUSED


def test_to_say_why_a_queue_is_empty_costs_two_queries_however_much_was_done(
    demonstration_protocol: Protocol, annotator: User, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        answer_task(make_demonstration_task(demonstration_protocol, f"Question {number}"), annotator)
    # The protocols, and for each how the person stands, a look at the queue and two for the reason.
    with django_assert_num_queries(1 + 2 * 4):
        queues = queries.queues_of(annotator, now)
    assert [queue.no_work for queue in queues] == [NoWork.EMPTY, NoWork.EMPTY]


# How much one person may do


def test_a_cap_and_a_daily_budget_end_the_work_and_say_so(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    for number in range(6):
        make_demonstration_task(demonstration_protocol, f"Question {number}")
    set_columns(demonstration_protocol, answers_per_day=2, answers_per_person=3)
    first = claim_of(demonstration_protocol, annotator, now)
    assert first
    second = hand_in(first, annotator, now)
    assert second.next
    third = hand_in(second.next, annotator, now)
    assert (third.next, third.no_work) == (None, NoWork.ENOUGH_FOR_TODAY)
    with pytest.raises(actions.NothingForYou, match="in a day"):
        claim_of(demonstration_protocol, annotator, now)
    tomorrow = now + timedelta(days=1)
    claim = claim_of(demonstration_protocol, annotator, tomorrow)
    assert claim
    assert hand_in(claim, annotator, tomorrow).no_work == NoWork.ENOUGH
    (queue,) = [row for row in queries.queues_of(annotator, tomorrow) if row.protocol == demonstration_protocol]
    assert (queue.answered_by_me, queue.answered_today, queue.no_work) == (3, 1, NoWork.ENOUGH)


def test_claims_in_hand_count_against_a_cap(demonstration_protocol: Protocol, annotator: User, now: datetime) -> None:
    for text in ("one", "two"):
        make_demonstration_task(demonstration_protocol, text)
    set_columns(demonstration_protocol, answers_per_person=1)
    claim = claim_of(demonstration_protocol, annotator, now)
    assert claim
    actions.show(claim_id=claim.pk, actor=annotator, now=now)
    with pytest.raises(actions.NothingForYou):
        claim_of(demonstration_protocol, annotator, now)


# The shared lane


def test_a_share_of_the_work_comes_from_the_pool_that_everybody_answers(
    demonstration_protocol: Protocol, join: Join, now: datetime
) -> None:
    set_columns(demonstration_protocol, calibration_share=0.2)
    shared = {
        task_actions.open_task(
            protocol=demonstration_protocol,
            prompt=make_prompt(demonstration_protocol.project, f"Shared {number}"),
            purpose=Purpose.CALIBRATION,
            now=now,
        )[0].pk
        for number in range(40)
    }
    for number in range(160):
        make_demonstration_task(demonstration_protocol, f"Question {number}", required_answers=2)
    lanes: Counter[str] = Counter()
    for name in ("ann", "bob"):
        person, given = join("annotator", name), 0
        claim = claim_of(demonstration_protocol, person, now)
        while claim and given < 100:
            lane = "calibration" if claim.task_id in shared else "work"
            lanes[lane] += 1
            likely = {"calibration": 0.2, "work": 0.8}[lane]
            assert claim.selection == {"lane": lane, "lane_p": likely}
            given += 1
            claim = hand_in(claim, person, now).next
    assert 20 <= lanes["calibration"] <= 62, lanes
    # Nobody closes a shared task for the others.
    assert not Task.objects.filter(pk__in=shared).exclude(state=TaskState.OPEN).exists()
    assert Answer.objects.filter(task__in=shared).first().selection["lane"] == "calibration"  # type: ignore[union-attr]


# Places in the queue


def place_of(protocol: Protocol, person: User) -> Place:
    row = QueuePlace.objects.get(protocol=protocol, annotator=person, purpose="work")
    return Place(row.rank, row.queue_key, row.task)


def test_a_walk_begins_where_the_last_but_one_ended(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    tasks = [make_demonstration_task(demonstration_protocol, f"Q {n}", required_answers=3) for n in range(5)]
    claim = claim_of(demonstration_protocol, annotator, now)
    for _ in range(3):
        assert claim
        claim = hand_in(claim, annotator, now).next
    assert claim
    assert claim.task_id == tasks[3].pk
    assert place_of(demonstration_protocol, annotator) == Place.of(tasks[2])


@pytest.mark.parametrize("how", ["release", "skip", "expire"])
def test_a_task_given_back_is_met_by_those_who_have_passed_it(
    demonstration_protocol: Protocol, join: Join, now: datetime, how: str
) -> None:
    ann, bob = join("annotator", "ann"), join("annotator", "bob")
    first, *_, last = [make_demonstration_task(demonstration_protocol, f"Q {n}") for n in range(5)]
    held = claim_of(demonstration_protocol, bob, now)
    assert held
    assert held.task_id == first.pk
    claim = claim_of(demonstration_protocol, ann, now)
    for _ in range(3):
        assert claim
        claim = hand_in(claim, ann, now).next
    assert claim
    assert claim.task_id == last.pk
    if how == "release":
        actions.release(claim_id=held.pk, actor=bob, now=now)
    elif how == "skip":
        actions.skip(claim_id=held.pk, actor=bob, reason="unclear", now=now)
    else:
        later = now + timedelta(minutes=11)
        Claim.objects.filter(pk=claim.pk).update(expires_at=later + timedelta(days=1))
        assert actions.expire_stale(now=later) == 1
    assert place_of(demonstration_protocol, ann) == Place.of(first)
    following = hand_in(claim, ann, now).next
    assert following
    assert following.task_id == first.pk


def test_a_task_made_urgent_and_a_new_urgent_one_come_first(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    tasks = [make_demonstration_task(demonstration_protocol, f"Q {n}", required_answers=2) for n in range(6)]
    claim = claim_of(demonstration_protocol, annotator, now)
    assert claim
    task_actions.steer_task(task=tasks[5], priority=5, now=now)
    claim = hand_in(claim, annotator, now).next
    assert claim
    assert claim.task_id == tasks[5].pk
    urgent = make_demonstration_task(demonstration_protocol, "Now!", priority=9)
    claim = hand_in(claim, annotator, now).next
    assert claim
    assert claim.task_id == urgent.pk
    claim = hand_in(claim, annotator, now).next
    assert claim
    assert claim.task_id == tasks[1].pk


def test_a_place_that_is_wrong_costs_order_but_no_work(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    tasks = [make_demonstration_task(demonstration_protocol, f"Q {n}") for n in range(3)]
    claim = claim_of(demonstration_protocol, annotator, now)
    assert claim
    QueuePlace.objects.update(task=10**12, rank=0, queue_key=0, last_task=10**12, last_rank=0, last_queue_key=0)
    rest = []
    while claim := hand_in(claim, annotator, now).next:
        rest.append(claim.task_id)
    assert rest == [tasks[1].pk, tasks[2].pk]


def test_a_hand_over_costs_the_same_however_much_one_has_answered(
    demonstration_protocol: Protocol, annotator: User, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        task = make_demonstration_task(demonstration_protocol, f"Question {number}", required_answers=2)
        if number < 30:
            answer_task(task, annotator)
    claim = claim_of(demonstration_protocol, annotator, now)
    assert claim
    # Savepoint, person and claim, answer, its end, standing, next task, next claim, savepoint.
    with django_assert_num_queries(8):
        done = hand_in(claim, annotator, now)
    assert done.next


# Own answers


def test_an_own_answer_is_reopened_as_it_was_and_handed_in_anew(
    ranking_protocol: Protocol, annotator: User, reviewer: User, now: datetime
) -> None:
    make_ranking_task(ranking_protocol)
    claim = claim_of(ranking_protocol, annotator, now)
    assert claim
    payload = {"tiers": [["c2"], ["c1", "c3"]], "all_bad": False, "rationale": "First."}
    answer = hand_in(claim, annotator, now, payload).answer
    with pytest.raises(actions.ClaimNotYours):
        actions.reopen(answer=answer, actor=reviewer, now=now)
    again = actions.reopen(answer=answer, actor=annotator, now=now)
    assert actions.reopen(answer=answer, actor=annotator, now=now) == again
    assert again.draft is not None
    assert {name: again.draft[name] for name in payload} == payload
    assert again.shown_order == claim.shown_order
    Answer.objects.filter(pk=answer.pk).update(state=AnswerState.RETURNED, review_note="Look again.")
    revised = hand_in(again, annotator, now, {"tiers": [["c1"], ["c2"], ["c3"]], "rationale": "Second."}).answer
    assert (revised.pk, revised.revision, revised.state) == (answer.pk, 2, AnswerState.SUBMITTED)
    assert list(AnswerRevision.objects.filter(answer=answer).values_list("number", "payload__rationale")) == [
        (1, "First."),
        (2, "Second."),
    ]
    task = Task.objects.get(pk=answer.task_id)
    assert (task.answers_count, task.claims_count, task.state) == (1, 0, TaskState.CLOSED)


def test_a_reopened_answer_that_expires_or_is_given_back_takes_nobodys_place(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    answer = answer_task(make_demonstration_task(demonstration_protocol, required_answers=2), annotator)
    actions.reopen(answer=answer, actor=annotator, now=now)
    assert actions.expire_stale(now=now + timedelta(days=8)) == 1
    claim = actions.reopen(answer=answer, actor=annotator, now=now)
    actions.release(claim_id=claim.pk, actor=annotator, now=now)
    assert Task.objects.get(pk=answer.task_id).claims_count == 0


def test_what_a_release_holds_is_sealed_unless_a_reviewer_returns_it(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    answer = answer_task(make_demonstration_task(demonstration_protocol), annotator)
    claim = actions.reopen(answer=answer, actor=annotator, now=now)
    Answer.objects.filter(pk=answer.pk).update(frozen_at=now)
    with pytest.raises(AnswerSealed, match="part of a release"):
        hand_in(claim, annotator, now)
    Answer.objects.filter(pk=answer.pk).update(state=AnswerState.RETURNED)
    assert hand_in(claim, annotator, now).answer.revision == 2
    Answer.objects.filter(pk=answer.pk).update(state=AnswerState.STRUCK)
    with pytest.raises(AnswerSealed, match="taken this answer out"):
        actions.reopen(answer=answer, actor=annotator, now=now)


def test_what_came_with_an_answer_is_kept(demonstration_protocol: Protocol, annotator: User, now: datetime) -> None:
    make_demonstration_task(demonstration_protocol)
    claim = claim_of(demonstration_protocol, annotator, now)
    assert claim
    answer = submitting.hand_in(
        claim_id=claim.pk,
        actor=annotator,
        payload=WRITTEN,
        timing=Timing(9.5, {"write": 9.0}, ({"characters": 20, "at_seconds": 4.0},)),
        idempotency_key=uuid.uuid4(),
        now=now,
    ).answer
    stored = Answer.objects.get(pk=answer.pk)
    assert (stored.seconds, stored.step_seconds) == (9.5, {"write": 9.0})
    assert stored.evidence == {"pastes": [{"characters": 20, "at_seconds": 4.0}]}
    assert AnswerRevision.objects.get(answer=answer).step_seconds == {"write": 9.0}


def test_the_claim_on_screen_begins_its_lease_with_the_submit_before(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    for text in ("one", "two", "three"):
        make_demonstration_task(demonstration_protocol, text)
    first = claim_of(demonstration_protocol, annotator, now)
    assert first
    actions.show(claim_id=first.pk, actor=annotator, now=now)
    ahead = claim_of(demonstration_protocol, annotator, now)
    assert ahead
    done = submitting.hand_in(
        claim_id=first.pk,
        actor=annotator,
        payload=WRITTEN,
        timing=Timing(1.0),
        idempotency_key=uuid.uuid4(),
        showing=ahead.pk,
        now=now,
    )
    ahead.refresh_from_db()
    assert ahead.shown_at == now
    assert done.next
    assert done.next.pk != ahead.pk
    assert done.next.shown_at is None


# Blind


def test_a_completion_that_names_its_maker_is_masked_before_the_vote_and_the_mask_is_kept(
    ranking_protocol: Protocol, annotator: User, now: datetime
) -> None:
    task = make_ranking_task(ranking_protocol, completions=["I am ChatGPT, trained by OpenAI.", "A contract."])
    leaking = task.completions.get(text__startswith="I am")
    claim = claim_of(ranking_protocol, annotator, now)
    assert claim
    for again in (claim, Claim.objects.get(pk=claim.pk)):
        shown = dict(queries.completions_of(again))
        assert sorted(shown.values()) == ["A contract.", "I am ▇▇▇, trained by ▇▇▇."]
    answer = hand_in(claim, annotator, now, {"tiers": [["c1"], ["c2"]]}).answer
    assert answer.selection == {"masked": {str(leaking.pk): ["ChatGPT", "OpenAI"]}}
    # The text itself stays as it was written.
    leaking.refresh_from_db()
    assert leaking.text == "I am ChatGPT, trained by OpenAI."
