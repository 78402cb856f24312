from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from annotation import durable
from annotation.exports import actions
from annotation.exports.actions import EmptySelection, InvalidReleaseName, ReleaseNameTaken
from annotation.exports.models import Release, ReleaseMember
from annotation.exports.selection import InvalidSelection
from annotation.followups.actions import follow_some
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.tasks.models import Answer, AnswerRevision, PromptGroup, Task
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW
from training.handover import verify_release
from training.parquet import read_demonstrations, read_judgements, read_rankings

Freeze = Callable[..., Release]


def directory(media: Path, release: Release) -> Path:
    return media / "releases" / release.digest_sha256


def records(media: Path, release: Release) -> list[Any]:
    place = directory(media, release)
    readers = (read_demonstrations, read_rankings, read_judgements)
    return [record for split in ("train", "validation", "test") for read in readers for record in read(place, split)]


def test_it_freezes(media: Path, answers: dict[str, Answer], freeze: Freeze) -> None:
    release = freeze()

    assert release.state == "done", release.error
    assert release.progress_done == release.progress_total == 5
    assert sum(release.counts["demonstrations"].values()) == 2
    assert sum(release.counts["rankings"].values()) == 3
    assert release.left_out == {}
    manifest = verify_release(directory(media, release))
    assert manifest.digest_sha256 == release.digest_sha256
    assert json.loads(json.dumps(manifest.to_json())) == release.manifest
    assert {record.record_id for record in records(media, release)} == {
        str(answer.revisions.get().pk) for answer in answers.values()
    }
    assert [path.name for path in (media / "releases").iterdir()] == [release.digest_sha256]


def test_records_say_what_was_judged(media: Path, answers: dict[str, Answer], freeze: Freeze) -> None:
    by_id = {record.record_id: record for record in records(media, freeze())}

    tied = by_id[str(answers["tied"].revisions.get().pk)]
    text_of = {completion.completion_id: completion.text for completion in tied.completions}
    assert [{text_of[pk] for pk in tier} for tier in tied.tiers] == [{"Wren.", "Robin."}, {"A fish."}]
    assert tied.shown_order == tuple(str(pk) for pk in answers["tied"].shown_order)
    assert tied.seconds == 12.5
    assert tied.created_at == "2026-11-23T12:00:00.000000Z"
    assert tied.annotator.startswith("p-")
    assert by_id[str(answers["all bad"].revisions.get().pk)].all_bad
    lease = by_id[str(answers["lease"].revisions.get().pk)]
    assert lease.completion == "A lease is a contract."
    assert [(turn.role, turn.content) for turn in lease.messages] == [("user", "What is a lease?")]


def test_answers_of_every_kind_go_in(media: Path, judged: dict[str, Answer], freeze: Freeze) -> None:
    release = freeze()
    assert (release.state, release.left_out) == ("done", {}), release.error
    counts = {kind: sum(splits.values()) for kind, splits in release.counts.items()}
    assert counts == {"demonstrations": 1, "rankings": 3, "judgements": 3}
    by_id = {record.record_id: record for record in records(media, release)}
    found = {name: by_id[str(answer.revisions.get().pk)] for name, answer in judged.items()}
    assert [turn.content for turn in found["demonstration"].messages] == ["Name an animal.", "Land or sea?", "Sea."]
    assert (found["detailed"].use_case, found["detailed"].prompt_flags["ambiguous"]) == ("chat", True)
    assert {output["overall_quality"] for output in found["detailed"].outputs.values()} == {4, 5, 6, 7}
    assert [completion.text for completion in found["comparison"].completions][-1] == "The Nile, in Africa."
    assert (len(found["comparison"].tiers), found["comparison"].strength, found["comparison"].strength_levels) == (
        3,
        2,
        3,
    )
    assert (found["score"].judgement, found["score"].payload["score"]) == ("score", 6)
    assert [completion.text for completion in found["score"].completions] == ["Wren."]
    assert (found["labels"].judgement, found["labels"].payload["labels"]) == ("labels", ["safe"])
    assert [turn.content for turn in found["prompt"].messages] == ["Name one.\n\nA tree"]
    assert (found["prompt"].judgement, found["prompt"].brief["text"]) == ("prompt", "On trees.")


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_written_prompt_stands_on_the_side_of_the_prompt_that_it_became(
    media: Path, judged: dict[str, Answer], project: Project, freeze: Freeze, split: str
) -> None:
    follow_some(now=NOW)
    group = PromptGroup.objects.get(prompts__messages__0__content="Name one.\n\nA tree")
    PromptGroup.objects.filter(pk=group.pk).update(split=split)
    (record,) = [row for row in read_judgements(directory(media, freeze()), split) if row.judgement == "prompt"]
    assert record.group == group.key


