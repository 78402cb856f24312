from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from annotation.processes import postgres, queue


class Command(BaseCommand):
    help = "Install the message queue's tables into the database. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.QUEUE_SCHEME != "pgmq":
            return
        with psycopg.connect(postgres.url_of(connection.settings_dict)) as raw:
            installed = queue.install(raw)
        if installed:
            self.stdout.write("The queue's tables are installed.")
