from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from annotation.operations import actions
from annotation.operations.jobs import enqueue, grow_demo
from annotation.people import actions as people_actions


class Command(BaseCommand):
    help = "Fill an empty site with the demo project; show the owner's sign-in link while nobody has used it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new-link", action="store_true", help="make another link, though one was used before")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = people_actions.ensure_owner()
        imports = actions.load_demo(owner=owner, now=timezone.now())
        for pk in imports:
            enqueue("import", pk)
        if imports:
            grow_demo.delay()
        if owner.last_login is None or options["new_link"]:
            token = people_actions.create_sign_in_link(user=owner, now=timezone.now())
            self.stdout.write(f"Sign in as the owner, once: {settings.PUBLIC_URL}/welcome/{token}")
        else:
            self.stdout.write(
                f"Sign in at {settings.PUBLIC_URL}; a new link for the owner: manage.py welcome --new-link"
            )
