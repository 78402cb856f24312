"""Signed links: an address that curl, wget or a data loader fetches without a header, for a while, as one person.

The signature covers the address with its query and the person; what that person may see is asked anew at each use.
A changed password ends a person's links, as do being shut out and the time set by DOWNLOAD_LINK_HOURS.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import QueryDict
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from annotation.people.actions import LinkNotUsable
from annotation.people.models import User

PARAMETER = "signature"
BY_LINK = "link"


def lifetime() -> timedelta:
    return timedelta(hours=settings.DOWNLOAD_LINK_HOURS)


def signed(path: str, query: str, user: User, now: datetime) -> tuple[str, datetime]:
    """Return the whole address, signed for this person, and when it ends."""
    pairs = parse_qsl(query, keep_blank_values=True)
    signature = _signer(path, pairs, user).sign(str(user.pk))
    address = f"{settings.PUBLIC_URL}{quote(path)}?{urlencode([*pairs, (PARAMETER, signature)])}"
    return address, now + lifetime()


class SignedLink(BaseAuthentication):
    """Somebody who comes with a signed link is whom it was made for, at that address alone."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """Return the person, None where nothing is signed. Raise LinkNotUsable."""
        query: QueryDict = request.query_params
        signature = query.get(PARAMETER)
        if signature is None:
            return None
        number, _, _ = signature.partition(":")
        is_number = number.isascii() and number.isdigit() and len(number) < 19
        user = User.objects.filter(pk=int(number), is_active=True).first() if is_number else None
        if user is None or not self._is_valid(request.path, query, signature, user):
            raise LinkNotUsable("This link is wrong or too old: ask for a new one, or sign in.")
        return user, BY_LINK

    def authenticate_header(self, request: Request) -> str:
        """Say how to sign in to whoever has neither a link nor anything else."""
        return "Bearer"

    @staticmethod
    def _is_valid(path: str, query: QueryDict, signature: str, user: User) -> bool:
        pairs = [(name, value) for name in query for value in query.getlist(name) if name != PARAMETER]
        try:
            return _signer(path, pairs, user).unsign(signature, max_age=lifetime()) == str(user.pk)
        except BadSignature:
            return False


def _signer(path: str, pairs: list[tuple[str, str]], user: User) -> TimestampSigner:
    return TimestampSigner(salt="\n".join([__name__, path, urlencode(sorted(pairs)), user.get_session_auth_hash()]))