def test_its_answers_are_closed_to_their_authors(answers: dict[str, Answer], freeze: Freeze) -> None:
    Answer.objects.filter(pk=answers["lease"].pk).update(is_spare=True)
    freeze("first")
    frozen = dict(Answer.objects.values_list("pk", "frozen_at"))
    assert frozen.pop(answers["lease"].pk) is None
    assert None not in frozen.values()
    freeze("second", {"include_spares": True})
    again = dict(Answer.objects.values_list("pk", "frozen_at"))
    assert again.pop(answers["lease"].pk)
    assert again == frozen


def test_members_are_the_revisions_by_split(media: Path, answers: dict[str, Answer], freeze: Freeze) -> None:
    release = freeze()

    members = ReleaseMember.objects.filter(release=release).values_list("answer_revision_id", "split")
    assert dict(members) == {int(record.record_id): record.split for record in records(media, release)}


def test_the_same_rows_have_the_same_digest(media: Path, answers: dict[str, Answer], freeze: Freeze) -> None:
    first = freeze("first")
    # Every row is written anew, so the table holds them in another order.
    for answer in reversed(list(answers.values())):
        AnswerRevision.objects.filter(answer=answer).update(seconds=12.5)
    second = freeze("second", {"languages": [""]})

    assert second.digest_sha256 == first.digest_sha256
    assert second.manifest["files"] == first.manifest["files"]
    assert (second.manifest["name"], second.manifest["selection"]) == ("second", {"languages": [""]})
    assert ReleaseMember.objects.filter(release=second).count() == 5


def test_another_answer_is_another_digest(
    answers: dict[str, Answer], demonstration_protocol: Protocol, annotator: User, freeze: Freeze
) -> None:
    first = freeze("first")
    answer_task(make_demonstration_task(demonstration_protocol, "Why is the sky blue?"), annotator)

    assert freeze("second").digest_sha256 != first.digest_sha256


def test_only_the_newest_revision_goes_in(media: Path, answers: dict[str, Answer], freeze: Freeze) -> None:
    answer = answers["lease"]
    first = answer.revisions.get()
    newest = AnswerRevision.objects.create(
        answer=answer,
        number=2,
        payload={"completion": "A contract for the use of a thing."},
        protocol_version=first.protocol_version,
        created_at=NOW,
    )
    Answer.objects.filter(pk=answer.pk).update(revision=2)

    by_id = {record.record_id: record for record in records(media, freeze())}
    assert str(first.pk) not in by_id
    assert by_id[str(newest.pk)].completion == "A contract for the use of a thing."


def test_what_stays_out_is_counted_by_reason(
    answers: dict[str, Answer], freeze: Freeze, demonstration_protocol: Protocol
) -> None:
    Answer.objects.filter(pk=answers["lease again"].pk).update(is_spare=True)
    Task.objects.filter(pk=answers["strict"].task_id).update(state="cancelled")
    Task.objects.filter(pk=answers["tied"].task_id).update(purpose="gold")
    demonstration_protocol.state = "paused"
    demonstration_protocol.save(update_fields=["state"])

    release = freeze()
    assert release.left_out == {"gold_task": 1, "spare_answer": 1, "task_cancelled": 1}
    assert sum(release.counts["demonstrations"].values()) == 1
    assert sum(freeze("with spares", {"include_spares": True}).counts["demonstrations"].values()) == 2


def test_a_ranking_that_is_not_whole_is_left_out(answers: dict[str, Answer], freeze: Freeze) -> None:
    revision = answers["tied"].revisions.get()
    AnswerRevision.objects.filter(pk=revision.pk).update(
        payload=revision.payload | {"tiers": [[revision.shown_order[0]]]}
    )

    release = freeze()
    assert release.left_out == {"broken_ranking": 1}
    assert not ReleaseMember.objects.filter(answer_revision=revision).exists()


def test_an_empty_selection_is_refused_at_request(project: Project, owner: User) -> None:
    with pytest.raises(EmptySelection, match="widen its protocols, days or languages"):
        actions.request_release(project=project, name="empty", selection={}, actor=owner, now=NOW)
    assert not Release.objects.exists()


def test_an_emptied_selection_fails_at_freeze(
    media: Path, answers: dict[str, Answer], project: Project, owner: User
) -> None:
    release = actions.request_release(project=project, name="late", selection={}, actor=owner, now=NOW)
    Task.objects.update(state="cancelled")
    actions.freeze(release_id=release.pk)

    release.refresh_from_db()
    assert (release.state, release.digest_sha256) == ("failed", "")
    assert "nothing to freeze" in release.error
    assert list((media / "releases").iterdir()) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\x00b"])
def test_a_bad_name_is_refused(answers: dict[str, Answer], project: Project, owner: User, name: str) -> None:
    with pytest.raises(InvalidReleaseName):
        actions.request_release(project=project, name=name, selection={}, actor=owner, now=NOW)


def test_a_name_is_given_once(answers: dict[str, Answer], freeze: Freeze) -> None:
    freeze("first")
    with pytest.raises(ReleaseNameTaken, match="“first”"):
        freeze(" first ")


