"""Every kind of work in Chromium, from the first key to the row: written, scored, asked, rated, ranked, compared."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from annotation.operations.jobs import sweep
from annotation.people.models import User
from annotation.processes import programs
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer, Task
from tests.factories import make_demonstration_task, make_ranking_task
from tests.journeys.browser import IN_BROWSER, eventually, make_person, sign_in
from tests.journeys.site import WebServer, started

pytestmark = IN_BROWSER

Open = Callable[[User], Page]


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_person("owner@example.com", is_owner=True)


@pytest.fixture
def project(owner: User) -> Project:
    return project_actions.create_project(actor=owner, name="Assistant", now=timezone.now())


@pytest.fixture
def worker(web: WebServer, project: Project) -> Iterator[None]:
    """What opens the task that follows an answer: at work for a test, and gone before its rows are."""
    command = programs.worker("default", threads=1, log_level="INFO").guarded
    with web.site.log.open("ab") as log, started(command, web.site.environment, log) as process:
        yield
        # Nothing is under way that anybody waits for.
        os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def open_as(web: WebServer, browser: Browser, project: Project) -> Iterator[Open]:
    """Return a function that opens a browser in which somebody is signed in."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(user: User) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=web.site.address)
        contexts.append(context)
        sign_in(context, web.site, user)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def ada(project: Project, open_as: Open) -> Page:
    return open_as(annotator(project, "ada@example.com"))


@pytest.fixture
def bea(project: Project, open_as: Open) -> Page:
    return open_as(annotator(project, "bea@example.com"))


def test_a_demonstration_of_two_exchanges_is_scored_by_somebody_else(
    project: Project, ada: Page, bea: Page, worker: None
) -> None:
    writing = from_preset(project, "demo_write")
    make_demonstration_task(writing, "How do I keep basil alive?")

    start(ada, "Write demonstrations")
    field(ada, "Assistant, turn 1").fill("Where does it stand?")
    ada.keyboard.press("Control+Shift+Enter")
    expect(field(ada, "Person, turn 2")).to_be_focused()
    ada.keyboard.type("On the balcony.")
    field(ada, "Assistant, turn 3").fill("Bring it in at night.")
    ada.keyboard.press("Control+Enter")
    demonstration = answered(writing)
    turns = [
        {"role": "assistant", "content": "Where does it stand?"},
        {"role": "user", "content": "On the balcony."},
    ]
    assert demonstration.payload == {"completion": "Bring it in at night.", "turns": turns}

    scoring = followed(demonstration)
    has_nothing_to_do(ada)
    start(bea, "Score demonstrations")
    for text in ("How do I keep basil alive?", "On the balcony.", "Bring it in at night."):
        expect(bea.get_by_text(text)).to_be_visible()
    # A seven, thought better of; a flag by its letter; a reason.
    for key in ("7", "5", "w", "n"):
        bea.keyboard.press(key)
    expect(field(bea, "Reason (optional)")).to_be_focused()
    bea.keyboard.type("A balcony is warm in June.")
    bea.keyboard.press("Escape")
    expect(pressed(bea, "5")).to_have_attribute("aria-pressed", "true")
    bea.keyboard.press("Enter")
    score = answered(scoring.protocol)
    assert score.annotator.name == "Bea"
    assert score.payload == {
        "score": 5,
        "flags": {"factual_error": False, "ignores_instruction": True, "harmful": False, "seems_pasted": False},
        "rationale": "A balcony is warm in June.",
    }


def test_a_written_prompt_becomes_a_task_for_the_others(
    project: Project, owner: User, open_as: Open, ada: Page, bea: Page, worker: None
) -> None:
    from_preset(project, "demo_write")
    prompting = from_preset(project, "prompt_write")
    ask_for_prompt(open_as(owner), project)
    assert Task.objects.get(protocol=prompting).brief == {
        "style": "few_shot",
        "text": "Something about **words**.",
        "use_case": "classification",
    }

    start(ada, "Write prompts")
    expect(ada.locator("strong", has_text="words")).to_be_visible()
    expect(field(ada, "Your prompt")).to_be_focused()
    ada.keyboard.type("Noun or verb?")
    field(ada, "Query of example 1").fill("Garden")
    field(ada, "Completion of example 1").fill("Noun")
    ada.keyboard.press("Control+Shift+Enter")
    field(ada, "Query of example 2").fill("Prune")
    ada.keyboard.press("Control+Enter")
    # Half an example is none: the desk says so, and hands in nothing.
    expect(ada.get_by_text("Still missing:")).to_be_visible()
    field(ada, "Completion of example 2").fill("Verb")
    ada.keyboard.press("Control+Enter")
    written = answered(prompting)
    assert written.payload == {
        "style": "few_shot",
        "text": "Noun or verb?",
        "shots": [{"query": "Garden", "completion": "Noun"}, {"query": "Prune", "completion": "Verb"}],
        "use_case": "classification",
    }

    asked = followed(written)
    assert asked.prompt is not None
    assert [message["content"] for message in asked.prompt.messages] == ["Noun or verb?\n\nGarden", "Noun", "Prune"]
    has_nothing_to_do(ada)
    start(bea, "Write demonstrations")
    expect(bea.get_by_text("Prune")).to_be_visible()
    field(bea, "Assistant, turn 1").fill("Verb, mostly.")
    bea.keyboard.press("Control+Enter")
    assert answered(asked.protocol).payload["completion"] == "Verb, mostly."


