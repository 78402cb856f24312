"""The queue. Jobs live in each room's jobs.py; a row is the truth and the message only a hint."""

import os
import threading

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation.settings")

app = Celery("bennet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")

# Set when this worker is asked to stop: a job with a child process asks it to save its work and ends.
stopping = threading.Event()


# How far workers and what they start stand behind the web server where processors are short: people wait there.
BEHIND = 5


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def _let_people_go_first(**_: object) -> None:
    os.nice(BEHIND)


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _announce_stop(**_: object) -> None:
    stopping.set()
