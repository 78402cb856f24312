"""A site in use in which every text that is somebody's own bears a mark, so that a reply shows whose it holds.

A plugin, as people.py is.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.chat import choosing
from annotation.chat.appealing import appeal
from annotation.exports import actions as export_actions
from annotation.exports import building
from annotation.exports.tagging import tag_release
from annotation.intake import actions as intake_actions
from annotation.people import actions as people_actions
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol
from annotation.registry import serving
from annotation.registry.completions import request_completions
from annotation.registry.continuations import request_continuation
from annotation.registry.models import LearningCurve, ModelComparison, Worklist
from annotation.registry.previews import request_preview
from annotation.registry.withdrawals import withdraw_prompt
from annotation.road.models import Walk
from annotation.tasks.models import Answer, Completion
from tests.chatting import offer_two, refuse, serve, talk
from tests.comparing import refine
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.runs import finish_run, order_run

# What is Anna's own, by where it is written. The seconds are a number that nothing else comes to.
ANNAS = {
    name: f"mark-anna-{name}"
    for name in ("name", "email", "demonstration", "rationale", "draft", "skip", "review", "token", "chat", "choice")
} | {"seconds": "7321.5"}
# What is the other project's.
ELSEWHERE = {
    name: f"mark-elsewhere-{name}"
    for name in (
        "project",
        "prompt",
        "demonstration",
        "rationale",
        "member",
        "guideline",
        "import",
        "invitation",
        "withdrawal",
        "appeal",
    )
}
# What nobody who does the work may learn of a completion.
SOURCE = "mark-source-of-a-completion"

ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def site_in_use(
    project: Project,
    owner: User,
    join: Callable[..., User],
    everybody: dict[str, User | None],
    client_of: ClientOf,
    own_folders: None,
) -> dict[str, User | None]:
    """Everybody and Anna, in a project and another one that hold a row of each kind."""
    anna, berta = join("annotator", "anna"), everybody["annotator"]
    assert berta is not None
    anna_works(project, anna, client_of)
    berta_works(project, berta, client_of)
    fill(project, owner, "here")
    model = finish_run(order_run(project, owner, project.releases.get()))
    request_completions(
        model=model,
        protocol_id=project.protocols.get(kind="ranking").pk,
        prompts={"ids": [project.prompts.order_by("pk")[0].pk]},
        sampling={"n": 2, "seed": 7},
        actor=owner,
        now=timezone.now(),
    )
    talk(served := serve(project, owner, model), anna, ANNAS["chat"])
    talk(served, owner, "What is a lease?")
    refined = refine(project, owner, project.releases.get())
    ModelComparison.objects.create(
        project=project,
        model=refined,
        baseline=model,
        protocol=project.protocols.get(kind="ranking"),
        prompts=[],
        share=1,
        sampling={"n": 1, "seed": 7},
        required_answers=1,
        created_by=owner,
        created_at=timezone.now(),
    )
    chosen = offer_two(served, anna, f"{ANNAS['chat']} twice")
    payload = {"preferred": "c1", "strength": 1, "rationale": ANNAS["choice"]}
    choosing.choose(
        turn=chosen, payload=payload, continue_with=None, seconds=1, actor=anna, now=timezone.now(), random=Random(1)
    )
    Worklist.objects.create(
        project=project,
        model=model,
        kind="relabel",
        protocol=project.protocols.get(kind="ranking"),
        wanted=1,
        control_share=0,
        required_answers=1,
        created_by=owner,
        created_at=timezone.now(),
    )
    base = finish_run(order_run(project, owner, project.releases.get(), "pretrain"))
    serving.serve(model=base, actor=owner, now=timezone.now())
    request_continuation(model=base, actor=owner, prompt="It is a truth", sampling={}, now=timezone.now())
    request_preview(
        project=project,
        actor=owner,
        release_id=project.releases.get().pk,
        stage="sft",
        start={"preset": "tiny"},
        config={},
        now=timezone.now(),
    )
    LearningCurve.objects.create(
        project=project,
        release=project.releases.get(),
        stage="sft",
        start_preset="tiny",
        seeds=1,
        created_by=owner,
        created_at=timezone.now(),
    )
    Walk.objects.create(project=project, created_by=owner, created_at=timezone.now(), looked_at=timezone.now())
    elsewhere = Project.objects.get(name="Elsewhere")
    others_work(elsewhere, owner)
    fill(elsewhere, owner, "mark-elsewhere")
    others = finish_run(order_run(elsewhere, owner, elsewhere.releases.get()))
    others_turn = talk(serve(elsewhere, owner, others), owner, "What is a fence?")
    refuse(others_turn, ELSEWHERE["appeal"])
    appeal(turn=others_turn, reason="", actor=owner, now=timezone.now())
    anna.refresh_from_db()
    return everybody | {"anna": anna}


def anna_works(project: Project, anna: User, client_of: ClientOf) -> None:
    """Let Anna answer two tasks, skip one, and leave one with a draft; one answer was returned to her."""
    User.objects.filter(pk=anna.pk).update(name=ANNAS["name"], email=f"{ANNAS['email']}@example.com")
    ranking, demonstration = project.protocols.get(kind="ranking"), project.protocols.get(kind="demonstration")
    ranked = make_ranking_task(ranking, "Which is a tree?", ("An oak.", "A car."))
    Completion.objects.update(source_label=SOURCE)
    answer_task(ranked, anna, _ranked(ranked, ANNAS["rationale"]), seconds=float(ANNAS["seconds"]))
    written = answer_task(
        make_demonstration_task(demonstration, "What is a loan?"), anna, {"completion": ANNAS["demonstration"]}
    )
    Answer.objects.filter(pk=written.pk).update(state="returned", review_note=ANNAS["review"])
    for question in ("What is a hedge?", "What is a moat?"):
        make_demonstration_task(demonstration, question)
    browser = client_of(anna)
    skipped, kept = (_claim(browser, demonstration) for _ in range(2))
    kept = browser.post(f"/api/work/claims/{skipped['id']}/skip/", _skip(ANNAS["skip"])).json()["next"] or kept
    draft = {"payload": {"completion": ANNAS["draft"]}, "seconds": 3}
    assert browser.put(f"/api/work/claims/{kept['id']}/draft/", draft).status_code == 200
    people_actions.create_token(actor=anna, name=ANNAS["token"], scopes=["read"], expires_in_days=7, now=timezone.now())


def berta_works(project: Project, berta: User, client_of: ClientOf) -> None:
    """Give Berta an answer and an open claim of her own, so that her pages are not empty."""
    demonstration = project.protocols.get(kind="demonstration")
    answer_task(make_demonstration_task(demonstration, "What is a fence?"), berta)
    make_demonstration_task(demonstration, "What is a wall?")
    _claim(client_of(berta), demonstration)


def fill(project: Project, owner: User, mark: str) -> None:
    """Give a project a row of each kind that its pages show: guidelines, an import, an invitation, a frozen release."""
    now = timezone.now()
    for protocol in project.protocols.all():
        project_actions.publish_guideline(protocol=protocol, markdown=f"{mark}-guideline", actor=owner, now=now)
    file = intake_actions.receive_file(
        actor=owner, project=project, file=ContentFile(b'{"no": "row"}\n'), file_name=f"{mark}-import.jsonl", now=now
    )
    intake_actions.run_import(import_file_id=file.pk, clock=timezone.now)
    email = f"{mark}-invitation@example.com"
    membership.invite(project=project, email=email, role="annotator", actor=owner, now=now)
    release = export_actions.request_release(
        project=project, name=f"{mark}-release", selection={}, actor=owner, now=now
    )
    export_actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    tag_release(release=release, name=f"{mark}-tag", actor=owner, now=now)
    view = building.request_view(release=release, format="trl_sft", options={}, actor=owner, now=now)
    building.build(view_id=view.pk)


def others_work(project: Project, owner: User) -> None:
    """Fill a project of which nobody here but its manager may learn anything."""
    Project.objects.filter(pk=project.pk).update(name=ELSEWHERE["project"])
    member = User.objects.create_user(f"{ELSEWHERE['member']}@example.com", "pemberley-1813", name=ELSEWHERE["member"])
    membership.add_member(project=project, user=member, role="annotator", actor=owner, now=timezone.now())
    demonstration, ranking = project.protocols.get(kind="demonstration"), project.protocols.get(kind="ranking")
    written = make_demonstration_task(demonstration, ELSEWHERE["prompt"])
    answer_task(written, member, {"completion": ELSEWHERE["demonstration"]})
    ranked = make_ranking_task(ranking, "Which is a bird?", ("A wren.", "A fish."))
    answer_task(ranked, member, _ranked(ranked, ELSEWHERE["rationale"]))
    taken_back = make_demonstration_task(demonstration, "Forget me.").prompt
    assert taken_back is not None
    withdraw_prompt(prompt=taken_back, actor=owner, now=timezone.now(), reason=ELSEWHERE["withdrawal"])


def _claim(browser: APIClient, protocol: Protocol) -> Any:
    answer = browser.post("/api/work/claims/", {"protocol": protocol.pk})
    assert answer.status_code == 201, answer.content
    return answer.json()


def _skip(note: str) -> dict[str, str]:
    return {"reason": "other", "note": note}


def _ranked(task: Any, rationale: str) -> dict[str, Any]:
    shown = task.task_completions.order_by("position").values_list("completion_id", flat=True)
    return {"tiers": [[pk] for pk in shown], "all_bad": False, "rationale": rationale}