def test_outputs_are_described_rated_and_ranked_by_keyboard_alone(project: Project, ada: Page) -> None:
    rating = from_preset(project, "instructgpt_rank")
    make_ranking_task(rating, "What is a lease?", ["A contract.", "A dog.", "Ask a lawyer.", "A let."])

    start(ada, "Rate and rank outputs")
    step = ada.get_by_role("navigation", name="Steps").locator("[aria-current=step]")
    expect(step).to_contain_text("Prompt")
    for key in ("2", "q", "d"):
        ada.keyboard.press(key)
    expect(pressed(ada, "Open question")).to_have_attribute("aria-pressed", "true")
    ada.keyboard.press("Enter")
    for number, keys in enumerate(("6", "1q", "7re", "6"), start=1):
        expect(step).to_contain_text(str(number))
        for key in keys:
            ada.keyboard.press(key)
        expect(pressed(ada, keys[0])).to_have_attribute("aria-pressed", "true")
        ada.keyboard.press("Enter")

    # The third is best, the first and the last are equal, the second is worst.
    expect(step).to_contain_text("Ranking")
    for key in ("Shift+Digit3", "1", "Shift+Digit4", "3", "="):
        ada.keyboard.press(key)
    tied = ada.get_by_text("Rank 2, tied", exact=True)
    expect(tied).to_have_count(2)
    expect(ada.get_by_text("Draft saved")).to_be_visible()
    ada.reload()
    expect(tied).to_have_count(2)
    ada.keyboard.press("Enter")

    answer = answered(rating)
    first, second, third, fourth = answer.shown_order
    payload = answer.payload
    assert [set(tier) for tier in payload["tiers"]] == [{third}, {first, fourth}, {second}]
    assert payload["use_case"] == "open_qa"
    assert raised(payload["prompt_flags"]) == {"ambiguous", "intent_unclear"}
    said = [payload["outputs"][str(pk)] for pk in (first, second, third, fourth)]
    assert [output.pop("overall_quality") for output in said] == [6, 1, 7, 6]
    assert [raised(flags) for flags in said] == [
        set(),
        {"fails_instruction_or_task"},
        {"hallucination", "satisfies_constraint"},
        set(),
    ]


def test_the_better_of_two_is_chosen_by_strength_and_made_better(project: Project, ada: Page) -> None:
    comparing = from_preset(project, "pair_strength")
    make_ranking_task(comparing, "What is a lease?", ["A contract.", "A dog."])

    start(ada, "Compare two answers")
    # From left to right: A by 3, 2, 1, a tie, B by 1, 2, 3.
    ada.keyboard.press("6")
    expect(ada.get_by_text("B is better, by 2 of 3", exact=True)).to_be_visible()
    ada.keyboard.press("w")
    expect(field(ada, "Edited: B")).to_be_focused()
    ada.keyboard.press("Control+End")
    ada.keyboard.type(" Read it first.")
    ada.keyboard.press("Control+Enter")

    answer = answered(comparing)
    side_a, side_b = answer.shown_order
    text = answer.task.completions.get(pk=side_b).text
    assert answer.payload == {
        "preferred": side_b,
        "strength": 2,
        "both_bad": False,
        "rationale": "",
        "edit": {"of": side_b, "text": f"{text} Read it first."},
        "tiers": [[side_b], [side_a]],
        "all_bad": False,
    }


def annotator(project: Project, email: str) -> User:
    user = make_person(email)
    membership.add_member(project=project, user=user, role="annotator", actor=the_owner(), now=timezone.now())
    return user


def from_preset(project: Project, preset: str) -> Protocol:
    return project_actions.create_protocol(project=project, preset=preset, actor=the_owner(), now=timezone.now())


def the_owner() -> User:
    return User.objects.get(is_owner=True)


def ask_for_prompt(page: Page, project: Project) -> None:
    """Open one task in which a prompt is to be written, as those do who run the project."""
    page.goto(f"/projects/{project.pk}/tasks")
    page.get_by_role("button", name="Ask for prompts").click()
    dialog = page.get_by_role("dialog")
    for name, option in (("Style", "With examples"), ("Use case", "Classification")):
        dialog.get_by_role("combobox", name=name).click()
        page.get_by_role("option", name=option).click()
    dialog.get_by_role("textbox", name="What is wanted").fill("Something about **words**.")
    dialog.get_by_role("textbox", name="Prompts for each brief").fill("1")
    dialog.get_by_role("button", name="Open 1 task").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("row", name="With examples · Classification")).to_be_visible()


def start(page: Page, protocol: str) -> None:
    """Begin the only work that waits for this person."""
    page.goto("/work")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name=protocol)).to_be_visible()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()


def has_nothing_to_do(page: Page) -> None:
    page.goto("/work")
    expect(page.get_by_role("button", name="Nothing waiting").first).to_be_visible()
    expect(page.get_by_role("button", name="Start", exact=True)).to_have_count(0)


def answered(protocol: Protocol) -> Answer:
    """Return the protocol's only answer, once it is stored."""
    answer = eventually(Answer.objects.filter(task__protocol=protocol).first)
    assert answer is not None
    return answer


def followed(answer: Answer) -> Task:
    """Return the task that follows an answer: the worker opens it with the next sweep, which no clock sends here."""
    sweep.delay()
    task = eventually(Task.objects.filter(follows=answer).first, seconds=90)
    assert task is not None
    return task


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name)


def pressed(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def raised(flags: dict[str, bool]) -> set[str]:
    return {name for name, value in flags.items() if value}
