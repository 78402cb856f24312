from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.assignment import actions as assignment_actions
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.models import Membership, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.tasks import actions, bulk
from annotation.tasks.assigning import Assigned, Chosen, assign_tasks, unassign_tasks
from annotation.tasks.models import Prompt, Task
from tests.factories import make_demonstration_task, make_prompt
from tests.people import NOW

pytestmark = pytest.mark.django_db

Join = Callable[..., User]


@pytest.fixture
def tasks(demonstration_protocol: Protocol) -> list[Task]:
    return [make_demonstration_task(demonstration_protocol, f"Question {number}?") for number in range(6)]


@pytest.fixture
def pair(join: Join) -> list[User]:
    return [join("annotator", "ada"), join("annotator", "bea")]


def ids(people: list[User]) -> list[int]:
    return [person.pk for person in people]


def whom() -> list[list[int] | None]:
    return list(Task.objects.order_by("pk").values_list("assigned_to", flat=True))


def claim(protocol: Protocol, person: User) -> int | None:
    taken = assignment_actions.claim_next(protocol=protocol, actor=person, now=NOW)
    return taken.task_id if taken else None


def test_tasks_for_people_go_to_nobody_else(
    demonstration_protocol: Protocol, tasks: list[Task], pair: list[User], researcher: User, annotator: User
) -> None:
    first = Chosen(ids=[task.pk for task in tasks[:2]])
    changed = assign_tasks(protocol=demonstration_protocol, actor=researcher, chosen=first, people=ids(pair))
    assert changed == Assigned(2)
    assert whom() == [ids(pair), ids(pair), None, None, None, None]
    assert claim(demonstration_protocol, annotator) == tasks[2].pk
    assert [claim(demonstration_protocol, person) for person in pair] == [tasks[0].pk, tasks[1].pk]


def test_tasks_are_dealt_out_in_turn_in_the_order_of_the_queue(
    demonstration_protocol: Protocol, tasks: list[Task], pair: list[User], researcher: User
) -> None:
    Task.objects.filter(pk=tasks[5].pk).update(priority=3)
    given = {"protocol": demonstration_protocol, "actor": researcher, "people": ids(pair)}
    assert assign_tasks(**given, chosen=Chosen(), each="split").tasks == 6
    a, b = ids(pair)
    assert whom() == [[b], [a], [b], [a], [b], [a]]


def test_a_task_that_wants_several_answers_is_dealt_to_several(
    demonstration_protocol: Protocol, tasks: list[Task], pair: list[User], join: Join, researcher: User
) -> None:
    people = [*ids(pair), join("reviewer", "cem").pk]
    Task.objects.filter(pk__in=[task.pk for task in tasks[::2]]).update(required_answers=2)
    assign_tasks(protocol=demonstration_protocol, actor=researcher, chosen=Chosen(), people=people, each="split")
    dealt = [task for task in whom() if task]
    assert [len(set(seats)) for seats in dealt] == [2, 1, 2, 1, 2, 1]
    assert set(Counter(person for seats in dealt for person in seats).values()) == {3}


def test_tasks_for_a_team_go_to_its_members(
    demonstration_protocol: Protocol, tasks: list[Task], pair: list[User], researcher: User, annotator: User
) -> None:
    Membership.objects.filter(user=pair[0]).update(team="night")
    assert assign_tasks(protocol=demonstration_protocol, actor=researcher, chosen=Chosen(), team="night").tasks == 6
    assert claim(demonstration_protocol, annotator) is None
    assert claim(demonstration_protocol, pair[0]) == tasks[0].pk


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        (Chosen(language="nb"), [1, 3]),
        (Chosen(tag="law"), [3, 4]),
        (Chosen(language="nb", tag="law"), [3]),
        (Chosen(text="tion 2"), [2]),
        (Chosen(text='"content"'), []),
        (Chosen(count=2), [5, 0]),
        (Chosen(language="nb", count=1), [1]),
        (Chosen(ids=[10**12]), []),
    ],
)
def test_a_filter_chooses(
    demonstration_protocol: Protocol,
    tasks: list[Task],
    annotator: User,
    researcher: User,
    chosen: Chosen,
    numbers: list[int],
) -> None:
    Task.objects.filter(pk__in=[tasks[1].pk, tasks[3].pk]).update(language="nb")
    Prompt.objects.filter(pk__in=[tasks[3].prompt_id, tasks[4].prompt_id]).update(tags=["law", "long"])
    Task.objects.filter(pk=tasks[5].pk).update(priority=1)
    given = {"protocol": demonstration_protocol, "actor": researcher, "people": [annotator.pk]}
    assert assign_tasks(**given, chosen=chosen).tasks == len(numbers)
    changed = set(Task.objects.exclude(assigned_to=None).values_list("pk", flat=True))
    assert changed == {tasks[number].pk for number in numbers}


def test_only_open_work_of_the_protocol_is_assigned(
    demonstration_protocol: Protocol,
    ranking_protocol: Protocol,
    tasks: list[Task],
    annotator: User,
    researcher: User,
) -> None:
    Task.objects.filter(pk=tasks[0].pk).update(state="closed")
    Task.objects.filter(pk=tasks[1].pk).update(purpose="gold")
    everything = Chosen(ids=[task.pk for task in tasks])
    given = {"actor": researcher, "chosen": everything, "people": [annotator.pk]}
    assert assign_tasks(protocol=ranking_protocol, **given) == Assigned(0)
    assert assign_tasks(protocol=demonstration_protocol, **given) == Assigned(4)
    assert whom()[:2] == [None, None]


