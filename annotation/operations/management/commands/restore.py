from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from annotation.operations import backup, dump, site


class Command(BaseCommand):
    help = "Restore an archive of `backup` into an empty database and an empty MEDIA_ROOT."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace what is there")

    def handle(self, *args: Any, file: Path, force: bool, **options: Any) -> None:
        try:
            with site.lock(), site.database_running():
                contents = backup.restore(file, force=force)
                call_command("prepare", verbosity=options["verbosity"])
        except (backup.BackupUnusable, backup.PlaceNotEmpty, dump.DumpFailed, site.SiteRunning, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored what was backed up at {contents.created_at} by version {contents.version}.")
