from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from annotation.people import actions as people_actions


class Command(BaseCommand):
    help = "Show the owner's one-time sign-in link while nobody has signed in as the owner."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        owner = people_actions.ensure_owner()
        if owner.last_login is None:
            token = people_actions.create_sign_in_link(user=owner, now=timezone.now())
            self.stdout.write(f"Sign in as the owner, once: {settings.PUBLIC_URL}/welcome/{token}")
