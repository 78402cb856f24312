from typing import Any

from celery import current_app
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from kombu.exceptions import OperationalError as QueueUnreachable


class Command(BaseCommand):
    help = "Bring database and queue to what this version needs, if they and the bucket can be reached. Safe to repeat."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"DATABASE_URL names a database that cannot be reached: {error}") from error
        self._reach_bucket()
        call_command("migrate", verbosity=options["verbosity"], interactive=False, skip_checks=True)
        call_command("install_queue")
        self._reach_queue()

    def _reach_bucket(self) -> None:
        if not settings.MEDIA_ROOT.startswith("s3://"):
            return
        try:
            default_storage.listdir("")
        except OSError as error:
            raise CommandError(f"MEDIA_ROOT names a bucket that cannot be reached: {error}") from error

    def _reach_queue(self) -> None:
        if settings.QUEUE_SCHEME == "pgmq":
            return
        with current_app.connection_for_write() as queue:
            try:
                queue.ensure_connection(max_retries=1, timeout=5)
            except QueueUnreachable as error:
                raise CommandError(f"CELERY_BROKER_URL names a queue that cannot be reached: {error}") from error
