"""A served model, a filter before it, and what both say, for tests that serve nothing. A plugin, as runs.py is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from annotation.chat import actions, answering, choosing
from annotation.chat.models import ChatSetup, Conversation, ModerationDecision, Turn
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import ModelVersion, Served
from annotation.registry.upstreams import UpstreamGone, Verdict
from tests.people import NOW

# What the filter of the tests finds, as people who are harmed would.
POISON = "poison"


@dataclass
class Partners:
    """What the model says and what the filter thinks, in place of both."""

    pieces: Sequence[str] = ("A lease ", "is a contract.")
    is_up: bool = True
    has_filter: bool = True
    asked: list[Any] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    # Called before each piece.
    meanwhile: Callable[[], object] = lambda: None
    # Who speaks for a served model of this name; for all others this does.
    others: dict[str, Partners] = field(default_factory=dict)

    def __call__(self, served: Served) -> Partners:
        return self.others.get(served.name, self)

    def chat(self, messages: Sequence[Mapping[str, str]], **sampling: Any) -> Iterator[str]:
        self.asked.append([*messages])
        for piece in self.pieces:
            self.meanwhile()
            if not self.is_up:
                raise UpstreamGone("It does not answer.")
            yield piece

    def moderate(self, texts: Sequence[str], *, answering: str = "") -> list[Verdict]:
        self.read += texts
        if not self.has_filter:
            raise UpstreamGone("It does not answer.")
        return [Verdict(("illicit",), {"illicit": 0.9}) if POISON in text else Verdict((), {}) for text in texts]


@pytest.fixture
def partners(monkeypatch: pytest.MonkeyPatch) -> Partners:
    both = Partners()
    monkeypatch.setattr(answering, "upstream_for", both)
    return both


@pytest.fixture
def served(project: Project, owner: User, make_model: Callable[..., ModelVersion]) -> Served:
    """A model that answers, behind a filter."""
    return serve(project, owner, make_model())


@pytest.fixture
def conversation(project: Project, served: Served, chat_user: User) -> Conversation:
    return actions.start_conversation(project=project, served=served, actor=chat_user, now=NOW)


def serve(project: Project, owner: User, model: ModelVersion) -> Served:
    made = {"project": project, "state": "ready", "changed_at": NOW, "created_by": owner}
    stands = Served.objects.create(
        name=f"filter-{project.pk}",
        upstream_kind="moderation",
        upstream_url="http://127.0.0.1:9",
        **made,
    )
    ChatSetup.objects.create(project=project, filter=stands, changed_by=owner, changed_at=NOW)
    return Served.objects.create(name=f"{model.name}-{model.pk}", model=model, address="http://127.0.0.1:9", **made)


def serve_another(served: Served, name: str = "another") -> Served:
    """Serve one more model beside it, on a server elsewhere."""
    return Served.objects.create(
        project=served.project, name=name, upstream_url="http://127.0.0.1:9", upstream_kind="chat", state="ready",
        changed_at=NOW, created_by=served.created_by,
    )  # fmt: skip


def offer_two(served: Served, person: User, text: str = "Name a tree.") -> Turn:
    """Begin a conversation in which this was said and answered twice, and the choice is open; return what was said."""
    choosing.ask_for_two(project=served.project, share=1, second=None, actor=served.created_by, now=NOW)
    said = talk(served, person, text).parent
    assert said is not None
    said.refresh_from_db()
    said.children.all().delete()
    made = {"conversation": said.conversation, "parent": said, "role": "assistant", "state": "complete"}
    left, right = (
        Turn.objects.create(text=f"{text} {name}", model_name=served.name, created_at=NOW, beat_at=NOW, **made)
        for name in ("An oak.", "A car.")
    )
    asked = choosing.asked_of(said.conversation)
    assert asked is not None
    choosing.begin(said=said, left=left, right=right, asked=asked, now=NOW)
    choosing.settle(said=said, now=NOW)
    return said


def talk(served: Served, person: User, text: str) -> Turn:
    """Begin a conversation in which this was said, let in and answered with the same."""
    begun = actions.start_conversation(project=served.project, served=served, actor=person, now=NOW)
    said = actions.say(conversation=begun, parent=None, text=text, actor=person, now=NOW)
    Turn.objects.filter(pk=said.pk).update(state="complete", finished_at=NOW)
    return Turn.objects.create(
        conversation=begun, parent=said, role="assistant", text=text, state="complete", created_at=NOW, beat_at=NOW
    )


def refuse(turn: Turn, text: str) -> ModerationDecision:
    """Let the filter have found this in the turn."""
    return ModerationDecision.objects.create(
        turn=turn, side="output", flagged=True, categories=["illicit"], text=text, filter_name="filter", at=NOW
    )
