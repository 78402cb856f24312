"""Keep every model up that is wanted up; `manage.py up` runs this beside the web server and the workers."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from annotation.registry.keeping import Keeper

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5


class Command(BaseCommand):
    help = "Serve every model that is wanted up, each in a child process of its own, until stopped."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        keeper = Keeper(settings.SERVING_ROOT)
        try:
            while not stopped.wait(LOOK_SECONDS):
                try:
                    close_old_connections()
                    keeper.step()
                except (OperationalError, InterfaceError) as error:
                    # The models go on answering; what they said meanwhile is heard later.
                    logger.warning("The database does not answer: %s", error)
                    connection.close()
        finally:
            keeper.close()
