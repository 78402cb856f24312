"""From a request to what it may touch: rows the person may see, or 404; tokens held to their scopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from annotation.people import actions as people_actions
from annotation.people.models import ApiToken, User
from annotation.people.sessions import token_of
from annotation.projects.models import Project
from annotation.projects.permissions import require

if TYPE_CHECKING:
    from rest_framework.views import APIView

RowT = TypeVar("RowT", bound=Model)

# A live page asks again and again: unchanged content is answered 304 without a body.
polled = method_decorator(conditional_page, name="dispatch")


class BearerToken(TokenAuthentication):
    """An API token in the header Authorization: Bearer …"""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        row = token_of(token.decode()) if token.isascii() and b"\x00" not in token else None
        if row is None:
            raise AuthenticationFailed("Invalid token.")
        people_actions.note_token_use(token=row, now=timezone.now())
        return row.user, row


class WithinScope(BasePermission):
    """A token with the scope `read` alone changes nothing. Sessions have no scopes."""

    message = "This token may only read: make one with the scope “write”."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        wanted = "read" if request.method in SAFE_METHODS else "write"
        return wanted in request.auth.scopes


def user_of(request: Request) -> User:
    """Return who asks; views that anonymous people may reach do not call this."""
    assert isinstance(request.user, User)
    return request.user


def project_for(request: Request, pk: int) -> Project:
    """Return the project when the person may see it, else answer 404."""
    return get_object_or_404(Project.objects.visible_to(user_of(request)), pk=pk)


def project_where(request: Request, pk: int, verb: str) -> Project:
    """Return the project when the person may see it, else answer 404. Raise NotAllowed where they may not do this."""
    project = project_for(request, pk)
    require(user_of(request), verb, project)
    return project


def number_in(request: Request, name: str) -> int | None:
    """Return a number from the address's query, None where there is none. Raise ValidationError."""
    text = request.query_params.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValidationError({name: "must be a number"})
    return int(text)


def choice_in(request: Request, name: str, choices: Sequence[str]) -> str:
    """Return a word from the address's query, empty where there is none. Raise ValidationError."""
    word = request.query_params.get(name, "")
    if word and word not in choices:
        raise ValidationError({name: f"must be one of {', '.join(choices)}"})
    return word


def row_for(rows: QuerySet[RowT], **lookup: Any) -> RowT:
    """Return the row of an already narrowed queryset, else answer 404."""
    return get_object_or_404(rows, **lookup)
