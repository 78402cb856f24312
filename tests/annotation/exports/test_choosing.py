"""Every answer that a selection does not take is counted by its reason, before a freeze and in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotation.exports import actions, previewing
from annotation.exports.models import Release
from annotation.exports.selection import InvalidSelection
from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, Project, Protocol
from annotation.quality.comparing import compare_changed
from annotation.tasks.models import Answer, AnswerRevision, Prompt
from tests.annotation.exports.many import make_rankings
from tests.factories import answer_task, make_ranking_task
from tests.people import NOW

Freeze = Callable[..., Release]


@pytest.fixture
def judged_twice(ranking_protocol: Protocol, annotator: User, reviewer: User) -> dict[str, Answer]:
    """One task on which two people agree, one on which they do not, one that one person answered."""
    found = {}
    for name in ("alike", "unlike", "alone"):
        task = make_ranking_task(ranking_protocol, f"Which is {name}?", ("Oak.", "A car."), required_answers=2)
        first, second = task.task_completions.order_by("position").values_list("completion_id", flat=True)
        said = {"tiers": [[first], [second]], "all_bad": False, "rationale": ""}
        found[name] = answer_task(task, annotator, said)
        if name != "alone":
            other = said if name == "alike" else said | {"tiers": [[second], [first]]}
            found[f"{name} again"] = answer_task(task, reviewer, other)
    compare_changed(now=NOW)
    return found


def test_what_nobody_chose_is_counted(
    judged_twice: dict[str, Answer], project: Project, annotator: User, freeze: Freeze, ranking_protocol: Protocol
) -> None:
    guideline = GuidelineVersion.objects.create(
        protocol=ranking_protocol, number=1, markdown="x", created_by=annotator, created_at=NOW
    )
    alone = judged_twice["alone"]
    AnswerRevision.objects.filter(answer=alone).update(guideline_version=guideline)
    Prompt.objects.filter(pk=alone.task.prompt_id).update(tags=["law"], language="nb")
    Answer.objects.filter(pk=alone.pk).update(state="accepted")
    asked: dict[str, tuple[dict[str, Any], int, dict[str, int]]] = {
        "annotator": ({"annotators": [annotator.pk]}, 3, {"other_annotator": 2}),
        "guideline": ({"guideline_versions": [guideline.pk]}, 1, {"other_guideline_version": 4}),
        "tag": ({"tags": ["law", "art"]}, 1, {"other_tag": 4}),
        "language": ({"languages": ["nb"]}, 1, {"other_language": 4}),
        "review": ({"review_states": ["accepted"]}, 1, {"other_review_state": 4}),
        "day": ({"date_to": "2026-11-23"}, 5, {}),
        "agreement": ({"agreement_from": 0.9}, 2, {"agreement_too_low": 2, "agreement_unknown": 1}),
        "measured": ({"agreement_from": 0}, 4, {"agreement_unknown": 1}),
        "both": ({"annotators": [annotator.pk], "tags": ["law"]}, 1, {"other_tag": 4}),
    }
    for name, (selection, taken, left_out) in asked.items():
        wanted = actions.parse_selection(project=project, selection=selection)
        before = previewing.preview(project, wanted)
        release = freeze(name, selection)
        assert release.state == "done", release.error
        assert (sum(release.counts["rankings"].values()), release.left_out) == (taken, left_out), name
        assert (before.counts, before.left_out) == (release.counts, release.left_out), name


def test_a_guideline_of_another_project_is_refused(project: Project, owner: User, outsider: User) -> None:
    foreign = Protocol.objects.exclude(project=project).first()
    assert foreign
    guideline = GuidelineVersion.objects.create(
        protocol=foreign, number=1, markdown="x", created_by=owner, created_at=NOW
    )
    with pytest.raises(InvalidSelection, match="no guideline version of this project"):
        actions.parse_selection(project=project, selection={"guideline_versions": [guideline.pk]})


def test_the_manifest_says_how_far_people_agree(judged_twice: dict[str, Answer], freeze: Freeze) -> None:
    found = [kinds["ranking"] for kinds in freeze().manifest["agreement"].values()]
    assert sum(said["tasks"] for said in found) == 2
    assert sum(said["answers"] for said in found) == 4
    assert not any(said["is_measured"] for said in found)
    whole = sum(said["agreement"] * said["answers"] for said in found) / 4
    assert whole == pytest.approx(0.5)


def test_a_large_project_is_looked_at_in_part(
    ranking_protocol: Protocol, project: Project, owner: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rankings(ranking_protocol, owner, 2_000)
    monkeypatch.setattr(previewing, "MOST_TASKS", 500)
    monkeypatch.setattr(previewing, "MOST_PLOTTED", 100)
    found = previewing.preview(project, actions.parse_selection(project=project, selection={}))
    assert found.share == 0.25
    assert sum(found.counts["rankings"].values()) == pytest.approx(2_000, rel=0.2)
    assert found.counts["rankings"]["train"] == pytest.approx(1_600, rel=0.2)
    assert found.plots["of"] <= 100
    assert found.plots["k"] == {"4": found.plots["of"]}
    assert found.plots["ties"] == {"none": 0, "some": found.plots["of"], "all": 0}
    assert sum(one["count"] for one in found.plots["lengths"]) == 4 * found.plots["of"]