def test_a_protocol_of_another_project_is_refused(
    answers: dict[str, Answer], project: Project, owner: User, outsider: User
) -> None:
    foreign = Protocol.objects.exclude(project=project).first()
    assert foreign is not None
    with pytest.raises(InvalidSelection, match="no protocol of this project"):
        actions.request_release(
            project=project, name="foreign", selection={"protocols": [foreign.pk]}, actor=owner, now=NOW
        )


def test_an_annotator_requests_nothing(answers: dict[str, Answer], project: Project, annotator: User) -> None:
    with pytest.raises(NotAllowed):
        actions.request_release(project=project, name="mine", selection={}, actor=annotator, now=NOW)


@pytest.mark.parametrize("verb", [actions.cancel, actions.retry])
def test_an_annotator_ends_and_begins_nothing(
    answers: dict[str, Answer], annotator: User, freeze: Freeze, verb: Callable[..., None]
) -> None:
    release = freeze()
    with pytest.raises(NotAllowed):
        verb(release=release, actor=annotator, now=NOW)


def test_a_cancelled_release_is_not_frozen_until_tried_again(
    media: Path, answers: dict[str, Answer], project: Project, owner: User
) -> None:
    release = actions.request_release(project=project, name="first", selection={}, actor=owner, now=NOW)
    actions.cancel(release=release, actor=owner, now=NOW)
    actions.freeze(release_id=release.pk)
    assert not (media / "releases").exists()

    actions.retry(release=release, actor=owner, now=NOW)
    actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "done"


def test_cancelling_in_mid_freeze_leaves_nothing(
    media: Path, answers: dict[str, Answer], project: Project, owner: User
) -> None:
    release = actions.request_release(project=project, name="first", selection={}, actor=owner, now=NOW)
    asked = iter(range(100))

    def clock() -> Any:
        # The third look at the clock is in the middle of the work.
        if next(asked) == 2:
            actions.cancel(release=Release.objects.get(pk=release.pk), actor=owner, now=NOW)
        return NOW

    actions.freeze(release_id=release.pk, clock=clock)
    release.refresh_from_db()
    assert (release.state, release.digest_sha256) == ("cancelled", "")
    assert list((media / "releases").iterdir()) == []
    assert not ReleaseMember.objects.exists()


def test_a_done_release_is_never_frozen_again(answers: dict[str, Answer], freeze: Freeze, owner: User) -> None:
    release = freeze()
    actions.freeze(release_id=release.pk)
    assert Release.objects.get(pk=release.pk).attempt == 1
    with pytest.raises(durable.JobNotRetryable):
        actions.retry(release=release, actor=owner, now=NOW)


def test_what_a_lost_attempt_left_behind_is_cleared(media: Path, answers: dict[str, Answer], freeze: Freeze) -> None:
    left = media / "releases" / ".partial-77-3" / "release"
    left.mkdir(parents=True)
    (left / "half.parquet").write_text("PAR1")

    release = freeze()
    assert [path.name for path in (media / "releases").iterdir()] == [release.digest_sha256]


def test_a_directory_that_somebody_changed_is_written_again(
    media: Path, answers: dict[str, Answer], freeze: Freeze
) -> None:
    place = directory(media, freeze("first"))
    changed = next(place.rglob("*.parquet"))
    changed.write_bytes(b"PAR1")

    second = freeze("second")
    assert verify_release(place).name == "second"
    assert second.manifest["name"] == "second"
    assert [path.name for path in place.parent.iterdir()] == [second.digest_sha256]


def test_every_character_arrives_as_it_was_written(
    media: Path, demonstration_protocol: Protocol, annotator: User, freeze: Freeze
) -> None:
    text = 'one\u2028two\u2029three\x85four\nfive\u200b \U0001f426 \\ "'
    answer_task(make_demonstration_task(demonstration_protocol), annotator, {"completion": text})

    (record,) = records(media, freeze())
    assert record.completion == text


def test_a_selection_of_days_protocols_and_languages(
    media: Path, answers: dict[str, Answer], ranking_protocol: Protocol, annotator: User, freeze: Freeze
) -> None:
    later = make_demonstration_task(ranking_protocol.project.protocols.get(kind="demonstration"), "Define rent.")
    late = answer_task(later, annotator, now=NOW + timedelta(days=2))
    Task.objects.get(pk=later.pk).prompt.__class__.objects.filter(pk=later.prompt_id).update(language="nb")

    def ids(name: str, selection: dict[str, Any]) -> set[str]:
        return {record.record_id for record in records(media, freeze(name, selection))}

    assert ids("late", {"date_from": "2026-11-25"}) == {str(late.revisions.get().pk)}
    assert len(ids("early", {"date_to": "2026-11-23"})) == 5
    assert ids("norwegian", {"languages": ["nb"]}) == {str(late.revisions.get().pk)}
    assert len(ids("rankings", {"protocols": [ranking_protocol.pk]})) == 3
