"""The addresses of django-allauth that the page calls. Its others, such as changing one's e-mail, are not served."""

from __future__ import annotations

from allauth.headless.account import views
from allauth.headless.base.views import ConfigView
from allauth.headless.constants import Client
from django.urls import path

_VIEWS = {
    "config": ConfigView,
    "auth/session": views.SessionView,
    "auth/login": views.LoginView,
    "auth/password/request": views.RequestPasswordResetView,
    "auth/password/reset": views.ResetPasswordView,
}

urlpatterns = [
    path(f"browser/v1/{address}", view.as_api_view(client=Client.BROWSER)) for address, view in _VIEWS.items()
]
