"""What stands in the shell's reach: take words back, follow a lineage, verify a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from annotation.exports import actions as export_actions
from annotation.exports.jobs import freeze_release
from annotation.exports.models import Release
from annotation.people.models import User, Withdrawal
from annotation.projects.models import Project, Protocol
from annotation.registry import lineage, trees, withdrawals
from annotation.registry.model_files import listing
from annotation.registry.models import ModelVersion, TrainingRun
from annotation.tasks.models import Answer, Prompt
from tests.factories import answer_task, make_ranking_task
from tests.people import NOW
from tests.runs import finish_run, order_run
from training.handover import model_sha256
from training.records import CARD

pytestmark = pytest.mark.usefixtures("own_folders")


@pytest.fixture
def answers(ranking_protocol: Protocol, annotator: User, reviewer: User) -> list[Answer]:
    tasks = [make_ranking_task(ranking_protocol, f"Name tree {i}.", required_answers=2) for i in range(3)]
    return [answer_task(task, person) for task in tasks for person in (annotator, reviewer)]


@pytest.fixture
def frozen(answers: list[Answer], project: Project, owner: User) -> Release:
    row = export_actions.request_release(project=project, name="Spring", selection={}, actor=owner, now=NOW)
    freeze_release(release_id=row.pk)
    Release.objects.update(counts={"rankings": {"train": 5, "validation": 0, "test": 0}})
    row.refresh_from_db()
    return row


@pytest.fixture
def model(frozen: Release, project: Project, owner: User) -> ModelVersion:
    return finish_run(order_run(project, owner, frozen, "reward"))


def said(*words: object) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out)
    return out.getvalue()


def told(*words: object) -> Any:
    return json.loads(said(*words, "--json"))


class TestWithdraw:
    def test_it_says_what_it_would_touch_and_changes_nothing(
        self, model: ModelVersion, project: Project, annotator: User, owner: User
    ) -> None:
        waiting = order_run(project, owner, model.release, "reward")
        lines = said("withdraw", project.name, "--person", annotator.email).splitlines()
        assert lines == [
            "This would withdraw: 3 answers, 0 prompts, 0 completions.",
            f"Release {model.release_id}, Spring: stale, for 3 of its answers.",
            f"Model {model.pk}, reward-1: stale.",
            f"Run {waiting.pk}: stopped.",
            "Nothing has been changed. Repeat this with --yes to do it; it cannot be undone.",
        ]
        assert not Withdrawal.objects.exists()
        assert not Answer.objects.exclude(withdrawal=None).exists()
        assert TrainingRun.objects.get(pk=waiting.pk).state == "queued"
        assert Release.objects.get().stale_at is None

    def test_it_does_what_it_said(self, model: ModelVersion, project: Project, annotator: User, owner: User) -> None:
        before = told("withdraw", project.pk, "--person", annotator.pk)
        after = told("withdraw", project.pk, "--person", annotator.email, "--reason", "By letter.", "--yes")
        row = Withdrawal.objects.get()
        assert after == before | {"withdrawal": row.pk, "is_done": True}
        assert (row.person, row.actor, row.reason, row.answers) == (annotator, owner, "By letter.", 3)
        assert ModelVersion.objects.get().stale_at == row.created_at
        again = said("withdraw", project.pk, "--person", annotator.pk, "--yes")
        assert again.startswith(f"Withdrawn already, on {row.created_at:%Y-%m-%d}: 3 answers")
        assert Withdrawal.objects.count() == 1

    def test_a_prompt_goes_with_all_on_it(self, frozen: Release, project: Project) -> None:
        prompt = Prompt.objects.order_by("pk").first()
        assert prompt is not None
        found = told("withdraw", project.pk, "--prompt", prompt.pk, "--yes")
        assert (found["answers"], found["prompts"], found["completions"]) == (2, 1, 3)
        assert found["releases"] == [{"id": frozen.pk, "name": "Spring", "answers": 2}]

    def test_what_is_in_no_release_is_said_to_be(self, answers: list[Answer], project: Project, reviewer: User) -> None:
        assert "No release holds any of it." in said("withdraw", project.pk, "--person", reviewer.pk)

    @pytest.mark.parametrize(
        ("words", "complaint"),
        [
            (("nowhere", "--person", "1"), "There is no project “nowhere”"),
            (("{project}", "--person", "nobody@example.com"), "There is nobody by"),
            (("{project}", "--person", "outsider@example.com"), "There is nothing of"),
            (("{project}", "--prompt", "7777"), "There is no prompt 7777"),
            (("{project}", "--person", "annotator@example.com", "--as", "reviewer@example.com"), "does not allow"),
            (("{project}", "--person", "annotator@example.com", "--as", "nobody@example.com"), "Nobody has the e-mail"),
            (("{project}", "--person", "annotator@example.com", "--reason", "x" * 3000), "at most 2,000"),
            (("{project}",), "required"),
        ],
    )
    def test_what_cannot_be_is_refused_in_a_sentence(
        self, answers: list[Answer], project: Project, owner: User, outsider: User, words: tuple[str, ...],
        complaint: str,
    ) -> None:  # fmt: skip
        with pytest.raises(CommandError, match=complaint):
            said("withdraw", *(word.format(project=project.pk) for word in words))
        assert not Withdrawal.objects.exists()


class TestLineage:
    def test_a_model_is_a_tree_back_to_its_people(self, model: ModelVersion, ranking_protocol: Protocol) -> None:
        assert said("lineage", "model", model.pk).splitlines() == [
            "model reward-1",
            "",
            "Made of:",
            f"└─ run reward {model.run_id}",
            "   └─ release Spring",
            "      └─ 6 answers",
            "         ├─ 2 people",
            f"         └─ protocol {ranking_protocol} · 1 (6 answers)",
        ]

    def test_an_answer_is_a_tree_on_to_its_models(
        self, model: ModelVersion, answers: list[Answer], ranking_protocol: Protocol, annotator: User
    ) -> None:
        lines = said("lineage", "answer", answers[0].pk).splitlines()
        assert lines[0] == f"answer {answers[0].pk}, {ranking_protocol}"
        assert lines[2:5] == ["Made of:", f"├─ person {annotator}", f"└─ protocol {ranking_protocol} · 1"]
        assert lines[6:] == [
            "Made from it:",
            "└─ release Spring",
            f"   └─ run reward {model.run_id}",
            "      └─ model reward-1",
        ]

    def test_it_says_why_something_is_stale(self, model: ModelVersion, project: Project, annotator: User) -> None:
        row = withdrawals.withdraw_work(project=project, person=annotator, actor=annotator, now=NOW)
        lines = said("lineage", "release", model.release_id).splitlines()
        day = f"{row.created_at:%Y-%m-%d}"
        assert lines[0] == f"release Spring, stale: 3 answers withdrawn by who gave them, last on {day}"
        assert f"   └─ model reward-1, stale: answers withdrawn by who gave them, last on {day}" in lines
        graph = told("lineage", "release", model.release_id)
        reasons = {node["id"]: node["reasons"] for node in graph["nodes"] if node["is_stale"]}
        assert graph["subject"] == f"release:{model.release_id}"
        assert reasons == {
            f"release:{model.release_id}": [
                {"kind": "work", "withdrawals": 1, "answers": 3, "last_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}
            ],
            f"model:{model.pk}": [
                {"kind": "work", "withdrawals": 1, "answers": None, "last_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}
            ],
        }

    def test_reasons_cost_the_same_however_many_withdrew(
        self, model: ModelVersion, project: Project, annotator: User, reviewer: User, owner: User
    ) -> None:
        counts = []
        for person in (annotator, reviewer):
            withdrawals.withdraw_work(project=project, person=person, actor=person, now=NOW)
            model.refresh_from_db()
            graph = lineage.of_release(Release.objects.select_related("project").get(), owner)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                reasons = lineage.reasons_in(graph)
            counts.append(len(asked))
        assert counts == [2, 2]
        assert [reason.withdrawals for reason in reasons[f"release:{model.release_id}"]] == [2]

    def test_a_prompt_and_one_more(self, model: ModelVersion, answers: list[Answer]) -> None:
        prompt = answers[0].task.prompt_id
        assert said("lineage", "prompt", prompt).splitlines()[2:5] == [
            "Made from it:",
            "└─ 2 answers",
            "   └─ release Spring",
        ]

    @pytest.mark.parametrize("kind", ["model", "release", "answer", "prompt"])
    def test_what_is_not_there_is_said_to_be_none(self, owner: User, kind: str) -> None:
        with pytest.raises(CommandError, match=f"There is no {kind} 7777"):
            said("lineage", kind, 7777)


@pytest.fixture
def stored(frozen: Release, project: Project, owner: User, tmp_path: Path) -> ModelVersion:
    """A model whose files and card are as a run leaves them."""
    model = finish_run(order_run(project, owner, frozen, "reward"))
    folder = Path(default_storage.path(model.stored_prefix))
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "README.md").write_text("# A model")
    digest = model_sha256(folder)
    card = model.card | {"model_sha256": digest, "release_digest_sha256": frozen.digest_sha256}
    (folder / CARD).write_text(json.dumps(card))
    ModelVersion.objects.filter(pk=model.pk).update(card=card, sha256=digest, files=listing(folder))
    model.refresh_from_db()
    return model


def status_of(*words: object) -> tuple[int, str]:
    with pytest.raises(CommandError) as refused:
        said("verify_model", *words)
    return refused.value.returncode, str(refused.value)


class TestVerifyModel:
    def test_a_whole_one(self, stored: ModelVersion) -> None:
        assert told("verify_model", stored.pk) == {
            "is_whole": True,
            "model_sha256": stored.sha256,
            "found_sha256": stored.sha256,
            "files": 3,
            "differing": [],
        }
        assert said("verify_model", stored.pk).strip() == f"3 files as the run left them: {stored.sha256}"

    def test_other_bytes_a_missing_and_a_new_file_are_named(self, stored: ModelVersion) -> None:
        folder = Path(default_storage.path(stored.stored_prefix))
        (folder / "model.safetensors").write_bytes(b"WEIGHTS")
        (folder / "README.md").unlink()
        (folder / "extra.bin").write_bytes(b"x")
        status, complaint = status_of(stored.pk)
        assert status == 1
        assert complaint.splitlines()[1:] == [
            "README.md: missing",
            "model.safetensors: other bytes than the row's sha256",
            "extra.bin: was not there when the run ended",
        ]

    def test_a_note_that_changed_is_told_from_weights_that_did(self, stored: ModelVersion) -> None:
        (Path(default_storage.path(stored.stored_prefix)) / "README.md").write_text("# Another")
        assert status_of(stored.pk) == (
            1,
            "The weights are as the run left them, the rest is not.\nREADME.md: other bytes than the row's sha256",
        )

    def test_card_run_and_release_are_held_against_the_row(self, stored: ModelVersion) -> None:
        TrainingRun.objects.filter(pk=stored.run_id).update(stage="sft", state="failed")
        Release.objects.update(digest_sha256="e" * 64)
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("verify_model", str(stored.pk), "--json", stdout=out)
        assert json.loads(out.getvalue())["differing"] == [
            {"what": CARD, "reason": "names another release than Spring"},
            {"what": f"run {stored.run_id}", "reason": "is failed"},
            {"what": f"run {stored.run_id}", "reason": "is of stage sft, the model of reward"},
        ]

    def test_a_card_that_is_none(self, stored: ModelVersion) -> None:
        card = Path(default_storage.path(stored.stored_prefix)) / CARD
        card.write_text("{")
        assert f"{CARD}: is not JSON" in status_of(stored.pk)[1]
        card.unlink()
        assert status_of(stored.pk)[1].count(CARD) == 1

    def test_a_card_that_says_other_things_than_the_row(self, stored: ModelVersion) -> None:
        ModelVersion.objects.update(card=stored.card | {"seed": 7})
        assert f"{CARD}: differs from the row's card in seed" in status_of(stored.pk)[1]

    def test_from_an_object_store(self, stored: ModelVersion, settings: Settings) -> None:
        folder = Path(default_storage.path(stored.stored_prefix))
        backend = "tests.annotation.exports.test_storage.ObjectStore"
        settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend}}
        trees.store(default_storage, folder, stored.stored_prefix)
        assert told("verify_model", stored.pk)["is_whole"]

    def test_a_directory_by_its_own_card(self, stored: ModelVersion, tmp_path: Path) -> None:
        folder = default_storage.path(stored.stored_prefix)
        assert told("verify_model", folder)["is_whole"]
        (Path(folder) / "model.safetensors").write_bytes(b"WEIGHTS")
        assert status_of(folder)[0] == 1
        assert status_of(tmp_path)[0] == 2

    def test_nothing_to_verify_has_a_status_of_its_own(
        self, stored: ModelVersion, make_model: Callable[..., ModelVersion]
    ) -> None:
        assert status_of(7777) == (2, "There is no model version 7777.")
        ModelVersion.objects.filter(pk=stored.pk).update(stored_prefix="models/gone")
        assert status_of(stored.pk) == (2, f"The files of {stored} are gone from storage.")

    def test_a_model_older_than_its_list_of_files(self, stored: ModelVersion) -> None:
        ModelVersion.objects.update(files=[])
        assert told("verify_model", stored.pk)["is_whole"]
        default_storage.save(f"{stored.stored_prefix}/extra.bin", ContentFile(b"x"))
        assert status_of(stored.pk)[0] == 1
