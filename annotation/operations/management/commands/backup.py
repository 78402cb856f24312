from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotation.operations import backup, dump, site


class Command(BaseCommand):
    help = "Write the database and all files into one archive. The site may go on running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with site.database_running():
                contents = backup.back_up(file, now=timezone.now())
        except (dump.DumpFailed, OSError) as error:
            raise CommandError(f"The backup was not written: {error}") from error
        self.stdout.write(f"{file} holds the database and {len(contents.sha256) - 1} files.")
