"""The one table of who may do what in a project."""

from __future__ import annotations

from django.db.models import QuerySet

from annotation.people.models import User
from annotation.projects.models import Membership, Project, Protocol, ProtocolState, Role

_LOOK = frozenset({"view_project", "chat"})
_READ = _LOOK | {"view_prompts", "view_answers", "view_quality", "view_release", "view_board"}

ROLE_VERBS: dict[str, frozenset[str]] = {
    Role.MANAGER: _READ
    | {
        "manage_project",
        "manage_members",
        "manage_protocols",
        "manage_tasks",
        "view_hours",
        "view_downloads",
        "withdraw_data",
        "do_work",
        "review_answers",
        "add_prompts",
        "import_data",
        "create_release",
        "start_run",
        "view_run",
        "write_completions",
        "serve_models",
        "manage_chat",
        "ask_for_two_answers",
        "review_appeals",
    },
    Role.RESEARCHER: _READ
    | {
        "add_prompts",
        "import_data",
        "create_release",
        "manage_tasks",
        "start_run",
        "view_run",
        "write_completions",
        "serve_models",
        "ask_for_two_answers",
    },
    Role.REVIEWER: _READ | {"do_work", "review_answers", "review_appeals"},
    Role.ANNOTATOR: _LOOK | {"do_work"},
    Role.CHAT_USER: _LOOK,
}

VERBS: frozenset[str] = frozenset().union(*ROLE_VERBS.values())


# An archived project is read, by those whom its managers let in, until they take it out of the archive.
# What people take back they may take back of an archived project too.
ARCHIVED_VERBS = frozenset(verb for verb in VERBS if verb.startswith("view_")) | {
    "manage_project",
    "manage_members",
    "withdraw_data",
}


class NotAllowed(Exception):
    """The person may see the project but not do this in it."""


class ProjectArchived(Exception):
    """The person might do this, were the project not archived."""


class ProtocolArchived(Exception):
    """The person might do this, were the protocol not archived."""


def verbs_of(user: User, project: Project) -> frozenset[str]:
    """Return what the person may do here; one query, none for the site's owner."""
    role = None if user.is_owner else _role_of(user, project)
    return verbs_with(user, role, is_archived=project.archived_at is not None)


def verbs_with(user: User, role: str | None, *, is_archived: bool = False) -> frozenset[str]:
    """Return what the person may do in a project where they have this role; no query."""
    verbs = VERBS if user.is_owner else ROLE_VERBS[role] if role else frozenset()
    return verbs & ARCHIVED_VERBS if is_archived else verbs


def projects_where(user: User, verb: str) -> QuerySet[Project]:
    """Return the projects in which the person may do this: what other rooms' `visible_to` is made of."""
    if user.is_owner:
        return Project.objects.all()
    roles = [role for role, verbs in ROLE_VERBS.items() if verb in verbs]
    return Project.objects.filter(memberships__user=user, memberships__role__in=roles)


def can(user: User, verb: str, project: Project) -> bool:
    if verb not in VERBS:
        raise KeyError(f"No role has the verb {verb!r}: is it spelled right?")
    return user.is_active and verb in verbs_of(user, project)


def require(user: User, verb: str, project: Project) -> None:
    """Raise NotAllowed unless the person may do this in the project; ProjectArchived where only that is in the way."""
    if can(user, verb, project):
        return
    if user.is_active and verb in verbs_with(user, _role_of(user, project)):
        raise ProjectArchived(f"“{project}” is archived: nothing in it changes until it is taken out of the archive.")
    raise NotAllowed(f"Your role in “{project}” does not allow this ({verb.replace('_', ' ')}).")


def require_unarchived(protocol: Protocol) -> None:
    """Raise ProtocolArchived."""
    if protocol.state == ProtocolState.ARCHIVED:
        raise ProtocolArchived(f"“{protocol}” is archived: nothing in it changes until it is taken out of the archive.")


def _role_of(user: User, project: Project) -> str | None:
    return Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()


def require_somewhere(user: User, verb: str) -> None:
    """Raise NotAllowed unless the person may do this in some project."""
    if not (user.is_owner or projects_where(user, verb).exists()):
        raise NotAllowed(f"In none of your projects does your role allow this ({verb.replace('_', ' ')}).")
