from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.quality import actions, queries
from annotation.quality.comparing import compare_changed
from annotation.quality.queries import AnswerFilter, answers_in
from annotation.tasks.models import Answer, Task
from tests.annotation.quality.conftest import Rank
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW

Question = Callable[..., Task]
Find = Callable[..., list[Answer]]


@pytest.fixture
def find(project: Project, reviewer: User) -> Find:
    def found(**only: object) -> list[Answer]:
        return list(answers_in(project, reviewer, AnswerFilter(**only)).order_by("pk"))

    return found


@pytest.fixture
def text(demonstration_protocol: Protocol, annotator: User) -> Answer:
    return answer_task(make_demonstration_task(demonstration_protocol, "What is a lease?"), annotator)


@pytest.fixture
def rankings(question: Question, rank: Rank, annotator: User, manager: User) -> list[Answer]:
    task = question("Which is best?")
    return [rank(task, annotator, rationale="Clear and “short”."), rank(task, manager, 2, 1, 0, all_bad=False)]


def test_each_filter_narrows(
    find: Find, text: Answer, rankings: list[Answer], annotator: User, ranking_protocol: Protocol, manager: User
) -> None:
    mine, theirs = rankings
    assert find() == [text, *rankings]
    assert find(protocol=ranking_protocol.pk) == rankings
    assert find(annotator=annotator.pk) == [text, mine]
    assert find(kind="demonstration") == [text]
    assert find(kind="ranking", annotator=manager.pk) == [theirs]
    assert find(since=NOW, until=NOW + timedelta(seconds=1)) == [text, *rankings]
    assert find(since=NOW + timedelta(seconds=1)) == find(until=NOW) == []


def test_answers_are_found_by_what_is_said_in_them_and_in_their_prompts(
    find: Find, text: Answer, rankings: list[Answer]
) -> None:
    assert find(text="LEASE IS A") == [text]
    assert find(text="which is BEST") == rankings
    assert find(text="“short”") == rankings[:1]
    assert find(text="completion") == find(text="rationale") == find(text="%") == find(text="user") == []


def test_a_text_is_looked_for_in_the_newest(
    find: Find, text: Answer, rankings: list[Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SEARCHED", 2)
    assert find(text="lease") == []
    assert find(text="lease", kind="demonstration") == [text]


def test_a_flag_is_looked_for_in_the_newest(
    find: Find, question: Question, rank: Rank, annotator: User, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _ = rank(question("Old?"), annotator, all_bad=True), rank(question("New?"), owner)
    monkeypatch.setattr(queries, "SEARCHED", 1)
    assert find(flag="all_bad") == []
    assert find(flag="all_bad", annotator=annotator.pk) == [bad]


def test_answers_are_found_by_state_guideline_and_flag(
    find: Find, text: Answer, rankings: list[Answer], question: Question, rank: Rank, reviewer: User, owner: User
) -> None:
    project_actions.publish_guideline(protocol=rankings[0].task.protocol, markdown="# How", actor=owner, now=NOW)
    bad = rank(question("And now?"), owner, all_bad=True)
    actions.review_answer(answer=text, revision=1, verdict="accept", actor=reviewer, now=NOW)
    assert find(state="accepted") == [text]
    assert find(guideline=1) == find(flag="all_bad") == [bad]
    with pytest.raises(ValueError, match="no name"):
        find(flag='x" || true')


def test_answers_are_found_by_how_far_they_agree(
    find: Find, text: Answer, rankings: list[Answer], question: Question, rank: Rank, annotator: User, owner: User
) -> None:
    task = question("Agreed?")
    alike = [rank(task, annotator), rank(task, owner)]
    compare_changed(now=NOW)
    assert find(agreement="disagrees") == rankings
    assert find(agreement="agrees") == alike
    assert find(agreement="mixed") == []
    assert find(agreement="agrees")[0].agreement.agreement == 1


def test_the_filter_by_agreement_walks_an_index_newest_first(
    project: Project, owner: User, rankings: list[Answer]
) -> None:
    compare_changed(now=NOW)
    rows = answers_in(project, owner, AnswerFilter(agreement="disagrees")).order_by("-pk").values("pk")[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        sql, given = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", given)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "answers_by_agreement" in plan
    assert "Sort" not in plan


def test_neighbours_are_those_of_the_filtered_list(
    project: Project, reviewer: User, text: Answer, rankings: list[Answer]
) -> None:
    every = answers_in(project, reviewer, AnswerFilter())
    assert queries.neighbours(every, text.pk) == (rankings[0].pk, None)
    assert queries.neighbours(every, rankings[0].pk) == (rankings[1].pk, text.pk)
    written = answers_in(project, reviewer, AnswerFilter(kind="demonstration"))
    assert queries.neighbours(written, rankings[1].pk) == (None, text.pk)


def test_people_who_answered_are_listed_by_name(
    project: Project, text: Answer, rankings: list[Answer], annotator: User, manager: User, chat_user: User
) -> None:
    assert list(queries.people_of(project)) == [annotator, manager]


@pytest.mark.parametrize("count", [1, 4])
def test_an_answer_in_full_costs_the_same_however_many_others_there_are(
    project: Project,
    question: Question,
    rank: Rank,
    join: Callable[..., User],
    reviewer: User,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    task = question(required_answers=9)
    answers = [rank(task, join("annotator", f"annotator{number}")) for number in range(count)]
    actions.review_answer(answer=answers[0], revision=1, verdict="accept", actor=reviewer, now=NOW)
    with django_assert_num_queries(4):
        (row,) = queries.answer_in_full(project, reviewer).filter(pk=answers[0].pk)
        assert len(row.task.answers.all()) == count
        assert [review.verdict for review in row.reviews.all()] == ["accept"]


def test_annotators_see_nothing_of_others(
    project: Project, annotator: User, text: Answer, rankings: list[Answer], manager: User
) -> None:
    seen = answers_in(project, annotator, AnswerFilter())
    assert {answer.annotator for answer in seen} == {annotator}
