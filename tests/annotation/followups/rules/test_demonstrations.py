from __future__ import annotations

from annotation.followups.rules.demonstrations import open_next
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Prompt, PromptGroup
from tests.annotation.followups.conftest import Demonstrate
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW


def test_the_text_becomes_a_completion_that_a_task_shows(
    demonstrate: Demonstrate, scoring: Protocol, annotator: User
) -> None:
    answer = demonstrate()
    task, is_new = open_next(answer, scoring, NOW)
    completion = task.completions.get()
    assert (is_new, task.prompt, task.authors) == (True, answer.task.prompt, [annotator.pk])
    assert (completion.text, completion.source_kind, completion.author) == ("A contract.", "person", annotator)
    assert open_next(answer, scoring, NOW) == (task, False)


def test_turns_before_the_answer_are_part_of_the_prompt_that_is_judged(
    writing: Protocol, scoring: Protocol, annotator: User
) -> None:
    asked = make_demonstration_task(writing)
    PromptGroup.objects.update(key="tree-1", split="test")
    Prompt.objects.update(language="en", tags=["law"])
    turns = [{"role": "assistant", "content": "For how long?"}, {"role": "user", "content": "A year."}]
    answer = answer_task(asked, annotator, {"completion": "Then a lease.", "turns": turns})
    task, _ = open_next(answer, scoring, NOW)
    assert task.prompt
    assert task.prompt.messages == [{"role": "user", "content": "What is a lease?"}, *turns]
    assert (task.prompt.group, task.prompt.language, task.prompt.tags) == (asked.prompt.group, "en", ["law"])
    assert (task.completions.get().text, task.authors) == ("Then a lease.", [annotator.pk])


def test_a_protocol_that_labels_prompts_shows_no_completion(
    project: Project, demonstrate: Demonstrate, owner: User
) -> None:
    labelling = project_actions.create_protocol(project=project, preset="label", actor=owner, now=NOW)
    task, _ = open_next(demonstrate(), labelling, NOW)
    assert not task.completions.exists()
