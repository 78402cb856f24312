"""Verbs on people: the owner, imported judges, links that sign in once, API tokens, one's own profile."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.http import int_to_base36

from annotation.people.models import ApiToken, SignInLink, User
from annotation.people.shortcuts import BadShortcut, checked

SIGN_IN_LINK_DAYS = 7
# `chat` lets a token ask models over the gateway, and nothing else.
SCOPES = ("read", "write", "chat")
LANGUAGES = ("en", "nb")
TOKEN_DAYS_MAXIMUM = 366
# How exactly a token's last use is known: more often it is not written.
LAST_USE_SECONDS = 60


class LinkNotUsable(Exception):
    """The link is unknown, used or too old."""


class OwnerOnly(Exception):
    """Only the site's owner may do this."""


class BadField(ValueError):
    """A field has a value that cannot be taken; says which and why."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


def link_sha256(token: str) -> str:
    """Return what is stored of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def require_owner(actor: User) -> None:
    if not (actor.is_active and actor.is_owner):
        raise OwnerOnly("Only the owner of this site may do this.")


@transaction.atomic
def ensure_owner(*, email: str = "owner@bennet.invalid", name: str = "Owner") -> User:
    """Return the site's owner, made on the first start without a password: a sign-in link lets them in."""
    owner = User.objects.select_for_update().filter(is_owner=True).order_by("pk").first()
    return owner or User.objects.create_user(email, None, name=name, is_owner=True)


def create_sign_in_link(*, user: User, now: datetime) -> str:
    """Return a token that signs the person in once; only its hash is stored."""
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=SIGN_IN_LINK_DAYS)
    SignInLink.objects.create(user=user, token_sha256=link_sha256(token), created_at=now, expires_at=expires_at)
    return token


def redeem_sign_in_link(*, token: str, now: datetime) -> User:
    """Return whom the link signs in, and use it up. Raise LinkNotUsable."""
    usable = SignInLink.objects.filter(token_sha256=link_sha256(token), used_at=None, expires_at__gt=now)
    link = usable.select_related("user").first()
    if link is None or not link.user.is_active or not usable.filter(pk=link.pk).update(used_at=now):
        raise LinkNotUsable("This link has been used or is too old. Ask the owner of the site for a new one.")
    return link.user


def reset_key_for(*, user: User, actor: User) -> str:
    """Return a password reset key for handing over by other means than e-mail. Raise OwnerOnly."""
    require_owner(actor)
    # The form that django-allauth takes at password reset.
    return f"{int_to_base36(user.pk)}-{default_token_generator.make_token(user)}"


def set_active(*, user: User, is_active: bool, actor: User) -> User:
    """Let a person in or keep them out. Raise OwnerOnly, or BadField for the owner's own account."""
    require_owner(actor)
    if user.pk == actor.pk:
        raise BadField("is_active", "you cannot shut out yourself")
    if user.email is None:
        raise BadField("is_active", "an imported judge never signs in")
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def update_profile(
    *,
    actor: User,
    name: str | None = None,
    language: str | None = None,
    email: str | None = None,
    shortcuts: Any = None,
) -> User:
    """Change one's own name, language or keys, and the owner their address, made up at first. Raise BadField."""
    changed: dict[str, Any] = {}
    if name is not None:
        if not name.strip():
            raise BadField("name", "must not be empty")
        changed["name"] = name.strip()[:150]
    if language is not None:
        if language not in LANGUAGES:
            raise BadField("language", f"must be one of {', '.join(LANGUAGES)}")
        changed["language"] = language
    if shortcuts is not None:
        try:
            changed["shortcuts"] = checked(shortcuts)
        except BadShortcut as error:
            raise BadField("shortcuts", str(error)) from error
    if email is not None and email.lower() != actor.email:
        _change_address(actor, email.lower())
    for field, value in changed.items():
        setattr(actor, field, value)
    actor.save(update_fields=list(changed))
    return actor


def _change_address(actor: User, email: str) -> None:
    """Everybody else's address is the one they were invited by: nobody has shown that another is theirs."""
    if not actor.is_owner:
        raise BadField("email", "is the address you were invited by; only the owner of the site can change theirs")
    try:
        with transaction.atomic():
            actor.email = email
            actor.save(update_fields=["email"])
    except IntegrityError as error:
        raise BadField("email", "belongs to somebody else here") from error


def set_own_password(*, actor: User, current_password: str, new_password: str) -> User:
    """Set one's own password; the old one is asked for where there is one. Raise BadField."""
    if actor.has_usable_password() and not actor.check_password(current_password):
        raise BadField("current_password", "is not your password")
    check_password_strength(new_password, actor, field="new_password")
    actor.set_password(new_password)
    actor.save(update_fields=["password"])
    return actor


def check_password_strength(password: str, user: User | None = None, *, field: str = "password") -> None:
    """Raise BadField saying why a password is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadField(field, " ".join(error.messages)) from error


def create_token(
    *, actor: User, name: str, scopes: Sequence[str], expires_in_days: int, now: datetime
) -> tuple[ApiToken, str]:
    """Return a new API token and its text, which is stored nowhere. Raise BadField."""
    if not name.strip():
        raise BadField("name", "say what the token is for")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise BadField("scopes", f"choose from {', '.join(SCOPES)}")
    if not 1 <= expires_in_days <= TOKEN_DAYS_MAXIMUM:
        raise BadField("expires_in_days", f"must be between 1 and {TOKEN_DAYS_MAXIMUM}")
    scopes = sorted(set(scopes))
    row, text = ApiToken.objects.create(
        user=actor, expiry=timedelta(days=expires_in_days), name=name.strip()[:100], scopes=scopes
    )
    return row, text


def note_token_use(*, token: ApiToken, now: datetime) -> None:
    """Record when a token was last used, at most once a minute."""
    known_until = now - timedelta(seconds=LAST_USE_SECONDS)
    if token.last_used_at is None or token.last_used_at <= known_until:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def revoke_token(*, token: ApiToken) -> None:
    token.delete()
