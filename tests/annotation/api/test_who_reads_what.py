"""Every address of the API is asked as everybody for everything there is: nobody reads what is another's.

The addresses come from the API's own description, so a new one is walked as it comes; where it names something new,
say in IDS what that stands for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest
from django.core.cache import cache as rate_limits
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from annotation.assignment.models import Claim
from annotation.exports.models import Release
from annotation.exports.views import VIEWS
from annotation.intake.models import ImportFile
from annotation.people.models import ApiToken, User
from annotation.projects.models import Invitation, Membership, Project, Protocol
from annotation.registry.models import CompletionBatch, ModelVersion, TrainingRun
from annotation.tasks.models import Answer, Prompt, Task
from tests.annotation.api import marked
from tests.annotation.api.marked import ANNAS, ELSEWHERE, SOURCE

pytestmark = pytest.mark.timeout(200)

ClientOf = Callable[[User | None], APIClient]


def rows_of(model: Any, column: str = "pk") -> Callable[[], Iterable[object]]:
    return lambda: model._default_manager.order_by("pk").values_list(column, flat=True)


# What a name in an address stands for: by the part of the address before it, or by the name itself.
IDS: dict[str, Callable[[], Iterable[object]]] = {
    "answers": rows_of(Answer),
    "claims": rows_of(Claim),
    "completion-batches": rows_of(CompletionBatch),
    "imports": rows_of(ImportFile),
    "invitations": rows_of(Invitation),
    "members": rows_of(Membership),
    "models": rows_of(ModelVersion),
    "people": rows_of(User),
    "prompts": rows_of(Prompt),
    "protocols": rows_of(Protocol),
    "releases": rows_of(Release),
    "runs": rows_of(TrainingRun),
    "tasks": rows_of(Task),
    "tokens": rows_of(ApiToken, "public_id"),
    "{project}": rows_of(Project),
    "{protocol}": rows_of(Protocol),
    "{file_path}": lambda: ["manifest.json", "demonstrations/train.jsonl", "rankings/train.jsonl", "../../secret_key"],
    "{view}": lambda: VIEWS,
    "{split}": lambda: ["train", "validation", "test"],
    "{token}": lambda: ["guessed"],
    "jobs": lambda: [f"{kind}-{number}" for kind in ("import", "release", "run") for number in (1, 10**9)],
}
# What a question in an address's query is answered with, by its type; a choice is asked for each of its words.
QUERY = {
    "integer": lambda: [*User.objects.values_list("pk", flat=True), *Protocol.objects.values_list("pk", flat=True)],
    "string": lambda: ["mark"],
    "boolean": lambda: ["true", "false"],
}
# Paging shows nothing that the pages do not.
PAGING = {"cursor", "page_size"}
DAY = "2026-11-23"

ALL_ELSEWHERE = set(ELSEWHERE.values())
WORKERS_NEVER = set(ANNAS.values()) | ALL_ELSEWHERE | {SOURCE}
# Whoever judges answers reads them, but not what their authors have yet to hand in.
READERS_NEVER = ALL_ELSEWHERE | {ANNAS["draft"], ANNAS["token"]}
NEVER: dict[str, set[str]] = {
    "owner": {ANNAS["draft"], ANNAS["token"]},
    "manager": READERS_NEVER,
    "researcher": READERS_NEVER,
    "reviewer": READERS_NEVER,
    "annotator": WORKERS_NEVER,
    "chat_user": WORKERS_NEVER,
    # The outsider runs the other project.
    "outsider": set(ANNAS.values()) | {SOURCE},
    "anonymous": WORKERS_NEVER,
    # Anna reads her own work, and no more of it than what an annotator may know.
    "anna": ALL_ELSEWHERE | {SOURCE},
}


@cache
def described() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True)["paths"])


@pytest.fixture
def people(
    project: Project,
    owner: User,
    join: Callable[..., User],
    everybody: dict[str, User | None],
    client_of: ClientOf,
    own_folders: None,
) -> dict[str, User | None]:
    """Everybody and Anna, in a project and another one that are in use."""
    anna, berta, reviewer = join("annotator", "anna"), everybody["annotator"], everybody["reviewer"]
    assert berta is not None
    assert reviewer is not None
    marked.anna_works(project, anna, reviewer, client_of)
    marked.berta_works(project, berta, client_of)
    marked.fill(project, owner, "here")
    elsewhere = Project.objects.get(name="Elsewhere")
    marked.others_work(elsewhere, owner)
    marked.fill(elsewhere, owner, "mark-elsewhere")
    anna.refresh_from_db()
    return everybody | {"anna": anna}


@pytest.fixture
def release(people: object) -> Release:
    """The frozen one, on which tests.runs then orders a run and finishes a model."""
    return Release.objects.get(name="here-release")


@pytest.fixture
def model(make_model: Callable[[], ModelVersion]) -> ModelVersion:
    return make_model()


def addresses(path: str) -> Iterator[str]:
    """Yield the address for every row that its names can stand for, each row under each project."""
    names = re.findall(r"\{(\w+)\}", path)
    values = [list(ids_for(path, name)) for name in names]
    for chosen in product(*values):
        yield path.format(**dict(zip(names, chosen, strict=True)))


def ids_for(path: str, name: str) -> Iterable[object]:
    noun = path.split(f"/{{{name}}}")[0].rpartition("/")[2]
    source = IDS.get(f"{{{name}}}") or IDS.get(noun)
    if source is None:
        pytest.fail(f"Say in IDS what {{{name}}} after {noun!r} stands for in {path}")
    return source()


def questions(operation: dict[str, Any]) -> Iterator[dict[str, object]]:
    """Yield queries that ask each question of the operation once with each answer, and first none at all."""
    yield {}
    for parameter in operation.get("parameters", []):
        if parameter.get("in") == "query" and parameter["name"] not in PAGING:
            shape = parameter["schema"]
            dated = [DAY] if shape.get("format") == "date" else []
            for value in shape.get("enum") or dated or QUERY[shape["type"]]():
                yield {parameter["name"]: value}


def said(reply: Any) -> str:
    content = b"".join(reply.streaming_content) if reply.streaming else reply.content
    return str(content.decode(errors="replace"))


@pytest.mark.parametrize("who", NEVER)
def test_nobody_reads_what_is_not_theirs(
    who: str, people: dict[str, User | None], model: ModelVersion, client_of: ClientOf
) -> None:
    browser, asked, statuses = client_of(people[who]), 0, set()
    for path, item in described().items():
        for address, query in product(addresses(path), questions(item.get("get", {}))):
            if "get" not in item:
                continue
            rate_limits.clear()
            reply = browser.get(address, query)
            text = said(reply)
            leaked = [mark for mark in NEVER[who] if mark in text]
            assert not leaked, f"{who} reads {leaked} at {address} {query}"
            assert reply.status_code < 500, f"{reply.status_code} for {who} at {address} {query}: {text[:500]}"
            asked += 1
            statuses.add(reply.status_code)
    assert asked > 300
    assert {200, 401 if who == "anonymous" else 404} <= statuses


def test_the_marks_are_there_to_be_found(
    people: dict[str, User | None], model: ModelVersion, client_of: ClientOf
) -> None:
    """A walk that finds nothing proves something only where there is something to find."""
    found: dict[str, set[str]] = {}
    for who in ("owner", "manager", "outsider", "anna"):
        browser, texts = client_of(people[who]), []
        for path, item in described().items():
            texts += [said(browser.get(address)) for address in addresses(path) if "get" in item]
        whole = "\n".join(texts)
        found[who] = {mark for mark in (*ANNAS.values(), *ELSEWHERE.values(), SOURCE) if mark in whole}
    assert set(ELSEWHERE.values()) <= found["outsider"]
    assert {ANNAS[name] for name in ("name", "email", "demonstration", "rationale")} <= found["manager"]
    assert {ANNAS[name] for name in ("name", "email", "demonstration", "rationale", "draft")} <= found["anna"]
    assert SOURCE in found["owner"]


@pytest.mark.parametrize("who", ["annotator", "chat_user", "outsider", "anonymous"])
def test_nobody_changes_what_is_annas(
    who: str, people: dict[str, User | None], model: ModelVersion, client_of: ClientOf
) -> None:
    anna, browser = people["anna"], client_of(people[who])
    before, asked = state_of(anna), 0
    for path, item in described().items():
        for method, address in product(set(item) - {"get"}, addresses(path)):
            rate_limits.clear()
            with transaction.atomic():
                reply = getattr(browser, method)(address, {})
                after = state_of(anna)
                transaction.set_rollback(True)
            assert after == before, f"{who} changes Anna's by {method} {address}"
            assert not [mark for mark in NEVER[who] if mark in said(reply)], (who, method, address)
            assert reply.status_code < 500, (who, method, address)
            asked += 1
    assert asked > 100


def state_of(person: User | None) -> list[Any]:
    answers = Answer.objects.filter(annotator=person).order_by("pk").values_list("pk", "payload", "state", "revision")
    claims = Claim.objects.filter(annotator=person).order_by("pk").values_list("pk", "state", "draft", "expires_at")
    return [*answers, *claims, *User.objects.filter(pk=getattr(person, "pk", None)).values_list("name", "is_active")]
