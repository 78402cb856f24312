"""What a chat stands on goes away in the middle of an answer: the child that serves it, its filter, the database."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.db.models import QuerySet
from pytest_django.fixtures import Settings

from annotation.chat import actions, answering
from annotation.chat.answering import Event, Exchange
from annotation.chat.models import Conversation, Turn
from annotation.chat.window import LARGEST_WINDOW
from annotation.people.models import User
from annotation.registry import serving
from annotation.registry.keeping import Keeper
from annotation.registry.models import ModelVersion, Served
from annotation.registry.upstreams import upstream_for
from tests.annotation.chat.test_answering import say, tree
from tests.annotation.registry.test_keeping import BUILD, until
from tests.chatting import Partners
from tests.elsewhere import Messages, serving_elsewhere
from tests.people import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_folders")]


@pytest.fixture
def child(make_model: Callable[..., ModelVersion], owner: User, tmp_path: Path) -> Served:
    model = make_model()
    subprocess.run([sys.executable, "-W", "ignore", "-c", BUILD, str(tmp_path / "built")], check=True, timeout=120)
    shutil.copytree(tmp_path / "built", default_storage.path(model.stored_prefix), dirs_exist_ok=True)
    return serving.serve(model=model, actor=owner, now=NOW)


@pytest.fixture
def keeper(tmp_path: Path, settings: Settings) -> Iterator[Keeper]:
    settings.INSTALL_STATE = tmp_path / "no-install"
    keeper = Keeper(tmp_path / "serving")
    yield keeper
    keeper.close()


@pytest.mark.training
def test_a_child_killed_in_its_answer_or_a_filter_that_is_gone_ends_the_turn_and_says_so(
    child: Served, keeper: Keeper, owner: User, chat_user: User
) -> None:
    doomed: list[int] = []

    def safe(messages: Messages) -> list[str]:
        """Find nothing wrong; a child that is doomed is killed as soon as the first of its answer is read."""
        if messages[-1]["role"] == "assistant" and doomed:
            os.killpg(doomed.pop(), signal.SIGKILL)
        return ["safe"]

    with ExitStack() as filtering:
        guard = filtering.enter_context(serving_elsewhere(safe))
        named = {"name": "Guard", "url": guard.url, "model": "llama-guard-3-8b", "key_variable": ""}
        stands = serving.add_upstream(project=child.project, actor=owner, kind="llama_guard", now=NOW, **named)
        actions.choose_filter(project=child.project, served=stands, actor=owner, now=NOW)
        until(keeper, child, "ready")
        seed = talkative(child)
        talk = actions.start_conversation(project=child.project, served=child, actor=chat_user, now=NOW)

        def ask() -> Iterator[Event]:
            turn = actions.say(conversation=talk, parent=None, text="Say something.", actor=chat_user, now=NOW)
            served = Served.objects.select_related("model").get(pk=child.pk)
            return Exchange(turn, served, stands, seed, lambda: NOW).events()

        process = keeper.kept[child.pk].child
        assert process is not None
        doomed.append(process.pid)
        events = list(ask())
        assert (events[-1]["type"], events[-1]["error"]) == ("failed", "model_down")
        answer = Turn.objects.get(role="assistant")
        assert (answer.state, answer.error) == ("failed", "model_down")
        assert answer.text == "".join(event.get("text", "") for event in events) != ""

        # It is started again, and answers as if nothing had been; then the filter goes.
        until(keeper, child, "failed")
        until(keeper, child, "ready")
        going = ask()
        assert next(event["text"] for event in going if event["type"] == "piece")
        filtering.close()
        rest = list(going)
    assert (rest[-1]["type"], rest[-1]["error"]) == ("failed", "filter_down")
    assert [event["error"] for event in ask()] == ["filter_down"]
    ended = Turn.objects.order_by("pk").values_list("state", "error")
    assert [*ended][-2:] == [("failed", "filter_down")] * 2


def talkative(child: Served) -> int:
    """Return a seed by which the small model's noise is too long to have ended when its child is killed."""

    def characters(seed: int) -> int:
        asked = [{"role": "user", "content": "Say something."}]
        sampling = {"temperature": answering.TEMPERATURE, "max_tokens": answering.MAX_TOKENS}
        return sum(map(len, upstream_for(child).chat(asked, seed=seed, **sampling)))  # type: ignore[arg-type]

    return next(seed for seed in range(50) if characters(seed) > LARGEST_WINDOW)


def test_a_database_that_is_away_for_a_while_costs_no_word(
    conversation: Conversation, partners: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "BEAT_SECONDS", 0)
    monkeypatch.setattr(answering, "AGAIN_SECONDS", 0.01)
    partners.pieces = ["word " * 40] * 3
    update, away = QuerySet.update, iter([True] * 4)

    def while_away(rows: QuerySet[Turn], **columns: object) -> int:
        if rows.model is Turn and partners.asked and next(away, False):
            raise OperationalError("the database system is shutting down")
        return update(rows, **columns)

    monkeypatch.setattr(QuerySet, "update", while_away)
    events = list(say(conversation, "What is a lease?").events())
    assert events[-1]["state"] == "complete"
    assert next(away, None) is None
    assert tree(conversation)[1] == ("assistant", "complete", "word " * 120)


def test_a_database_that_stays_away_leaves_the_turn_to_the_sweep(
    conversation: Conversation, partners: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = say(conversation, "What is a lease?")
    update = QuerySet.update

    def away(rows: QuerySet[Turn], **columns: object) -> int:
        if rows.model is Turn and partners.asked:
            raise OperationalError("the database system is shutting down")
        return update(rows, **columns)

    with monkeypatch.context() as patch:
        patch.setattr(answering, "AWAY_SECONDS", 0)
        patch.setattr(QuerySet, "update", away)
        with pytest.raises(OperationalError):
            list(exchange.events())
    assert conversation.turns.get(role="assistant").state == "writing"
    actions.end_silent(now=NOW + 2 * actions.SILENT)
    assert tree(conversation)[1][1] == "failed"
    assert list(say(conversation, "And a hedge?").events())[-1]["state"] == "complete"
