"""The single page: whatever address is not the API's is the frontend's to show."""

from __future__ import annotations

from csp.decorators import csp_replace
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe


@require_safe
@ensure_csrf_cookie
def single_page(request: HttpRequest) -> HttpResponseBase:
    """Send index.html, never cached, so that a new build is seen at the next visit."""
    index = settings.FRONTEND_ROOT / "index.html"
    if not index.is_file():
        return HttpResponse(
            "The frontend is not built yet: run “make frontend”.", status=503, content_type="text/plain"
        )
    page = FileResponse(index.open("rb"), content_type="text/html; charset=utf-8")
    page["Cache-Control"] = "no-cache"
    return page


# The desk's preview on a protocol's page, and the only address that may stand in a frame: one of this site's own.
framed_page = xframe_options_sameorigin(csp_replace({"frame-ancestors": ["'self'"]})(single_page))
