"""The addresses of django-allauth that the page calls. Its others, such as changing one's e-mail, are not served."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.headless.account import inputs, response, views
from allauth.headless.base.views import ConfigView
from allauth.headless.constants import Client
from allauth.headless.internal.restkit.response import ErrorResponse
from django.http import HttpRequest, HttpResponse
from django.urls import path


class NamesAnAccount:
    """A key that begins with its dash names no account, over which allauth's own check stumbles."""

    def clean_key(self) -> str:
        if self.cleaned_data["key"].startswith("-"):
            raise get_adapter().validation_error("invalid_password_reset")
        return super().clean_key()


class KeyInput(NamesAnAccount, inputs.ResetPasswordKeyInput):
    pass


class ResetInput(NamesAnAccount, inputs.ResetPasswordInput):
    pass


class ResetPassword(views.ResetPasswordView):
    input_class = ResetInput

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = KeyInput({"key": request.headers.get("X-Password-Reset-Key", "")})
        if not given.is_valid():
            return ErrorResponse(request, input=given)
        return response.PasswordResetKeyResponse(request, given.user)


_VIEWS = {
    "config": ConfigView,
    "auth/session": views.SessionView,
    "auth/login": views.LoginView,
    "auth/password/request": views.RequestPasswordResetView,
    "auth/password/reset": ResetPassword,
}

urlpatterns = [
    path(f"browser/v1/{address}", view.as_api_view(client=Client.BROWSER)) for address, view in _VIEWS.items()
]
