"""From a request to what it may touch: rows the person may see, or 404; tokens held to their scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from annotation.people.models import ApiToken, User
from annotation.projects.models import Project

if TYPE_CHECKING:
    from rest_framework.views import APIView

RowT = TypeVar("RowT", bound=Model)


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


def row_for(rows: QuerySet[RowT], **lookup: Any) -> RowT:
    """Return the row of an already narrowed queryset, else answer 404."""
    return get_object_or_404(rows, **lookup)
