"""The whole loop: people decide, the decisions become a release, a model, and the model's next questions."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotation.people.actions import create_sign_in_link, ensure_owner
from tests.journeys.site import Person, Site, running_site
from training import parquet

DEMO = Path(__file__).resolve().parents[2] / "annotation" / "operations" / "demo"
OWNER, ANNOTATOR, PASSWORD = "owner@example.com", "ada@example.com", "netherfield-park"
# Little enough for a test, real in every part.
SHORT = {"max_steps": 12, "checkpoint_every": 5, "evaluate_every": 6, "max_length": 512, "threads": 1}


@pytest.fixture
def site(transactional_db: None, database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path) as running:
        yield running


@pytest.mark.journey
@pytest.mark.training
@pytest.mark.timeout(290)
def test_the_loop_runs_end_to_end(site: Site) -> None:
    # The owner arrives by the one-time link of the first start, and comes back with a password.
    link = create_sign_in_link(user=ensure_owner(email=OWNER), now=timezone.now())
    Person(site).post("/api/sign-in-links/redeem/", {"token": link})
    Person(site).post("/api/sign-in-links/redeem/", {"token": link}, expect=410)
    owner = first_arrival(site)
    project = owner.post("/api/projects/", {"name": "Assistant"}, expect=201)
    here = f"/api/projects/{project['id']}"
    protocols = {row["kind"]: row["id"] for row in owner.get(f"{here}/protocols/")["results"]}

    # Prompts, demonstrations and judgements come in by file.
    for name in ("demonstrations.jsonl", "rankings.jsonl", "to_answer.jsonl", "waiting.jsonl"):
        sent = owner.upload(f"{here}/imports/", name, (DEMO / name).read_bytes(), format="auto")
        done = owner.until_ended(f"{here}/imports/{sent['id']}/")
        assert done["counts"]["rejected"] == 0
    progress = owner.get(f"{here}/progress/")
    assert progress["answers"] > 200

    # An annotator joins by a link, writes an ideal answer and ranks completions.
    invitation = owner.post(f"{here}/invitations/", {"email": ANNOTATOR, "role": "annotator"}, expect=201)
    ada = Person(site)
    token = invitation["link"].rsplit("/", 1)[1]
    ada.post(f"/api/invitations/{token}/accept/", {"name": "Ada Annotator", "password": PASSWORD})
    written = answer_next(ada, protocols["demonstration"])
    ranked = answer_next(ada, protocols["ranking"])
    assert written["is_spare"] is ranked["is_spare"] is False

    # The answers are frozen; the same rows give the same digest.
    first = freeze(owner, here, "First")
    assert first["counts"]["demonstrations"]["train"] > 80
    assert freeze(owner, here, "Again")["digest_sha256"] == first["digest_sha256"]

    # A trainer elsewhere gets them in its own shape.
    pairs = view(owner, f"{here}/releases/{first['id']}/views/", "trl_preference")
    assert {frozenset(pair) for pair in pairs} == {frozenset({"prompt", "chosen", "rejected"})}
    assert len(pairs) > 80

    # A reward model and an SFT model are trained on it, watched while they run.
    judge = train(owner, here, first["id"], "reward")
    assert judge["deployable"] is False
    assert 0 <= judge["metrics"]["test"]["accuracy"] <= 1
    assert {"longer_wins", "random"} <= set(judge["metrics"]["baselines"]["test"])
    # What the second will learn is looked at first, and is what it then learns.
    order = {"release": first["id"], "stage": "sft", "start": {"preset": "tiny"}, "config": SHORT}
    preview = owner.post(f"{here}/run-previews/", order, expect=202)
    found = owner.until_ended(f"{here}/run-previews/{preview['id']}/")["found"]
    [part] = found["rows"][0]["parts"]
    assert part["runs"][-1]["state"] == "learned"
    assert part["runs"][-1]["tokens"][-1] == "<|end|>"
    assistant = train(owner, here, first["id"], "sft")
    learned = owner.get(f"{here}/runs/")["results"][0]["counts"]
    assert learned == {name: value for name, value in found["splits"]["train"]["counts"].items() if name != "pairs"} | {
        "parameters": learned["parameters"],
        "trained_tokens_per_epoch": found["splits"]["train"]["trained_tokens"],
    }
    assert assistant["deployable"] is True
    assert assistant["metrics"]["test"]["loss"] < assistant["metrics"]["test"]["loss_before"]
    assert assistant["release"]["digest_sha256"] == first["digest_sha256"]

    # The model writes completions for new prompts, and they come back as ranking tasks.
    prompts = [
        owner.post(f"{here}/prompts/", {"text": text}, expect=201)["id"]
        for text in ("How do I keep basil alive?", "What is a semicolon for?")
    ]
    order = {"protocol": protocols["ranking"], "prompts": {"ids": prompts}, "n": 3, "max_new_tokens": 24, "seed": 1}
    batch = owner.post(f"{here}/models/{assistant['id']}/completions/", order, expect=202)
    counts = owner.until_ended(f"{here}/completion-batches/{batch['id']}/")["counts"]
    assert counts["completions"] >= 4
    assert counts["tasks"] == 2

    # The annotator is asked about them by the queue alone, and cannot tell who wrote what.
    texts = set()
    while claim := ada.ask("POST", "/api/work/claims/", {"protocol": protocols["ranking"]}).body:
        assert assistant["name"] not in json.dumps(claim)
        assert {key for shown in claim["completions"] for key in shown} == {"label", "text"}
        texts.add(claim["messages"][-1]["content"])
        submit(ada, claim)
    assert {"How do I keep basil alive?", "What is a semicolon for?"} <= texts

    # The judgements on the model's own words are in the next release.
    second = freeze(owner, here, "Second")
    assert second["digest_sha256"] != first["digest_sha256"]
    judged = [
        record
        for split in ("train", "validation", "test")
        for record in rows_of(owner, f"{here}/releases/{second['id']}/files/{split}/rankings.parquet")
        if {c["source_label"] for c in record["completions"]} == {assistant["name"]}
    ]
    assert len(judged) == 2


def first_arrival(site: Site) -> Person:
    """Set the owner's password by a link, then sign in with it at another browser."""
    link = create_sign_in_link(user=ensure_owner(), now=timezone.now())
    arriving = Person(site)
    arriving.post("/api/sign-in-links/redeem/", {"token": link})
    arriving.post("/api/me/password/", {"new_password": PASSWORD})
    owner = Person(site)
    owner.sign_in(OWNER, PASSWORD)
    assert owner.get("/api/me/")["is_owner"]
    return owner