def test_what_is_taken_back_is_for_everybody_and_found_by_who_has_passed_it(
    demonstration_protocol: Protocol, tasks: list[Task], pair: list[User], annotator: User, researcher: User
) -> None:
    first = {"protocol": demonstration_protocol, "actor": researcher, "chosen": Chosen(ids=[tasks[0].pk])}
    assign_tasks(**first, people=ids(pair))
    held = assignment_actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=NOW)
    assert held is not None
    assert held.task_id == tasks[1].pk
    assignment_actions.show(claim_id=held.pk, actor=annotator, now=NOW)
    assert unassign_tasks(**first) == Assigned(1)
    assert unassign_tasks(**first) == Assigned(0)
    assert claim(demonstration_protocol, annotator) == tasks[0].pk


def test_who_wrote_a_text_is_counted_and_not_handed_it(
    demonstration_protocol: Protocol, tasks: list[Task], annotator: User, researcher: User
) -> None:
    Task.objects.filter(pk=tasks[0].pk).update(authors=[annotator.pk])
    given = {"protocol": demonstration_protocol, "actor": researcher, "people": [annotator.pk]}
    assert assign_tasks(**given, chosen=Chosen()) == Assigned(6, own_texts=1)
    assert claim(demonstration_protocol, annotator) == tasks[1].pk


def test_who_is_no_worker_here_is_refused(
    demonstration_protocol: Protocol,
    tasks: list[Task],
    annotator: User,
    chat_user: User,
    outsider: User,
    researcher: User,
) -> None:
    given = {"protocol": demonstration_protocol, "actor": researcher, "chosen": Chosen()}
    for stranger in (outsider, chat_user):
        with pytest.raises(BadField, match=f"{stranger.pk} does no work"):
            assign_tasks(**given, people=[annotator.pk, stranger.pk])
    with pytest.raises(BadField, match="has nobody who works"):
        assign_tasks(**given, team="night")
    for nobody in ({}, {"people": [annotator.pk], "team": "night"}):
        with pytest.raises(BadField, match="must name somebody"):
            assign_tasks(**given, **nobody)
    with pytest.raises(BadField, match="each"):
        assign_tasks(**given, people=[annotator.pk], each="some")
    with pytest.raises(BadField, match="Make them a team"):
        assign_tasks(**given, people=range(201))
    assert whom() == [None] * 6


def test_what_could_never_be_finished_is_refused(
    demonstration_protocol: Protocol, tasks: list[Task], annotator: User, researcher: User
) -> None:
    Task.objects.filter(pk=tasks[5].pk).update(required_answers=2)
    given = {"protocol": demonstration_protocol, "actor": researcher, "people": [annotator.pk, annotator.pk]}
    with pytest.raises(BadField, match="at least 2 people"):
        assign_tasks(**given, chosen=Chosen())
    assert assign_tasks(**given, chosen=Chosen(ids=[task.pk for task in tasks[:5]])).tasks == 5
    assert whom()[0] == [annotator.pk]


def test_annotators_and_reviewers_assign_nothing(
    demonstration_protocol: Protocol, tasks: list[Task], annotator: User, reviewer: User
) -> None:
    for actor in (annotator, reviewer):
        given = {"protocol": demonstration_protocol, "actor": actor, "chosen": Chosen()}
        with pytest.raises(NotAllowed):
            assign_tasks(**given, people=[annotator.pk])
        with pytest.raises(NotAllowed):
            unassign_tasks(**given)


def test_many_tasks_cost_as_many_statements_as_one(
    demonstration_protocol: Protocol,
    tasks: list[Task],
    annotator: User,
    researcher: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    given = {"protocol": demonstration_protocol, "actor": researcher, "people": [annotator.pk]}
    for chosen in (Chosen(count=1), Chosen()):
        with django_assert_num_queries(7):
            assign_tasks(**given, chosen=chosen)


def test_new_tasks_are_for_whom_the_protocols_rules_say(
    demonstration_protocol: Protocol, annotator: User, owner: User
) -> None:
    rules = [{"languages": ["nb"], "people": [annotator.pk]}, {"tags": ["law"], "team": "jurists"}]
    Protocol.objects.filter(pk=demonstration_protocol.pk).update(assignment_rules=rules)
    demonstration_protocol.refresh_from_db()
    prompts = [make_prompt(demonstration_protocol.project, text) for text in ("Hvorfor?", "Why?", "How?", "Who?")]
    Prompt.objects.filter(pk=prompts[0].pk).update(language="nb", tags=["law"])
    Prompt.objects.filter(pk=prompts[1].pk).update(tags=["law"])
    for prompt in prompts:
        prompt.refresh_from_db()
    expected = [("", [annotator.pk]), ("jurists", None), ("", None)]
    for prompt in prompts[:3]:
        actions.open_task(protocol=demonstration_protocol, prompt=prompt, now=NOW)
    assert list(Task.objects.order_by("pk").values_list("team", "assigned_to")) == expected
    Task.objects.all().delete()
    bulk.open_tasks([bulk.NewTask(demonstration_protocol.pk, prompt.pk, 1) for prompt in prompts], now=NOW)
    assert list(Task.objects.order_by("pk").values_list("team", "assigned_to")) == [*expected, ("", None)]


def test_rules_leave_alone_what_everybody_is_measured_by(demonstration_protocol: Protocol) -> None:
    demonstration_protocol.assignment_rules = [{"team": "night"}]
    prompt = make_prompt(demonstration_protocol.project)
    task, _ = actions.open_task(protocol=demonstration_protocol, prompt=prompt, now=NOW, purpose="calibration")
    assert (task.team, task.assigned_to) == ("", None)
