"""Claims, leases, drafts and answers, one person at a time; test_concurrency has many."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.assignment import actions, queries, submitting
from annotation.assignment.models import Claim, ClaimState
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.kinds.shape import InvalidAnswer
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.tasks.models import Answer, AnswerRevision, Task, TaskState
from tests.factories import answer_task, make_demonstration_task, make_ranking_task

WRITTEN = {"completion": "A lease is a contract."}


def claimed(protocol: Protocol, actor: User, now: datetime) -> Claim:
    claim = actions.claim_next(protocol=protocol, actor=actor, now=now)
    assert claim is not None
    return claim


def submitted(claim: Claim, actor: User, now: datetime, payload: object = None, key: uuid.UUID | None = None) -> Answer:
    return submitting.submit(
        claim_id=claim.pk,
        actor=actor,
        payload=WRITTEN if payload is None else payload,
        seconds=3,
        idempotency_key=key or uuid.uuid4(),
        now=now,
    )


def test_a_claimed_task_is_answered_and_closed(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    task = make_demonstration_task(demonstration_protocol)
    claim = claimed(demonstration_protocol, annotator, now)
    answer = submitted(claim, annotator, now + timedelta(minutes=1))
    task.refresh_from_db()
    assert (task.state, task.answers_count, task.claims_count) == (TaskState.CLOSED, 1, 0)
    assert answer.payload == WRITTEN
    assert not answer.is_spare
    assert AnswerRevision.objects.get(answer=answer).payload == WRITTEN


def test_a_ranking_is_stored_whole_by_completion_with_the_order_shown(
    ranking_protocol: Protocol, annotator: User, now: datetime
) -> None:
    make_ranking_task(ranking_protocol)
    claim = claimed(ranking_protocol, annotator, now)
    answer = submitted(claim, annotator, now, {"tiers": [["c2"], ["c1", "c3"]], "rationale": "Clear."})
    first, second, third = claim.shown_order
    assert answer.payload == {"tiers": [[second], [first, third]], "all_bad": False, "rationale": "Clear."}
    assert answer.shown_order == claim.shown_order


def test_the_order_shown_differs_between_claims(
    ranking_protocol: Protocol, join: Callable[..., User], now: datetime
) -> None:
    make_ranking_task(ranking_protocol, completions=[f"Text {n}" for n in range(9)], required_answers=5)
    orders = {tuple(claimed(ranking_protocol, join("annotator", f"a{n}"), now).shown_order) for n in range(5)}
    assert len(orders) == 5
    assert len({tuple(sorted(order)) for order in orders}) == 1


def test_of_two_completions_each_stands_first_for_every_other_judge_of_a_task(
    project: Project, owner: User, join: Callable[..., User], now: datetime
) -> None:
    protocol = project_actions.create_protocol(project=project, actor=owner, preset="blind_pair", now=now)
    people = [join("annotator", f"a{n}") for n in range(4)]
    began = set()
    for number in range(12):
        task = make_ranking_task(protocol, f"Question {number}?", ("A.", "B."), required_answers=4)
        first, second = task.task_completions.order_by("position").values_list("completion_id", flat=True)
        orders = [claimed(protocol, person, now) for person in people]
        assert {claim.task_id for claim in orders} == {task.pk}
        shown = [claim.shown_order for claim in orders]
        assert shown in ([[first, second], [second, first]] * 2, [[second, first], [first, second]] * 2)
        began.add(shown[0] == [first, second])
        for claim, person in zip(orders, people, strict=True):
            submitted(claim, person, now, {"preferred": "c1", "strength": 1})
    assert began == {True, False}


def test_the_queue_goes_by_priority_then_key_then_age(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    texts = [("old", 0, 0), ("young", 0, 0), ("late key", 0, 5), ("urgent", 9, 7)]
    for text, priority, key in texts:
        make_demonstration_task(demonstration_protocol, text, priority=priority, queue_key=key)
    order = []
    for _ in texts:
        claim = claimed(demonstration_protocol, annotator, now)
        order.append(claim.task.prompt.messages[0]["content"])
        submitted(claim, annotator, now)
    assert order == ["urgent", "old", "young", "late key"]
    assert actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=now) is None


def test_claims_in_flight_count_against_the_overlap(
    demonstration_protocol: Protocol, join: Callable[..., User], now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol, required_answers=2)
    people = [join("annotator", f"a{n}") for n in range(3)]
    claims = [actions.claim_next(protocol=demonstration_protocol, actor=person, now=now) for person in people]
    assert [claim is not None for claim in claims] == [True, True, False]


def test_nobody_gets_a_task_twice(demonstration_protocol: Protocol, annotator: User, now: datetime) -> None:
    make_demonstration_task(demonstration_protocol, required_answers=3)
    submitted(claimed(demonstration_protocol, annotator, now), annotator, now)
    assert actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=now) is None


def test_a_third_claim_returns_the_older_of_two(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    for text in ("one", "two", "three"):
        make_demonstration_task(demonstration_protocol, text)
    first = claimed(demonstration_protocol, annotator, now)
    actions.show(claim_id=first.pk, actor=annotator, now=now)
    second = claimed(demonstration_protocol, annotator, now + timedelta(seconds=1))
    actions.show(claim_id=second.pk, actor=annotator, now=now)
    assert claimed(demonstration_protocol, annotator, now + timedelta(seconds=2)) == first


def test_what_was_fetched_ahead_comes_before_anything_new(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    for text in ("one", "two", "three"):
        make_demonstration_task(demonstration_protocol, text)
    shown = claimed(demonstration_protocol, annotator, now)
    actions.show(claim_id=shown.pk, actor=annotator, now=now)
    ahead = claimed(demonstration_protocol, annotator, now)
    assert ahead != shown
    assert claimed(demonstration_protocol, annotator, now) == ahead
    submitted(shown, annotator, now)
    assert claimed(demonstration_protocol, annotator, now) == ahead


def test_a_skip_is_remembered_with_its_reason(
    demonstration_protocol: Protocol, annotator: User, reviewer: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    claim = claimed(demonstration_protocol, annotator, now)
    skipped = actions.skip(claim_id=claim.pk, actor=annotator, reason="unclear", note="Which lease?", now=now)
    assert (skipped.skip_reason, skipped.skip_note) == ("unclear", "Which lease?")
    assert actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=now) is None
    assert actions.claim_next(protocol=demonstration_protocol, actor=reviewer, now=now) is not None
    with pytest.raises(BadField, match="reason"):
        actions.skip(claim_id=claim.pk, actor=annotator, reason="bored", now=now)


def test_a_released_task_comes_again_but_its_claim_takes_no_answer(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    claim = claimed(demonstration_protocol, annotator, now)
    actions.release(claim_id=claim.pk, actor=annotator, now=now)
    with pytest.raises(actions.ClaimEnded, match="released"):
        submitted(claim, annotator, now)
    with pytest.raises(actions.ClaimEnded):
        actions.save_draft(claim_id=claim.pk, actor=annotator, payload=WRITTEN, seconds=1, now=now)
    assert claimed(demonstration_protocol, annotator, now).task_id == claim.task_id


def test_a_foreign_claim_is_not_there(
    demonstration_protocol: Protocol, annotator: User, reviewer: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    claim = claimed(demonstration_protocol, annotator, now)
    with pytest.raises(actions.ClaimNotYours):
        submitted(claim, reviewer, now)
    for verb in (actions.show, actions.release):
        with pytest.raises(actions.ClaimNotYours):
            verb(claim_id=claim.pk, actor=reviewer, now=now)
    with pytest.raises(actions.ClaimNotYours):
        actions.save_draft(claim_id=claim.pk, actor=reviewer, payload={}, seconds=0, now=now)
    with pytest.raises(actions.ClaimNotYours):
        actions.skip(claim_id=uuid.uuid4(), actor=annotator, reason="broken", now=now)


def test_a_removed_member_loses_their_claims(
    demonstration_protocol: Protocol, annotator: User, owner: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    claim = claimed(demonstration_protocol, annotator, now)
    member = demonstration_protocol.project.memberships.get(user=annotator)
    membership.remove_member(membership=member, actor=owner)
    with pytest.raises(actions.ClaimNotYours):
        submitted(claim, annotator, now)
    assert not queries.claims_of(annotator).exists()


def test_the_same_submit_again_returns_the_same_answer(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    claim, key = claimed(demonstration_protocol, annotator, now), uuid.uuid4()
    first = submitted(claim, annotator, now, key=key)
    assert submitted(claim, annotator, now, key=key) == first
    with pytest.raises(actions.ClaimEnded, match="submitted"):
        submitted(claim, annotator, now, key=uuid.uuid4())
    assert Answer.objects.count() == 1


def test_a_wrong_answer_is_refused_and_the_claim_stays(
    ranking_protocol: Protocol, annotator: User, now: datetime
) -> None:
    make_ranking_task(ranking_protocol)
    claim = claimed(ranking_protocol, annotator, now)
    for tiers in ([["c1"], ["c1"], ["c2"], ["c3"]], [["c1"], ["c2"], ["c9"]], [["c1"], ["c2"]], [], "c1"):
        with pytest.raises(InvalidAnswer, match="tiers"):
            submitted(claim, annotator, now, {"tiers": tiers})
    claim.refresh_from_db()
    task = Task.objects.get(pk=claim.task_id)
    assert (claim.state, task.claims_count) == (ClaimState.OPEN, 1)
    submitted(claim, annotator, now, {"tiers": [["c3"], ["c2"], ["c1"]]})


def test_an_unshown_claim_goes_back_after_ten_minutes_and_a_shown_one_after_its_lease(
    demonstration_protocol: Protocol, annotator: User, reviewer: User, now: datetime
) -> None:
    for text in ("one", "two"):
        make_demonstration_task(demonstration_protocol, text)
    shown = claimed(demonstration_protocol, annotator, now)
    actions.show(claim_id=shown.pk, actor=annotator, now=now)
    unshown = claimed(demonstration_protocol, reviewer, now)
    assert actions.expire_stale(now=now + timedelta(minutes=9, seconds=59)) == 0
    assert actions.expire_stale(now=now + timedelta(minutes=10)) == 1
    unshown.refresh_from_db()
    assert unshown.state == ClaimState.EXPIRED
    actions.show(claim_id=shown.pk, actor=annotator, now=now + timedelta(minutes=20))
    assert actions.expire_stale(now=now + timedelta(minutes=49)) == 0
    assert actions.expire_stale(now=now + timedelta(minutes=50)) == 1


def test_an_expired_claim_still_counts_while_the_task_is_short(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    task = make_demonstration_task(demonstration_protocol)
    claim = claimed(demonstration_protocol, annotator, now)
    later = now + timedelta(hours=5)
    actions.expire_stale(now=later)
    actions.save_draft(claim_id=claim.pk, actor=annotator, payload=WRITTEN, seconds=9, now=later)
    assert not submitted(claim, annotator, later).is_spare
    task.refresh_from_db()
    assert (task.state, task.claims_count) == (TaskState.CLOSED, 0)


def test_an_expired_claim_becomes_a_spare_when_the_task_has_enough(
    demonstration_protocol: Protocol, annotator: User, reviewer: User, now: datetime
) -> None:
    task = make_demonstration_task(demonstration_protocol)
    late = claimed(demonstration_protocol, annotator, now)
    later = now + timedelta(hours=5)
    actions.expire_stale(now=later)
    submitted(claimed(demonstration_protocol, reviewer, later), reviewer, later)
    assert submitted(late, annotator, later).is_spare
    task.refresh_from_db()
    assert (task.answers_count, task.answers.count()) == (1, 2)


def test_a_heartbeat_revives_an_expired_claim_only_where_there_is_room(
    demonstration_protocol: Protocol, annotator: User, reviewer: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    claim = claimed(demonstration_protocol, annotator, now)
    later = now + timedelta(hours=5)
    actions.expire_stale(now=later)
    assert actions.show(claim_id=claim.pk, actor=annotator, now=later).state == ClaimState.OPEN
    assert Task.objects.get(pk=claim.task_id).claims_count == 1
    much_later = later + timedelta(hours=5)
    actions.expire_stale(now=much_later)
    claimed(demonstration_protocol, reviewer, much_later)
    with pytest.raises(actions.ClaimEnded):
        actions.show(claim_id=claim.pk, actor=annotator, now=much_later)


def test_a_draft_is_kept_as_it_is_and_shown_again(ranking_protocol: Protocol, annotator: User, now: datetime) -> None:
    make_ranking_task(ranking_protocol)
    claim = claimed(ranking_protocol, annotator, now)
    unfinished = {"tiers": [["c2"]], "rationale": "not yet"}
    actions.save_draft(claim_id=claim.pk, actor=annotator, payload=unfinished, seconds=4.5, now=now)
    [kept] = queries.open_claims_of(annotator, now)
    assert (kept.draft, kept.draft_seconds, kept.draft_saved_at) == (unfinished, 4.5, now)
    for wrong in ("text", ["list"], {"completion": "x" * 1_000_001}, {"completion": "\x00"}):
        with pytest.raises(actions.BadDraft):
            actions.save_draft(claim_id=claim.pk, actor=annotator, payload=wrong, seconds=1, now=now)


def test_a_paused_protocol_hands_out_nothing_but_takes_what_is_in_hand(
    demonstration_protocol: Protocol, annotator: User, owner: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    claim = claimed(demonstration_protocol, annotator, now)
    project_actions.change_protocol(protocol=demonstration_protocol, actor=owner, now=now, state="paused")
    demonstration_protocol.refresh_from_db()
    with pytest.raises(actions.ProtocolPaused):
        actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=now)
    assert not submitted(claim, annotator, now).is_spare


def test_rules_and_guideline_that_change_meanwhile_are_for_the_next_claim(
    ranking_protocol: Protocol, annotator: User, owner: User, now: datetime
) -> None:
    for text in ("one", "two"):
        make_ranking_task(ranking_protocol, text)
    first = project_actions.publish_guideline(protocol=ranking_protocol, markdown="Old", actor=owner, now=now)
    claim = claimed(ranking_protocol, annotator, now)
    second = project_actions.publish_guideline(protocol=ranking_protocol, markdown="New", actor=owner, now=now)
    project_actions.change_protocol(protocol=ranking_protocol, actor=owner, now=now, config={"require_rationale": True})
    ranked = {"tiers": [["c1"], ["c2"], ["c3"]]}
    answer = submitted(claim, annotator, now, ranked)
    assert (answer.protocol_version.number, answer.guideline_version) == (1, first)
    later = claimed(ranking_protocol, annotator, now)
    with pytest.raises(InvalidAnswer, match="rationale"):
        submitted(later, annotator, now, ranked)
    answer = submitted(later, annotator, now, ranked | {"rationale": "Clear."})
    assert (answer.protocol_version.number, answer.guideline_version) == (2, second)


@pytest.mark.parametrize("role", ["researcher", "chat_user"])
def test_who_does_not_work_here_claims_nothing(
    role: str, join: Callable[..., User], demonstration_protocol: Protocol, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol)
    with pytest.raises(NotAllowed):
        actions.claim_next(protocol=demonstration_protocol, actor=join(role), now=now)


def test_a_cancelled_task_is_not_handed_out(
    demonstration_protocol: Protocol, annotator: User, owner: User, now: datetime
) -> None:
    from annotation.tasks.actions import cancel_task

    cancel_task(task=make_demonstration_task(demonstration_protocol), actor=owner, now=now)
    assert actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=now) is None


def test_the_selection_travels_from_task_to_claim_to_answer(
    demonstration_protocol: Protocol, annotator: User, now: datetime
) -> None:
    make_demonstration_task(demonstration_protocol, selection={"policy": "uniform", "p": 0.25})  # type: ignore[arg-type]
    answer = submitted(claimed(demonstration_protocol, annotator, now), annotator, now)
    assert answer.selection == {"policy": "uniform", "p": 0.25}


def test_a_claim_costs_the_same_however_long_the_queue_is(
    demonstration_protocol: Protocol,
    annotator: User,
    reviewer: User,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        task = make_demonstration_task(demonstration_protocol, f"Question {number}", required_answers=2)
        if number < 20:
            answer_task(task, annotator)
    with django_assert_max_num_queries(12):
        claim = claimed(demonstration_protocol, annotator, now)
    with django_assert_max_num_queries(12):
        submitted(claim, annotator, now)
