from __future__ import annotations

import sys
import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks import bulk
from annotation.tasks.by_column import Columns, Ids, copy_of
from annotation.tasks.copying import copying_behind, run
from annotation.tasks.models import Answer, Completion, Prompt, PromptGroup, Task
from annotation.tasks.splits import messages_sha256
from tests.factories import make_prompt, user_says

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


def groups(project: Project, *keys: str) -> Any:
    return copy_of(PromptGroup, same={"project": project.pk, "split": "train"}, columns={"key": keys})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXT, min_size=1, max_size=5), tags=st.lists(TEXT, max_size=4))
def test_what_is_copied_reads_back_as_it_was(
    texts: list[str], tags: list[str], project: Project, now: datetime
) -> None:
    group = PromptGroup.objects.create(project=project, key="g", split="train")
    messages = [{"role": "user", "content": text} for text in texts]
    several = range(len(texts))
    columns: Columns = {
        "messages": [messages for _ in several],
        "tags": [tags for _ in several],
        "messages_sha256": [str(number) for number in several],
        "source_label": texts,
    }
    with transaction.atomic():
        run(copy_of(Prompt, same={"project": project.pk, "group": group.pk, "created_at": now}, columns=columns))
        for text, there in zip(texts, Prompt.objects.order_by("pk"), strict=True):
            assert (there.messages, there.tags, there.source_label) == (messages, tags, text)
            assert (there.author_id, there.language, there.created_at) == (None, "", now)
        Prompt.objects.all().delete()
        group.delete()


def test_a_copy_runs_in_another_thread_and_every_statement_waits_for_it(project: Project) -> None:
    interval = sys.getswitchinterval()
    with copying_behind() as copier:
        for number in range(20):
            copier.start(groups(project, *(f"{number}-{place}" for place in range(200))))
            assert PromptGroup.objects.count() == 200 * (number + 1)
    assert sys.getswitchinterval() == interval
    assert not any(thread.name.startswith("copy") for thread in threading.enumerate())


@pytest.mark.parametrize(
    ("keys", "error"), [(("twice", "twice"), IntegrityError), (("x" * 201,), DataError), (("a\n", "\0"), DataError)]
)
def test_what_goes_wrong_is_raised_by_whoever_waits_next(
    project: Project, keys: tuple[str, ...], error: type[Exception]
) -> None:
    def fail() -> None:
        with transaction.atomic(), copying_behind() as copier:
            copier.start(groups(project, *keys))
            PromptGroup.objects.count()

    with pytest.raises(error):
        fail()
    assert not PromptGroup.objects.exists()


def test_ids_rise_and_are_nobody_elses(project: Project, now: datetime) -> None:
    ids = Ids(Prompt)
    taken = ids.take(3)
    ids.top_up()
    other = make_prompt(project, "Why?").pk
    taken += ids.take(2) + ids.take(40)
    assert taken == sorted(set(taken))
    assert len(taken) == 45
    assert other not in taken


def test_batches_one_behind_the_other_come_to_the_same_as_at_once(
    project: Project, ranking_protocol: Protocol, annotator: User, now: datetime
) -> None:
    """Batches repeat rows of the batch before, of an earlier one, and of what was there before all of them."""
    make_prompt(project, "Question 1?")
    version = ranking_protocol.versions.get().pk
    batches = [[0, 1, 2, 2], [2, 3, 0], [3, 4, 1], [0, 5, 4]]
    outcomes = []
    with transaction.atomic(), copying_behind() as copier:
        writer = bulk.Writer(now, copier)
        for numbers in batches:
            given_prompts = [bulk.NewPrompt(user_says(f"Question {n}?"), f"group {n % 3}") for n in numbers]
            digests = [messages_sha256(prompt.messages) for prompt in given_prompts]
            writer.look_ahead(project, [prompt.group_key for prompt in given_prompts], digests)
            prompts = writer.add_prompts(project, given_prompts)
            texts = [bulk.NewCompletion(p.id, text, "import") for p in prompts for text in ("A", "B")]
            made = writer.add_completions(texts)
            pairs = zip(prompts, made[::2], made[1::2], strict=True)
            wanted = [bulk.NewTask(ranking_protocol.pk, p.id, 1, [a.id, b.id]) for p, a, b in pairs]
            tasks = writer.open_tasks(wanted)
            answers = [bulk.NewAnswer(t.id, annotator.pk, {"tiers": []}, version, now) for t in tasks]
            outcomes.append((prompts, made, tasks, writer.add_answers(answers)))
            writer.flush()
        writer.finish()
    new = [[prompt.is_new for prompt in prompts] for prompts, *_ in outcomes]
    assert new == [[True, False, True, False], [False, True, False], [False, True, False], [False, True, False]]
    first = [[outcome == "new" for outcome in given] for *_, given in outcomes]
    assert first == [[True, True, True, False], [False, True, False], [False, True, False], [False, True, False]]
    counts = [model.objects.count() for model in (Prompt, Completion, Task, Answer)]
    assert counts == [6, 12, 6, 6]
    assert set(Task.objects.values_list("state", "answers_count")) == {("closed", 1)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(open), sum(done), sum(missing) FROM tasks_tally")
        assert cursor.fetchone() == (0, 6, 0)
