"""Near-duplicates are looked for after an import: shown, not dropped, and the search goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation import durable
from annotation.intake import duplicates, jobs
from annotation.intake.models import DuplicateSearch, ImportFile
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.tasks import clusters, sketches
from annotation.tasks.models import Prompt, PromptSketch
from tests.annotation.intake.readers.reading import lines_of

pytestmark = pytest.mark.django_db

Importer = Callable[..., ImportFile]
NEAR = ["How do I cook rice on a gas stove?", "how do I cook rice on a gas stove", "How do I cook rice on a gas stove!"]
FAR = ["Why is the sky blue at noon?", "Which tree grows by the river?"]


def prompts(*texts: str) -> bytes:
    return lines_of(*({"kind": "prompt", "text": text} for text in texts))


def search(project: Project) -> DuplicateSearch:
    row = duplicates.queue_search(project=project, now=timezone.now())
    duplicates.run_search(search_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    return row


def clusters_by_text() -> dict[str, int | None]:
    return {prompt.messages[0]["content"]: prompt.cluster_id for prompt in Prompt.objects.all()}


def test_an_import_is_followed_by_a_search_that_drops_nothing(bring_in: Importer, project: Project) -> None:
    bring_in(prompts(*NEAR, *FAR))
    (waiting,) = DuplicateSearch.objects.all()
    duplicates.run_search(search_id=waiting.pk, clock=timezone.now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.counts) == ("done", {"sketched": 5, "clusters": 1, "prompts": 3})
    first = Prompt.objects.order_by("pk")[0].pk
    assert clusters_by_text() == {text: first if text in NEAR else None for text in NEAR + FAR}


def test_an_import_that_brings_no_prompt_is_followed_by_none(bring_in: Importer) -> None:
    bring_in(prompts(*FAR))
    bring_in(prompts(*FAR))
    assert DuplicateSearch.objects.count() == 1


def test_what_is_new_is_sketched_alone_and_joins_what_was_there(bring_in: Importer, project: Project) -> None:
    bring_in(prompts(NEAR[0], *FAR))
    assert search(project).counts == {"sketched": 3, "clusters": 0, "prompts": 0}
    bring_in(prompts(NEAR[1]))
    assert search(project).counts == {"sketched": 1, "clusters": 1, "prompts": 2}
    Prompt.objects.filter(messages__0__content=NEAR[1]).update(messages=[{"role": "user", "content": "Who?"}])
    PromptSketch.objects.all().delete()
    assert search(project).counts["clusters"] == 0
    assert set(clusters_by_text().values()) == {None}


def test_digests_of_another_recipe_are_made_anew(
    bring_in: Importer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(prompts(*NEAR))
    search(project)
    newer = sketches.recipe() + 1
    monkeypatch.setattr(clusters, "recipe", lambda: newer)
    assert search(project).counts == {"sketched": 3, "clusters": 1, "prompts": 3}
    assert set(PromptSketch.objects.values_list("recipe", flat=True)) == {newer}


def test_other_projects_are_none_of_its_business(bring_in: Importer, project: Project, owner: User) -> None:
    bring_in(prompts(*NEAR))
    elsewhere = Project.objects.create(name="Other", created_by=owner, created_at=timezone.now())
    assert search(elsewhere).counts == {"sketched": 0, "clusters": 0, "prompts": 0}
    assert set(clusters_by_text().values()) == {None}


def test_a_killed_search_goes_on_where_it_was(
    bring_in: Importer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(prompts(*NEAR, *FAR))
    monkeypatch.setattr(clusters, "BATCH", 2)
    row = DuplicateSearch.objects.get()

    class Killed(BaseException):
        pass

    def die(done: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        clusters.sketch(project, on_progress=die)
    durable.start(DuplicateSearch, row.pk, now=timezone.now() - timedelta(minutes=5))
    assert durable.due(DuplicateSearch, now=timezone.now()) == [row.pk]
    duplicates.run_search(search_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    assert (row.state, row.attempt, row.counts) == ("done", 2, {"sketched": 3, "clusters": 1, "prompts": 3})


def test_a_cancelled_search_writes_no_cluster(bring_in: Importer, project: Project) -> None:
    bring_in(prompts(*NEAR))
    row = DuplicateSearch.objects.get()
    job = durable.start(DuplicateSearch, row.pk, now=timezone.now())
    assert job is not None
    durable.cancel(row, now=timezone.now())
    duplicates.run_search(search_id=row.pk, clock=timezone.now)
    assert set(clusters_by_text().values()) == {None}


def test_a_waiting_search_answers_whoever_asks(project: Project, owner: User) -> None:
    now = timezone.now()
    rows = {duplicates.request_search(project=project, actor=owner, now=now).pk for _ in range(3)}
    assert len(rows) == 1


def test_the_job_of_an_import_sends_the_search_on(
    receive: Importer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(jobs.find_duplicates, "delay", lambda **given: sent.append(given))
    jobs.run_import(import_file_id=receive(prompts(*FAR)).pk)
    assert sent == [{"search_id": DuplicateSearch.objects.get().pk}]


def test_clusters_are_read_side_by_side_and_cost_the_same_however_many(
    bring_in: Importer,
    project: Project,
    owner: User,
    client_of: Callable[[User | None], APIClient],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    other = ["Name a bird that cannot fly at all.", "name a bird that cannot fly at all"]
    bring_in(prompts(*NEAR, *FAR, *other))
    client = client_of(owner)
    at = f"/api/projects/{project.pk}/duplicates/"
    assert client.get(at).json()["search"]["state"] == "queued"
    search(project)
    assert client.get(at).json()["search"]["counts"] == {"sketched": 7, "clusters": 2, "prompts": 5}
    with django_assert_num_queries(6):
        near, birds = client.get(f"{at}clusters/").json()["results"]
    assert (near["prompts_count"], birds["prompts_count"]) == (3, 2)
    assert [prompt["messages"][0]["content"] for prompt in birds["prompts"]] == other
    splits = {prompt["split"] for prompt in near["prompts"]}
    assert near["splits_count"] == len(splits)
