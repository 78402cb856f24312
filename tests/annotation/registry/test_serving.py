"""Who may have a model served, what stands in the way, and how much one person may ask."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from annotation.chat.actions import choose_filter
from annotation.exports.queries import StaleData
from annotation.people.actions import BadField, OwnerOnly
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed
from annotation.registry import limits, serving
from annotation.registry.actions import OrderRefused
from annotation.registry.limits import TooMuchAsked
from annotation.registry.models import ModelUse, ModelVersion, Served, ServedState
from annotation.registry.upstreams import UpstreamGone, upstream_for
from tests.people import NOW

pytestmark = pytest.mark.django_db


def test_a_model_is_wanted_up_and_down_again(
    make_model: Callable[..., ModelVersion], researcher: User, annotator: User
) -> None:
    model = make_model()
    served = serving.serve(model=model, actor=researcher, now=NOW)
    assert (served.state, served.name, served.can_chat) == ("starting", model.name, True)
    assert serving.serve(model=model, actor=researcher, now=NOW).pk == served.pk
    with pytest.raises(NotAllowed):
        serving.serve(model=model, actor=annotator, now=NOW)
    with pytest.raises(UpstreamGone, match="is not up: it is starting"):
        upstream_for(served)

    assert serving.report_served(
        served=served, state=ServedState.READY, now=NOW, address="http://127.0.0.1:5", key="secret"
    )
    served.refresh_from_db()
    assert upstream_for(served).base_url == "http://127.0.0.1:5/v1"
    stopped = serving.stop_serving(served=served, actor=researcher, now=NOW)
    assert (stopped.state, stopped.address, stopped.key) == ("stopped", "", "")
    # A child that gets ready when nobody wants it any more changes nothing.
    assert not serving.report_served(served=served, state=ServedState.READY, now=NOW, address="x", key="y")
    assert serving.serve(model=model, actor=researcher, now=NOW).state == "starting"


def test_a_reward_model_does_not_chat_and_a_stale_one_is_not_served(
    make_model: Callable[..., ModelVersion], owner: User
) -> None:
    assert not serving.serve(model=make_model("reward"), actor=owner, now=NOW).can_chat
    stale = make_model()
    served = serving.serve(model=stale, actor=owner, now=NOW)
    ModelVersion.objects.filter(pk=stale.pk).update(stale_at=NOW)
    stale.refresh_from_db()
    served.refresh_from_db()
    assert not served.can_chat
    with pytest.raises(StaleData, match="what was withdrawn since"):
        serving.serve(model=stale, actor=owner, now=NOW)


def test_servers_elsewhere_are_the_owners_to_name(
    project: Project, owner: User, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"name": "Large", "url": "https://models.example/v1/", "model": "large-1", "key_variable": "UPSTREAM_KEY_A"}
    with pytest.raises(OwnerOnly):
        serving.add_upstream(project=project, actor=manager, now=NOW, **named)
    served = serving.add_upstream(project=project, actor=owner, now=NOW, **named)
    monkeypatch.setenv("UPSTREAM_KEY_A", "k")
    upstream = upstream_for(served)
    assert (upstream.base_url, upstream.key, upstream.model) == ("https://models.example/v1", "k", "large-1")
    assert (served.upstream_kind, served.can_chat) == ("chat", True)
    for wrong, field in (
        ({"url": "ftp://x"}, "url"),
        ({"kind": "rank"}, "kind"),
        ({"url": "http://169.254.169.254/v1"}, "url"),
        ({"url": "https://me:secret@x/v1"}, "url"),
        ({"model": " "}, "model"),
        ({"key_variable": "SECRET_KEY"}, "key_variable"),
        ({}, "name"),
    ):
        with pytest.raises(OrderRefused) as refused:
            serving.add_upstream(project=project, actor=owner, now=NOW, **{**named, **wrong})
        assert [name for name, _ in refused.value.errors] == [field]
    assert Served.objects.count() == 1


def test_a_server_is_forgotten_that_nobody_has_talked_to(
    project: Project, owner: User, researcher: User, make_model: Callable[..., ModelVersion]
) -> None:
    def named(name: str, kind: str) -> Served:
        elsewhere = {"url": "https://models.example/v1", "model": "m", "key_variable": ""}
        return serving.add_upstream(project=project, actor=owner, now=NOW, name=name, kind=kind, **elsewhere)

    partner, guard = named("Partner", "chat"), named("Guard", "llama_guard")
    assert (partner.can_chat, guard.can_chat) == (True, False)
    with pytest.raises(OwnerOnly):
        serving.remove_upstream(served=partner, actor=researcher)
    choose_filter(project=project, served=guard, actor=owner, now=NOW)
    with pytest.raises(BadField):
        choose_filter(project=project, served=partner, actor=owner, now=NOW)
    with pytest.raises(serving.StillReferred, match="stop it instead"):
        serving.remove_upstream(served=guard, actor=owner)
    choose_filter(project=project, served=None, actor=owner, now=NOW)
    serving.remove_upstream(served=guard, actor=owner)
    own = serving.serve(model=make_model(), actor=owner, now=NOW)
    for refused in (
        lambda: serving.remove_upstream(served=own, actor=owner),
        lambda: serving.ask_again(served=own, actor=owner, now=NOW),
    ):
        with pytest.raises(OrderRefused):
            refused()
    assert {row.name for row in Served.objects.all()} == {"Partner", own.name}


def test_people_ask_so_often_a_minute_and_so_much_a_day(owner: User, settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE, settings.TOKENS_PER_DAY = 2, 100
    for _ in range(2):
        limits.take(user=owner, now=NOW)
    with pytest.raises(TooMuchAsked, match="2 times a minute") as often:
        limits.take(user=owner, now=NOW)
    assert 0 < often.value.wait <= 60
    limits.take(user=owner, now=NOW + timedelta(minutes=1))
    limits.note_tokens(user_id=owner.pk, tokens=100, now=NOW)
    with pytest.raises(TooMuchAsked, match="100 tokens"):
        limits.take(user=owner, now=NOW + timedelta(minutes=2))
    limits.take(user=owner, now=NOW + timedelta(days=1))
    assert [(use.requests, use.tokens) for use in ModelUse.objects.order_by("day")] == [(5, 100), (1, 0)]


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_all_count(owner: User, settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = 5

    def ask(number: int) -> bool:
        try:
            limits.take(user=owner, now=NOW)
            return True
        except TooMuchAsked:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(12))) == 5
