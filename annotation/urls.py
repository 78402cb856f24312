"""Addresses: health, the API, sign-in, Django admin, and the single page for everything else."""

from django.contrib import admin
from django.urls import include, path, re_path

from annotation.api import health
from annotation.api.page import framed_page, single_page

urlpatterns = [
    path("healthz", health.Live.as_view()),
    path("readyz", health.Ready.as_view()),
    path("api/", include("annotation.api.urls")),
    path("v1/", include("annotation.api.gateway")),
    path("_allauth/", include("annotation.api.sign_in")),
    path("admin/", admin.site.urls),
    path("preview/desk", framed_page),
    # The page's own router knows the rest. What looks like a file or an API address and is none is not found.
    re_path(r"^(?!api/|v1/|_allauth/|admin/|assets/|static/)(?:[^.]*)$", single_page),
]

# What goes wrong outside the API's views. Under /api/ it is told as problem details too.
handler400 = "annotation.api.errors.bad_request"
handler403 = "annotation.api.errors.forbidden"
handler404 = "annotation.api.errors.not_found"
handler500 = "annotation.api.errors.server_error"
