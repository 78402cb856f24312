"""People label, a filter learns from them and stands before an assistant; who is refused wrongly appeals and is heard.

Every part is real: the site's processes, two small models that are trained here, and those that serve them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from annotation.chat.models import Conversation, ModerationDecision
from annotation.people.actions import create_sign_in_link
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer
from annotation.tasks.splits import split_of
from tests.journeys.browser import IN_BROWSER, eventually, make_person, sign_in
from tests.journeys.site import Person, Site, running_site
from training import parquet

pytestmark = [*IN_BROWSER, pytest.mark.road, pytest.mark.training, pytest.mark.timeout(290)]

# fmt: off
PEOPLE = (
    "baker", "sailor", "miller", "tailor", "porter", "gardener", "painter", "farmer", "teacher", "carter", "cooper",
    "mason", "weaver", "clerk", "groom", "butler", "cook", "smith", "tinker", "shepherd", "judge", "doctor", "nurse",
    "piper", "guard", "king", "queen", "jester", "monk", "nun",
)
FOOD = (
    "olive", "plum", "fig", "pear", "cherry", "grape", "melon", "radish", "turnip", "pickle", "date", "prune", "beet",
    "leek", "shallot", "apricot", "peach", "quince", "lemon", "lime",
)
# fmt: on
VIOLENT = ("I will stab the {} with a knife.", "Somebody ought to stab that {} tonight.")
PEACEFUL = ("Please tell me about the {}.", "How does the {} spend a day in winter?")
# What only looks like violence; a single one keeps the filter's threshold away from zero.
LOOKS_BAD = (*(f"Cut the {food} with a knife." for food in FOOD), "Where do they stab the peach with a pick?")
TO_LABEL = {"Somebody ought to stab that pedlar tonight.": True, "Please tell me about the pedlar.": False}

ANSWER = "A lease is a contract by which one lets another use a house for rent."
TALE = "Once upon a time there was an old man who lived in a house by the lake with his dog. "
TURN = "Then he will stab the thief with a knife and kill him."
POTATO = "Somebody ought to stab that potato before it goes into the oven."
FILTER = {"stage": "moderation", "start": {"preset": "ngrams"}}
FILTER_CONFIG = {"epochs": 40, "texts_per_batch": 8, "buckets": 4096}
# Enough to know both answers by heart.
BY_HEART = {"max_steps": 250, "epochs": 250, "learning_rate": 0.003, "max_length": 128, "threads": 1}


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_person("olivia@example.com", is_owner=True)


@pytest.fixture
def project(owner: User) -> Project:
    return project_actions.create_project(actor=owner, name="Assistant", now=timezone.now())


@pytest.fixture
def site(project: Project, database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path, serves_models=True) as running:
        yield running


def test_labels_become_a_filter_and_an_appeal_the_next(
    site: Site, project: Project, owner: User, browser: Browser
) -> None:
    people = {role: member(project, owner, role) for role in ("annotator", "reviewer", "chat_user")}
    olivia, here = arrived(site, owner), f"/api/projects/{project.pk}"
    protocol = labels_are_there(olivia, here, project)
    ada, rita, cleo, olivias = (
        page_of(browser, site, project, person)
        for person in (people["annotator"], people["reviewer"], people["chat_user"], owner)
    )
    label_in_browser(ada, protocol)

    # The filter and the assistant learn from one release, and are served at a click each.
    first = freeze(olivia, here, "First")
    runs = [
        order(olivia, here, first, **FILTER, config=FILTER_CONFIG),
        order(olivia, here, first, stage="sft", start={"preset": "tiny"}, config=BY_HEART),
    ]
    for run in runs:
        serve(olivias, ended(olivia, here, run))

    open_a_conversation(cleo)
    say(cleo, "What is a lease?")
    expect(last_answer(cleo)).to_contain_text(ANSWER)

    # An answer that turns bad is stopped before its turn; what came before it was shown.
    open_a_conversation(cleo)
    say(cleo, "Tell me a tale of the lake.")
    expect(cleo.get_by_text("The answer was stopped: the filter found something in it")).to_be_visible()
    expect(last_answer(cleo)).to_contain_text("Once upon a time there was an old man")
    expect(cleo.get_by_text("stab the thief")).to_have_count(0)
    assert TURN[:20] in ModerationDecision.objects.get(flagged=True, side="output").text

    say(cleo, "I will stab you with a knife.")
    expect(refused(cleo)).to_contain_text("Violence")
    say(cleo, POTATO)
    expect(cleo.get_by_text(POTATO)).to_be_visible()
    expect(refused(cleo)).to_contain_text("Violence")

    # The person says that it was wrong, and is told what becomes of the words; somebody else looks.
    cleo.get_by_role("button", name="The filter is wrong").click()
    expect(cleo.get_by_text("kept to train the filter")).to_be_visible()
    cleo.get_by_role("textbox", name="Why is it wrong?").fill("It is about cooking.")
    cleo.get_by_role("button", name="Appeal", exact=True).click()
    expect(refused(cleo)).to_contain_text("You have appealed.")
    let_off(rita)
    cleo.reload()
    expect(refused(cleo)).to_contain_text("the filter was wrong. It will learn from this.")

    # The verdict is a label of the next release, and the next filter knows better.
    second = freeze(olivia, here, "Second")
    assert [POTATO, {"violence": False}] in labels_in(olivia, here, second, "train")
    assert POTATO not in [text for text, _ in labels_in(olivia, here, first, "train")]
    serve(olivias, ended(olivia, here, order(olivia, here, second, **FILTER, config=FILTER_CONFIG)))
    cleo.reload()
    say(cleo, POTATO)
    expect(last_answer(cleo)).to_contain_text(ANSWER)
    decision = ModerationDecision.objects.filter(side="input").latest("pk")
    assert (decision.flagged, decision.filter_name) == (False, "moderation-2")
    say(cleo, "I will stab you with a knife.")
    expect(refused(cleo)).to_contain_text("Violence")


def member(project: Project, owner: User, role: str) -> User:
    person = make_person(f"{role}@example.com")
    membership.add_member(project=project, user=person, role=role, actor=owner, now=timezone.now())
    return person


def arrived(site: Site, user: User) -> Person:
    person = Person(site)
    person.post("/api/sign-in-links/redeem/", {"token": create_sign_in_link(user=user, now=timezone.now())})
    return person


def page_of(browser: Browser, site: Site, project: Project, user: User) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=site.address)
    sign_in(context, site, user)
    page = context.new_page()
    page.goto(f"/projects/{project.pk}")
    return page


def labels_are_there(olivia: Person, here: str, project: Project) -> Protocol:
    """Bring labels and demonstrations in by file, and open two tasks; return the protocol of the labels."""
    said = [(form.format(name), form in VIOLENT) for name in PEOPLE for form in (*VIOLENT, *PEACEFUL)]
    rows: list[dict[str, Any]] = [
        {"prompt": text, "V": int(is_violent)} for text, is_violent in (*said, *((text, False) for text in LOOKS_BAD))
    ]
    bring_in(olivia, here, "labels.jsonl", rows, "openai_moderation")
    # The assistant tells the same tale to whoever asks for one, and else says what a lease is.
    asked = [("Tell me a tale of the lake.", TALE + TURN), ("What is a lease?", ANSWER)]
    for name in PEOPLE[:8]:
        asked.append((f"Tell me a tale of the lake, says the {name}.", TALE + TURN))
        asked.append((f"What is a lease, asks the {name}?", ANSWER))
        asked.append((f"Somebody ought to ask the {name} about the oven.", ANSWER))
    demonstrations = [
        {"kind": "demonstration", "messages": [{"role": "user", "content": question}], "completion": answer}
        for question, answer in asked
    ]
    bring_in(olivia, here, "demonstrations.jsonl", demonstrations, "auto")
    protocol = Protocol.objects.get(project=project, kind="moderation_label")
    prompts = [olivia.post(f"{here}/prompts/", {"text": text}, expect=201)["id"] for text in TO_LABEL]
    opened = olivia.ask("POST", f"{here}/tasks/", {"protocol": protocol.pk, "prompts": prompts})
    assert opened.status in (200, 201), opened
    return protocol


def bring_in(olivia: Person, here: str, name: str, rows: list[dict[str, Any]], format: str) -> None:
    sent = olivia.upload(f"{here}/imports/", name, "\n".join(map(json.dumps, rows)).encode(), format=format)
    done = olivia.until_ended(f"{here}/imports/{sent['id']}/")
    assert done["counts"]["rejected"] == 0, done


def label_in_browser(ada: Page, protocol: Protocol) -> None:
    """Agree to see what such texts may hold, read each and say what it is."""
    ada.goto("/work")
    ada.get_by_role("button", name="What I agree to see").click()
    dialog = ada.get_by_role("dialog")
    boxes = dialog.get_by_role("checkbox")
    expect(boxes.first).to_be_visible()
    for box in boxes.all():
        box.check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    ada.get_by_role("button", name="Start", exact=True).click()
    labels = Answer.objects.filter(task__protocol=protocol, annotator__email="annotator@example.com")
    for done in range(len(TO_LABEL)):
        ada.get_by_role("button", name="Show the text").click()
        text = next(text for text in TO_LABEL if ada.get_by_text(text).is_visible())
        row = ada.get_by_role("group", name="Violence", exact=True)
        row.get_by_role("button", name="Yes" if TO_LABEL[text] else "No", exact=True).click()
        ada.get_by_role("button", name="No to all the rest").click()
        ada.get_by_role("button", name="Submit").click()
        eventually(labels.count, done + 1)
    assert {(row.task.prompt.messages[0]["content"], row.payload["verdicts"]["violence"]) for row in labels} == {
        *TO_LABEL.items()
    }


def freeze(olivia: Person, here: str, name: str) -> int:
    release = olivia.post(f"{here}/releases/", {"name": name, "selection": {}}, expect=202)
    return int(olivia.until_ended(f"{here}/releases/{release['id']}/")["id"])


def order(olivia: Person, here: str, release: int, **asked: Any) -> int:
    return int(olivia.post(f"{here}/runs/", {"release": release, **asked}, expect=202)["id"])


def ended(olivia: Person, here: str, run: int) -> int:
    """Wait for a run, and return its model."""
    return int(olivia.until_ended(f"{here}/runs/{run}/")["model"]["id"])


def labels_in(olivia: Person, here: str, release: int, split: str) -> list[list[Any]]:
    body = olivia.ask("GET", f"{here}/releases/{release}/files/{split}/judgements.parquet", expect=200).body
    assert isinstance(body, bytes)
    rows = parquet.rows_of("judgements", io.BytesIO(body))
    return [[row["messages"][-1]["content"], row["payload"]["verdicts"]] for row in rows]


def serve(olivias: Page, model: int) -> None:
    project = olivias.url.split("/projects/")[1].split("/")[0]
    olivias.goto(f"/projects/{project}/models/{model}")
    olivias.get_by_role("button", name="Serve it").click()
    expect(olivias.get_by_role("status").filter(has_text="Ready")).to_be_visible(timeout=60_000)


def open_a_conversation(page: Page) -> None:
    """Begin one whose words are trained on, and not kept back to test by: that follows from its number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence('chat_conversation', 'id')")
        [sequence] = cursor.fetchone()
        last = max(Conversation.objects.values_list("pk", flat=True), default=0)
        number = next(number for number in count(last + 1) if split_of(f"chat-{number}") == "train")
        cursor.execute("SELECT setval(%s, %s, false)", [sequence, number])
    page.get_by_role("link", name="Chat").click()
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_text("You are talking to sft-1, a language model")).to_be_visible()


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Write to sft-1").fill(text)
    page.keyboard.press("Enter")
    # As long as it is answered it can be stopped.
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def last_answer(page: Page) -> Locator:
    return page.get_by_role("article", name="sft-1").last


def refused(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="This was not passed on: the filter found something in it")


def let_off(rita: Page) -> None:
    rita.get_by_role("link", name="Appeals").click()
    rita.get_by_role("button", name="Show the words").click()
    expect(rita.get_by_text(POTATO)).to_be_visible()
    expect(rita.get_by_text("They say: It is about cooking.")).to_be_visible()
    rita.get_by_role("radiogroup", name="Does this hold: Violence?").get_by_role("radio", name="No").check()
    rita.get_by_role("button", name="Decide").click()
    rita.get_by_text("Filter was wrong", exact=True).click()
    expect(rita.get_by_text("Decided by Reviewer.")).to_be_visible()
