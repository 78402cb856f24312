"""A child process for the tests of launch.py: `python child.py SCRIPT`, one command a line.

say TEXT · warn TEXT (stderr) · flood N · sleep SECONDS · pid · environment NAME · spawn (a grandchild) ·
deaf (ignores SIGTERM) · polite (says “saved” to it and ends with 130) ·
wait (until standard input closes) · killed · exit CODE
"""

import json
import os
import signal
import subprocess
import sys
import time


def say(**event: object) -> None:
    write(json.dumps(event))


def write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def flood(count: str) -> None:
    for step in range(int(count)):
        say(event="metric", step=step, split="train", values={"loss": 1.0})


def be_polite(_: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: (say(event="log", message="saved"), sys.exit(130)))


def wait(_: str) -> None:
    say(event="log", message="waiting")
    sys.stdin.read()
    sys.exit(3)


COMMANDS = {
    "say": write,
    "warn": lambda text: sys.stderr.write(text + "\n"),
    "flood": flood,
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "pid": lambda _: say(event="log", message=str(os.getpid())),
    "environment": lambda name: say(event="log", message=os.environ.get(name, "")),
    "spawn": lambda _: say(event="log", message=str(subprocess.Popen(["sleep", "600"]).pid)),
    "deaf": lambda _: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "polite": be_polite,
    "wait": wait,
    "killed": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    "exit": lambda code: sys.exit(int(code)),
}

for line in sys.argv[1].splitlines():
    word, _, argument = line.partition(" ")
    COMMANDS[word](argument)
