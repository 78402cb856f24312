"""A model that is wanted up is up: a real child answers, is started again when it dies, and is gone when stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from pytest_django.fixtures import Settings

from annotation.people.models import User
from annotation.registry import serving
from annotation.registry.keeping import Keeper
from annotation.registry.models import ModelVersion, Served
from annotation.registry.upstreams import UpstreamGone, upstream_for
from tests.people import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.training]

HELLO = [{"role": "user", "content": "Say something."}]
# Built in a process of its own: this one is Django's, and torch has no place in it.
BUILD = """
import sys
from pathlib import Path
from training.model import build_causal
from training.tokenizer import train_tokenizer
tokenizer = train_tokenizer(["Say something about the river, the stone and the lamp."] * 20, 300)
build_causal("tiny", tokenizer, 0).save_pretrained(sys.argv[1])
tokenizer.save_pretrained(sys.argv[1])
"""


@pytest.fixture
def served(make_model: Callable[..., ModelVersion], owner: User, tmp_path: Path) -> Served:
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


def until(keeper: Keeper, served: Served, state: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while served.state != state:
        assert time.monotonic() < deadline, f"{served.state}: {served.said}"
        time.sleep(0.05)
        keeper.step()
        served.refresh_from_db()


def test_a_model_is_kept_up(keeper: Keeper, served: Served, owner: User) -> None:
    until(keeper, served, "ready")
    upstream = upstream_for(served)
    said = "".join(upstream.chat(HELLO, temperature=0, max_tokens=8))
    assert "".join(upstream.chat(HELLO, temperature=0, max_tokens=8)) == said
    with pytest.raises(UpstreamGone, match="moderates nothing"):
        upstream.moderate(["x"])

    # Killed in the middle of an answer: whoever listens is told, and it is started again.
    pieces = upstream.chat(HELLO, temperature=1, max_tokens=400, seed=1)
    next(pieces)
    child = keeper.kept[served.pk].child
    assert child is not None
    os.killpg(child.pid, signal.SIGKILL)
    with pytest.raises(UpstreamGone, match=r"broke off|does not answer"):
        list(pieces)
    until(keeper, served, "failed")
    assert "started again" in served.said
    until(keeper, served, "ready")
    assert "".join(upstream_for(served).chat(HELLO, temperature=0, max_tokens=8)) == said

    # Stopped and wanted again before anybody looked: the child goes on, and the row hears of it.
    serving.stop_serving(served=served, actor=owner, now=NOW)
    assert served.model is not None
    serving.serve(model=served.model, actor=owner, now=NOW)
    served.refresh_from_db()
    assert served.state == "starting"
    until(keeper, served, "ready", seconds=5)

    serving.stop_serving(served=served, actor=owner, now=NOW)
    keeper.step()
    assert keeper.kept == {}
    with pytest.raises(UpstreamGone, match="is not up: it is stopped"):
        upstream_for(Served.objects.get(pk=served.pk))


def test_a_model_whose_files_are_gone_says_so(
    keeper: Keeper, make_model: Callable[..., ModelVersion], owner: User
) -> None:
    model = make_model()
    served = serving.serve(model=model, actor=owner, now=NOW)
    shutil.rmtree(default_storage.path(model.stored_prefix))
    until(keeper, served, "failed")
    assert served.said == "Its files are gone from storage."
