from __future__ import annotations

from typing import Any

import pytest

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.tasks.actions import TaskNotOpenable, open_task
from annotation.tasks.briefs import open_briefs
from annotation.tasks.models import Task
from tests.factories import make_prompt
from tests.people import NOW

PLAIN = {"style": "plain", "text": "Something about housing.", "use_case": ""}
SHORTEN = {"style": "use_case", "text": "", "use_case": "summarization"}


@pytest.fixture
def prompts(project: Project, owner: User) -> Protocol:
    return project_actions.create_protocol(project=project, preset="prompt_write", actor=owner, now=NOW)


def opened(protocol: Protocol, actor: User, *briefs: dict[str, str], **more: Any) -> tuple[int, int]:
    counts = open_briefs(protocol=protocol, briefs=briefs, actor=actor, now=NOW, **more)
    return counts["opened"], counts["already_there"]


def test_each_brief_gets_as_many_tasks_as_are_wanted(prompts: Protocol, researcher: User) -> None:
    assert opened(prompts, researcher, PLAIN, SHORTEN, copies=3, language="nb", priority=2) == (6, 0)
    assert opened(prompts, researcher, PLAIN, copies=5, language="nb") == (2, 3)
    assert opened(prompts, researcher, PLAIN, copies=1, language="en") == (1, 0)
    task = Task.objects.order_by("pk")[0]
    assert (task.brief, task.prompt, task.language, task.priority) == (PLAIN, None, "nb", 2)
    assert (task.state, task.required_answers, task.authors, task.assigned_to) == ("open", 1, [], None)


def test_the_style_is_the_protocols_first_where_a_brief_names_none(prompts: Protocol, researcher: User) -> None:
    opened(prompts, researcher, {"text": "Anything."})
    assert Task.objects.get().brief == {"style": "plain", "text": "Anything.", "use_case": ""}


def test_rules_say_for_whom_a_brief_is(prompts: Protocol, owner: User, annotator: User) -> None:
    rules = [{"languages": ["nb"], "people": [annotator.pk]}, {"team": "Rest"}]
    changed = project_actions.change_protocol(protocol=prompts, actor=owner, now=NOW, assignment_rules=rules)
    opened(changed, owner, PLAIN, language="nb")
    opened(changed, owner, PLAIN, language="en")
    meant = Task.objects.order_by("pk").values_list("assigned_to", "team")
    assert list(meant) == [([annotator.pk], ""), (None, "Rest")]


@pytest.mark.parametrize(
    ("brief", "copies", "says"),
    [
        ({"style": "haiku"}, 1, "'haiku' is not one of this protocol's: plain, few_shot, use_case"),
        ({"text": "a\x07"}, 1, "U\\+0007"),
        ({"text": "x" * 5_001}, 1, "at most 5,000"),
        ({"use_case": "x" * 501}, 1, "at most 500"),
        (PLAIN, 0, "between 1 and 1,000"),
        (PLAIN, 1_001, "between 1 and 1,000"),
    ],
)
def test_an_impossible_brief_is_refused(
    prompts: Protocol, researcher: User, brief: dict[str, str], copies: int, says: str
) -> None:
    with pytest.raises(TaskNotOpenable, match=says):
        opened(prompts, researcher, brief, copies=copies)
    assert not Task.objects.exists()


def test_briefs_and_prompts_do_not_take_each_others_place(
    prompts: Protocol, demonstration_protocol: Protocol, researcher: User, annotator: User
) -> None:
    with pytest.raises(TaskNotOpenable, match="begins with a prompt"):
        opened(demonstration_protocol, researcher, PLAIN)
    with pytest.raises(TaskNotOpenable, match="begins with a brief"):
        open_task(protocol=prompts, prompt=make_prompt(prompts.project), now=NOW)
    with pytest.raises(NotAllowed):
        opened(prompts, annotator, PLAIN)
