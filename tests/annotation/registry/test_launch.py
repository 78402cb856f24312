"""Child processes: what they say is heard, and none outlives its parent."""

import os
import subprocess
import sys
import textwrap
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from annotation.registry import launch
from annotation.registry.launch import Event

CHILD = Path(__file__).with_name("child.py")


def command(*script: str) -> list[str]:
    return [sys.executable, str(CHILD), "\n".join(script)]


def running(command: list[str], **options: float) -> AbstractContextManager[launch.Child]:
    return launch.running(command, folder=CHILD.parent, **options)


def all_events(child: launch.Child) -> list[Event]:
    heard: list[Event] = []
    while (events := child.events(wait_seconds=0.2)) is not None:
        heard += events
    return heard


def wait_for_event(child: launch.Child) -> Event:
    for _ in range(100):
        events = child.events(wait_seconds=0.1)
        if events:
            return events[0]
    raise AssertionError("the child said nothing")


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while is_alive(pid):
        assert time.monotonic() < end, f"process {pid} is still there"
        time.sleep(0.02)


def test_events_arrive_in_order_and_the_end_is_told() -> None:
    with running(command("flood 5000", "exit 0")) as child:
        steps = [event["step"] for event in all_events(child)]
        assert steps == list(range(5000))
        assert child.exit_code() == 0
        assert child.events(wait_seconds=0) is None


def test_an_event_without_end_of_line_is_not_lost() -> None:
    script = 'import sys; sys.stdout.write(\'{"event": "log", "message": "last"}\')'
    with running([sys.executable, "-c", script]) as child:
        assert all_events(child) == [{"event": "log", "message": "last"}]


def test_a_silent_child_does_not_hold_the_listener_up() -> None:
    with running(command("sleep 30"), patience_seconds=1) as child:
        started = time.monotonic()
        assert child.events(wait_seconds=0.3) == []
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("line", ["Loading weights", '["event"]', '{"loss": 1}', '{"event": 7}', '{"event": "log"'])
def test_a_line_that_is_no_event_becomes_a_warning(line: str) -> None:
    assert launch.event_of(line.encode()) == {"event": "log", "level": "warning", "message": line}


def test_what_postgresql_cannot_store_is_taken_out() -> None:
    line = b'{"event": "metric", "values": {"loss": NaN, "lowest": [-Infinity]}, "note": "a\\u0000b"}'
    assert launch.event_of(line) == {
        "event": "metric",
        "values": {"loss": None, "lowest": [None]},
        "note": "ab",
    }
    assert launch.event_of(b"\xff\x00") == {"event": "log", "level": "warning", "message": "\ufffd"}


def test_the_last_words_of_a_crash_are_kept() -> None:
    with running(command(*[f"warn line {n}" for n in range(100)], "exit 7")) as child:
        assert all_events(child) == []
        assert child.exit_code() == 7
        assert child.last_words().splitlines() == [f"line {n}" for n in range(60, 100)]


def test_asked_to_stop_the_child_has_its_say() -> None:
    with running(command("polite", "pid", "sleep 60")) as child:
        wait_for_event(child)
        child.ask_to_stop()
        assert [event["message"] for event in all_events(child)] == ["saved"]
        assert child.exit_code() == 130


def test_a_deaf_child_is_killed_with_all_that_it_started() -> None:
    with running(command("deaf", "spawn", "sleep 600"), patience_seconds=0.5) as child:
        grandchild = int(wait_for_event(child)["message"])
        assert is_alive(grandchild)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    wait_until_gone(child.pid)
    wait_until_gone(grandchild)


def test_an_error_in_the_block_ends_the_child() -> None:
    with pytest.raises(ValueError, match="mine"), running(command("sleep 600"), patience_seconds=5) as child:
        raise ValueError("mine")
    wait_until_gone(child.pid)


def test_the_child_learns_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD"):
        monkeypatch.setenv(name, "hidden")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    names = ["SECRET_KEY", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "CUDA_VISIBLE_DEVICES"]
    with running(command(*[f"environment {name}" for name in names])) as child:
        assert [event["message"] for event in all_events(child)] == ["", "", "", "", "0"]


def test_the_child_yields_to_the_pages() -> None:
    with running(command("sleep 60"), patience_seconds=5) as child:
        assert os.getpriority(os.PRIO_PROCESS, child.pid) >= 10


PARENT = """
    import sys, time
    sys.path.insert(0, {root!r})
    import django
    from django.conf import settings
    settings.configure(ROOT=__import__("pathlib").Path({root!r}))
    from annotation.registry import launch
    with launch.running([sys.executable, {child!r}, {script!r}], folder="/") as child:
        print(child.pid, flush=True)
        time.sleep(600)
"""


@pytest.mark.parametrize("script", ["wait", "sleep 600"])
def test_a_child_dies_with_a_parent_that_is_killed(script: str) -> None:
    """By the closed pipe when it listens; by the kernel when it does not."""
    root = str(CHILD.parents[3])
    source = textwrap.dedent(PARENT).format(root=root, child=str(CHILD), script=script)
    parent = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    try:
        pid = int(parent.stdout.readline())
        time.sleep(0.3)
        assert is_alive(pid)
        parent.kill()
        parent.wait()
        wait_until_gone(pid)
    finally:
        parent.kill()
        parent.stdout.close()
