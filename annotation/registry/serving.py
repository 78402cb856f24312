"""Which models are kept answering: wanted by people, kept by `manage.py serve_models`, asked through the gateway."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from annotation.people.actions import require_owner
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.registry.actions import OrderRefused, check_usable
from annotation.registry.models import ModelVersion, Served, ServedState, UpstreamKind

# The environment's variables that may hold an upstream's key: no request may name one of the site's own secrets.
KEY_VARIABLE = re.compile(r"UPSTREAM_KEY(_[A-Z0-9]+)*")


class StillReferred(Exception):
    """Rows that stay speak of this server."""


@transaction.atomic
def serve(*, model: ModelVersion, actor: User, now: datetime) -> Served:
    """Want a model up. Raise NotAllowed, OrderRefused, StaleData."""
    require(actor, "serve_models", model.project)
    check_usable(model)
    if model.waits_for_people:
        said = f"{model} waits for people to find it better than the model before it: have them compare the two"
        raise OrderRefused([("model", said)])
    found = Served.objects.select_for_update().filter(model=model).first()
    if found is None:
        return Served.objects.create(
            project=model.project, model=model, name=_free_name(model), created_by=actor, changed_at=now
        )
    if not found.is_wanted or found.state == ServedState.FAILED:
        _write(found, now, is_wanted=True, state=ServedState.STARTING, said="", address="", key="")
    return found


@transaction.atomic
def stop_serving(*, served: Served, actor: User, now: datetime) -> Served:
    """Want a model down; who keeps it notices within a second. Raise NotAllowed."""
    require(actor, "serve_models", served.project)
    _write(served, now, is_wanted=False, state=ServedState.STOPPED, said="", address="", key="")
    return served


def add_upstream(
    *,
    project: Project,
    actor: User,
    name: str,
    url: str,
    model: str,
    key_variable: str,
    now: datetime,
    kind: str = UpstreamKind.CHAT,
) -> Served:
    """Name a server elsewhere that speaks OpenAI's API, and what it is asked for. Raise OwnerOnly, OrderRefused."""
    require_owner(actor)
    require(actor, "serve_models", project)
    errors = [
        (field, said)
        for field, is_wrong, said in (
            ("name", not name.strip() or len(name) > 120, "must be a name of at most 120 characters"),
            ("url", not _is_address(url), "must be an http(s) address that ends before /chat/completions"),
            ("kind", kind not in UpstreamKind.values, f"must be one of {', '.join(UpstreamKind.values)}"),
            ("model", not model.strip() or len(model) > 200, "say what the server calls its model"),
            (
                "key_variable",
                bool(key_variable) and not KEY_VARIABLE.fullmatch(key_variable),
                "must be UPSTREAM_KEY or UPSTREAM_KEY_… : the name of a variable of the site's environment",
            ),
        )
        if is_wrong
    ]
    if errors:
        raise OrderRefused(errors)
    try:
        with transaction.atomic():
            return Served.objects.create(
                project=project,
                name=name.strip(),
                upstream_kind=kind,
                upstream_url=url.rstrip("/"),
                upstream_model=model.strip(),
                upstream_key_variable=key_variable,
                state=ServedState.READY,
                created_by=actor,
                changed_at=now,
            )
    except IntegrityError as error:
        raise OrderRefused([("name", "is taken: another model of this site is called so")]) from error


def ask_again(*, served: Served, actor: User, now: datetime) -> Served:
    """Have a server elsewhere asked once more that was stopped. Raise NotAllowed, OrderRefused."""
    require(actor, "serve_models", served.project)
    if served.model_id is not None:
        raise OrderRefused([("model", "is one of the project's own: serve it from its page")])
    _write(served, now, is_wanted=True, state=ServedState.READY, said="")
    return served


def remove_upstream(*, served: Served, actor: User) -> None:
    """Forget a server elsewhere that nobody has talked to. Raise OwnerOnly, NotAllowed, OrderRefused, StillReferred."""
    require_owner(actor)
    require(actor, "serve_models", served.project)
    if served.model_id is not None:
        raise OrderRefused([("model", "is one of the project's own: stop it from its page")])
    try:
        served.delete()
    except ProtectedError as error:
        raise StillReferred(
            f"{served} stands before this project's models, or people have talked to it: stop it instead."
        ) from error


def report_served(
    *, served: Served, state: ServedState, now: datetime, said: str = "", address: str = "", key: str = ""
) -> bool:
    """Write what became of a served model's child, unless people have stopped it since; return whether it was."""
    rows = Served.objects.filter(pk=served.pk, is_wanted=True)
    return bool(rows.update(state=state, said=said[:2000], address=address, key=key, changed_at=now))


def _write(served: Served, now: datetime, **columns: object) -> None:
    for name, value in columns.items():
        setattr(served, name, value)
    served.changed_at = now
    served.save(update_fields=[*columns, "changed_at"])


def _free_name(model: ModelVersion) -> str:
    """Return the model's name, with its number where another project's model is called so, too."""
    is_taken = Served.objects.filter(name=model.name).exists()
    return f"{model.name[:100]}-{model.pk}" if is_taken else model.name


def _is_address(url: str) -> bool:
    """Whether a URL names a server that the owner may mean: no credentials in it, and no metadata service."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or len(url) > 500:
        return False
    try:
        return not ipaddress.ip_address(parts.hostname).is_link_local
    except ValueError:
        return True
