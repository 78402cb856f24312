"""A researcher freezes documents, reads a foundation model's way from noise to prose, and has it go on from a text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotation import durable
from annotation.exports import actions as export_actions
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project
from annotation.registry import actions
from annotation.registry.models import Continuation, LearningCurve, ModelVersion, RunPreview, TrainingRun
from annotation.registry.reports import Report
from annotation.tasks import bulk
from annotation.tasks.documents import NewDocument, add_documents
from tests.journeys.browser import IN_BROWSER, chromium, make_person, sign_in
from tests.journeys.site import WebServer, running_web

pytestmark = IN_BROWSER

PICTURES = os.environ.get("JOURNEY_PICTURES", "")
PROMPT = '"You must decide for yourself," said Elizabeth'
# As a small model wrote them in its first rounds.
TEXTS = {
    0: 's"hysDgfR0j;hj£US!m5£Y\'dS."\nco]oRJ\nd-Z0Ind()*)M"o7rNV1-P8[a"?D:orhqr65ETSy\',1!-X--Sjm0y[m**yyAXZ',
    250: " her is motwass it she then Ther is!  The ielvet camer of and ther mowed so and very nered; ther had of "
    "fule, doe could reasure ganand\nuving for my sundneside from andward lided leething at you the wour ow",
    500: "er to thinkly us it only himh must Jraied hraie of a for I same in secule and a quitened home would her "
    "cross row mare her stanns admomad.  Bent sitte term not ban of Portian",
}
CURVE: dict[str, Any] = {
    "measure": "accuracy",
    "better": "higher",
    "points": [
        {"share": share, "judgements": round(share * 1480), "value": value, "error": 0.022, "runs": 1}
        for share, value in ((0.125, 0.553), (0.25, 0.574), (0.5, 0.589), (1.0, 0.608))
    ],
    "fit": {"at_one": 0.427, "slope": 0.0247},
    "forecast": {"more": 1000, "gain": 0.0111, "low": 0.0009, "high": 0.0216},
    "trained": [],
}
FIGURES = {0: (6.377, 0.2929), 250: (2.877, 0.5641), 500: (2.553, 0.6582)}


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_person("olivia@example.com", is_owner=True)


@pytest.fixture
def project(owner: User) -> Project:
    project = project_actions.create_project(actor=owner, name="Assistant", now=timezone.now())
    with transaction.atomic():
        bulk.take_turn(project)
        texts = [NewDocument(f"Chapter {number}. It rained all day.", "en", "novel.txt") for number in range(40)]
        add_documents(project, texts, now=timezone.now())
    return project


@pytest.fixture
def release(project: Project, owner: User) -> Release:
    release = export_actions.request_release(
        project=project, name="Novels", selection={"documents": True}, actor=owner, now=timezone.now()
    )
    export_actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    return release


@pytest.fixture
def model(project: Project, owner: User, release: Release) -> ModelVersion:
    """A foundation model as a run leaves it, with its samples; nothing is trained here."""
    now = timezone.now()
    queued = actions.request_run(
        project=project,
        actor=owner,
        release_id=release.pk,
        stage="pretrain",
        start={"preset": "demo"},
        config={},
        now=now,
    )
    run = durable.start(TrainingRun, queued.pk, now=now)
    assert run is not None
    samples = {
        step: {
            "prompt": PROMPT,
            "text": text,
            "values": {"bits_per_character": FIGURES[step][0], "known_words": FIGURES[step][1], "copied_8_grams": 0.0},
        }
        for step, text in TEXTS.items()
    }
    points = {("train", step): {"loss": 4.4 / (1 + step / 100)} for step in range(0, 500, 25)}
    columns = {"progress_done": 500, "progress_total": 500, "tokens_per_second": 37_000.0}
    actions.record_report(run=run, report=Report(samples=samples, metrics=points, columns=columns), now=now)
    card = {
        "model_sha256": "a" * 64,
        "metrics": {"validation": {"loss": 1.769, "perplexity": 5.87, "bits_per_character": 2.553, "tokens": 402_535}},
    }
    model = actions.finish_run(run=run, stored_prefix="models/x", files=[], card=card, now=now)
    Continuation.objects.create(
        project=project,
        model=model,
        prompt="It is a truth",
        sampling={"temperature": 0.8, "top_p": 1.0, "max_new_tokens": 200, "seed": 3},
        text=" of the sume that she was not to be a mather of the house, and the lade was very much.",
        state="done",
        created_by=owner,
        created_at=now,
        finished_at=now,
    )
    return model


@pytest.fixture
def server(model: ModelVersion, database_url: str, tmp_path: Path) -> Iterator[WebServer]:
    with running_web(database_url, tmp_path) as server:
        yield server


def test_documents_are_frozen_and_the_way_of_a_model_is_read(
    server: WebServer, project: Project, model: ModelVersion, owner: User
) -> None:
    wrong: list[str] = []
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        sign_in(context, server.site, owner)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        home = f"{server.site.address}/projects/{project.pk}"

        page.goto(f"{home}/releases")
        page.get_by_role("switch", name="Include documents").check()
        row = page.get_by_role("row", name="Documents")
        expect(row).to_be_visible()
        picture(page, "1-freeze")

        page.goto(f"{home}/runs/{model.run_id}")
        slider = page.get_by_role("slider", name="Rounds of training")
        sample = page.get_by_label("Sample")
        expect(sample).to_contain_text("think")
        expect(slider).to_have_attribute("aria-valuetext", "After 500 rounds")
        picture(page, "2-prose")
        slider.focus()
        page.keyboard.press("Home")
        expect(sample).to_contain_text("hysDgfR0j")
        expect(slider).to_have_attribute("aria-valuetext", "Before training")
        expect(page.get_by_text("6.38")).to_be_visible()
        picture(page, "3-noise")

        page.goto(f"{home}/models/{model.pk}")
        expect(page.get_by_text("Completes text only")).to_be_visible()
        expect(page.get_by_text("it does not answer")).to_be_visible()
        expect(page.get_by_label("Sample")).to_contain_text(PROMPT)
        expect(page.get_by_text("of the sume that she was not")).to_be_visible()
        picture(page, "4-model")

        page.goto(f"{home}/runs/new?release={model.release_id}")
        page.get_by_role("combobox", name="Stage").click()
        page.get_by_role("option", name="Foundation model").click()
        expect(page.get_by_label("depth")).to_be_visible()
        expect(page.get_by_label("weight decay")).not_to_be_visible()
        picture(page, "5-new-run")
        page.get_by_role("button", name="Every setting").click()
        expect(page.get_by_label("weight decay")).to_be_visible()
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_text("Waiting for a worker")).to_be_visible()
        show_preview()
        expect(page.get_by_text("Row 1 of 1 · 4 tokens")).to_be_visible()
        expect(page.get_by_role("figure", name="Conversation")).to_contain_text("rained")
        expect(page.get_by_text("2 of 12 records (16.7%) are left out")).to_be_visible()
        picture(page, "6-preview")

        curve = grow_curve(model, owner)
        page.reload()
        page.get_by_role("combobox", name="Stage").click()
        page.get_by_role("option", name="Reward model").click()
        expect(page.get_by_text("3 of 4 trainings")).to_be_visible()
        durable.finish(curve, now=timezone.now(), found=CURVE)
        expect(page.get_by_text("The next 1,000 judgements would buy 1.1 percentage points")).to_be_visible()
        picture(page, "7-learning-curve")
        page.get_by_role("combobox", name="Stage").click()
        page.get_by_role("option", name="Supervised fine-tuning").click()
        page.get_by_role("combobox", name="Let a reward model choose").click()
        expect(page.get_by_text("No reward models yet")).to_be_visible()
        picture(page, "8-judge")
    assert wrong == []


def grow_curve(model: ModelVersion, owner: User) -> LearningCurve:
    """Leave a learning curve as a worker does that has trained three shares of four."""
    row = LearningCurve.objects.create(
        project=model.project,
        release=model.release,
        stage="reward",
        start_preset="small",
        seeds=1,
        found={**CURVE, "points": CURVE["points"][:3], "forecast": None},
        created_by=owner,
        created_at=timezone.now(),
    )
    curve = durable.start(LearningCurve, row.pk, now=timezone.now())
    assert curve is not None
    durable.beat(curve, now=timezone.now(), progress_done=3, progress_total=4)
    return curve


def show_preview() -> None:
    """End the preview as a worker does."""
    preview = durable.start(RunPreview, RunPreview.objects.get().pk, now=timezone.now())
    assert preview is not None
    split = {
        "counts": {"rows_in": 12, "rows_used": 10, "left_out": {"all_bad": 2}, "truncated": 0, "pairs": {}},
        "repeated": 0, "longer_preferred": None, "rows": 10, "tokens": 40, "trained_tokens": 30, "longest": 4,
        "median": 4, "lengths": [{"to": 4, "rows": 10}],
    }  # fmt: skip
    states = {"read": ["It"], "learned": [" rained", " all", " day"]}
    runs = [{"state": state, "tokens": tokens, "hidden": 0, "hidden_at": 0} for state, tokens in states.items()]
    found = {
        "vocabulary": 90,
        "splits": dict.fromkeys(("train", "validation", "test"), split),
        "warnings": [{"warning": "left_out", "number": 2, "of": 12}],
        "rows": [{"tokens": 4, "trained_tokens": 3, "parts": [{"kind": "text", "runs": runs}], "pairs": []}],
    }
    durable.finish(preview, now=timezone.now(), found=found)


def picture(page: Page, name: str) -> None:
    """Leave a picture of the page in both schemes and on a telephone, where somebody asked for them."""
    if not PICTURES:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=f"{PICTURES}/{name}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 800})
    # The rail slides away first.
    page.wait_for_timeout(500)
    page.screenshot(path=f"{PICTURES}/{name}-phone.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_timeout(500)
    page.emulate_media(color_scheme="light")