def answer_next(person: Person, protocol: int) -> Any:
    claim = person.post("/api/work/claims/", {"protocol": protocol}, expect=201)
    person.post(f"/api/work/claims/{claim['id']}/shown/")
    draft = {"payload": {"completion": "Half an ans"}, "seconds": 3}
    person.ask("PUT", f"/api/work/claims/{claim['id']}/draft/", draft, expect=200)
    kept = {row["id"]: row["draft"] for row in person.get("/api/work/")["claims"]}
    assert kept[claim["id"]] == draft["payload"]
    return submit(person, claim)


def submit(person: Person, claim: Any) -> Any:
    payload: dict[str, Any] = {"completion": "Water it from below and give it light."}
    if claim["kind"] == "ranking":
        payload = {"tiers": [[shown["label"]] for shown in claim["completions"]]}
    body = {"payload": payload, "seconds": 20.5, "idempotency_key": str(uuid.uuid4())}
    return person.post(f"/api/work/claims/{claim['id']}/submit/", body)["answer"]


def freeze(person: Person, here: str, name: str) -> Any:
    release = person.post(f"{here}/releases/", {"name": name, "selection": {}}, expect=202)
    return person.until_ended(f"{here}/releases/{release['id']}/")


def view(person: Person, views: str, format: str) -> list[Any]:
    """Ask for a view of a release and return its rows for training."""
    asked = person.post(views, {"format": format}, expect=202)
    written = person.until_ended(f"{views}{asked['id']}/")
    assert written["state"] == "done"
    sent = person.ask("GET", f"{views}{asked['id']}/files/train.jsonl", expect=200).body
    assert isinstance(sent, bytes)
    return [json.loads(line) for line in sent.splitlines()]


def train(person: Person, here: str, release: int, stage: str) -> Any:
    order = {"release": release, "stage": stage, "start": {"preset": "tiny"}, "config": SHORT}
    run = person.post(f"{here}/runs/", order, expect=202)
    ended = person.until_ended(f"{here}/runs/{run['id']}/", seconds=200)
    points = person.get(f"{here}/runs/{run['id']}/metrics/")["points"]
    steps = [point["step"] for point in points if point["split"] == "train"]
    assert steps == list(range(1, ended["progress_total"] + 1))
    assert person.get(f"{here}/runs/{run['id']}/log/")["lines"]
    return person.get(f"{here}/models/{ended['model']['id']}/")


def rows_of(person: Person, path: str) -> list[Any]:
    body = person.ask("GET", path, expect=200).body
    assert isinstance(body, bytes)
    return list(parquet.rows_of("rankings", io.BytesIO(body)))
