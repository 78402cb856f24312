"""Addresses: health, the API, sign-in, Django admin, and the single page for everything else."""

from django.contrib import admin
from django.urls import include, path, re_path

from annotation.api import health
from annotation.api.page import single_page

urlpatterns = [
    path("healthz", health.Live.as_view()),
    path("readyz", health.Ready.as_view()),
    path("api/", include("annotation.api.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("admin/", admin.site.urls),
    # The page's own router knows the rest. What looks like a file or an API address and is none is not found.
    re_path(r"^(?!api/|_allauth/|admin/|assets/|static/)(?:[^.]*)$", single_page),
]
