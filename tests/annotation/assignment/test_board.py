from __future__ import annotations

from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from annotation.assignment import actions
from annotation.assignment.board import HOURS_SHOWN, Board, Row, board_of, held_claims
from annotation.people.models import User
from annotation.projects.models import Project, Protocol, ProtocolState
from annotation.tasks.models import Answer, Purpose, Task
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.people import NOW


def row_of(board: Board, protocol: Protocol) -> Row:
    return next(row for row in board.protocols if row.protocol.pk == protocol.pk)


def test_an_empty_project_has_a_line_for_each_protocol(project: Project) -> None:
    board = board_of(project, now=NOW)
    assert [(row.total.open, row.total.done, row.languages) for row in board.protocols] == [(0, 0, []), (0, 0, [])]
    assert (board.claims, board.protocols[0].total.seconds_left) == ([], None)


def test_work_is_counted_by_language_and_in_all(demonstration_protocol: Protocol, annotator: User) -> None:
    for number, language in enumerate(("nb", "nb", "en")):
        task = make_demonstration_task(demonstration_protocol, f"Question {number}?", required_answers=2)
        Task.objects.filter(pk=task.pk).update(language=language)
    answer_task(Task.objects.filter(language="nb")[0], annotator)
    row = row_of(board_of(demonstration_protocol.project, now=NOW), demonstration_protocol)
    assert [(line.language, line.open, line.missing) for line in row.languages] == [("en", 1, 2), ("nb", 2, 3)]
    assert (row.total.open, row.total.missing, row.total.answers_by_hour[-1]) == (3, 5, 1)


def test_the_pace_is_that_of_the_hours_in_which_people_worked(
    demonstration_protocol: Protocol, annotator: User
) -> None:
    """Six answers in two of the last twelve hours are three an hour; what is older says nothing."""
    minutes_ago = (1, 2, 3, 4, 200, 239, 60 * HOURS_SHOWN + 1)
    for minutes in minutes_ago:
        task = make_demonstration_task(demonstration_protocol, f"Question {minutes}?")
        answer_task(task, annotator, now=NOW - timedelta(minutes=minutes))
    for number in range(9):
        make_demonstration_task(demonstration_protocol, f"Still open {number}?")
    total = row_of(board_of(demonstration_protocol.project, now=NOW), demonstration_protocol).total
    assert total.answers_by_hour == [0] * 8 + [2, 0, 0, 4]
    assert (total.answers_per_hour, total.seconds_left) == (3, 3 * 3600)


def test_imports_spares_and_gold_are_no_pace(demonstration_protocol: Protocol, annotator: User) -> None:
    tasks = [make_demonstration_task(demonstration_protocol, f"Question {number}?") for number in range(3)]
    imported, spare, gold = (answer_task(task, annotator) for task in tasks)
    Answer.objects.filter(pk=imported.pk).update(source_kind="import")
    Answer.objects.filter(pk=spare.pk).update(is_spare=True)
    Task.objects.filter(pk=gold.task_id).update(purpose=Purpose.GOLD)
    total = row_of(board_of(demonstration_protocol.project, now=NOW), demonstration_protocol).total
    assert sum(total.answers_by_hour) == 0


def test_a_claim_tells_who_holds_what_since_when(ranking_protocol: Protocol, annotator: User) -> None:
    task = make_ranking_task(ranking_protocol, "Which lease is best?")
    claim = actions.claim_next(protocol=ranking_protocol, actor=annotator, now=NOW)
    assert claim is not None
    (ahead,) = held_claims(ranking_protocol.project, NOW)
    assert (ahead.person, ahead.task, ahead.excerpt) == (annotator, task.pk, "Which lease is best?")
    assert (ahead.shown_at, ahead.seen_at, ahead.is_expiring) == (None, None, False)

    (later,) = held_claims(ranking_protocol.project, NOW + timedelta(minutes=9))
    assert later.is_expiring is False

    actions.show(claim_id=claim.pk, actor=annotator, now=NOW)
    beat = NOW + timedelta(minutes=10)
    actions.show(claim_id=claim.pk, actor=annotator, now=beat)
    (shown,) = held_claims(ranking_protocol.project, beat)
    assert (shown.shown_at, shown.seen_at) == (NOW, beat)


def test_a_claim_that_nobody_renews_is_expiring_and_then_gone(ranking_protocol: Protocol, annotator: User) -> None:
    make_ranking_task(ranking_protocol)
    claim = actions.claim_next(protocol=ranking_protocol, actor=annotator, now=NOW)
    assert claim is not None
    actions.show(claim_id=claim.pk, actor=annotator, now=NOW)
    counts = []
    for minutes in (24, 26, 30):
        total = row_of(board_of(ranking_protocol.project, now=NOW + timedelta(minutes=minutes)), ranking_protocol).total
        counts.append((total.in_flight, total.expiring))
    assert counts == [(1, 0), (1, 1), (0, 0)]


def test_a_claim_on_another_project_is_not_shown(ranking_protocol: Protocol, owner: User, outsider: User) -> None:
    make_ranking_task(ranking_protocol)
    actions.claim_next(protocol=ranking_protocol, actor=owner, now=NOW)
    elsewhere = Project.objects.get(memberships__user=outsider)
    assert board_of(elsewhere, now=NOW).claims == []


def test_an_archived_protocol_has_left_the_board(ranking_protocol: Protocol) -> None:
    Protocol.objects.filter(pk=ranking_protocol.pk).update(state=ProtocolState.ARCHIVED)
    board = board_of(ranking_protocol.project, now=NOW)
    assert [row.protocol.kind for row in board.protocols] == ["demonstration"]


def test_a_board_costs_four_queries_however_much_there_is(
    project: Project,
    demonstration_protocol: Protocol,
    annotator: User,
    reviewer: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(6):
        answer_task(make_demonstration_task(demonstration_protocol, f"Question {number}?"), annotator)
    for number in range(6, 9):
        make_demonstration_task(demonstration_protocol, f"Question {number}?")
    for person in (annotator, reviewer):
        actions.claim_next(protocol=demonstration_protocol, actor=person, now=NOW)
    with django_assert_num_queries(4):
        board = board_of(project, now=NOW)
    assert row_of(board, demonstration_protocol).total.in_flight == 2
