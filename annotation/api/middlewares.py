"""Middlewares of the libraries, without what the API's replies do not need: annotators wait for each of them."""

from __future__ import annotations

from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ContentPolicy(CSPMiddleware):  # type: ignore[misc]
    """The site's policy, the same for every reply and so written out once, but for pages that ask for another."""

    @cached_property
    def policy(self) -> str:
        return str(build_policy())

    def process_request(self, request: HttpRequest) -> None:
        """Prepare nothing: no page of the site asks for a nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if hasattr(response, "_csp_replace"):
            return super().process_response(request, response)  # type: ignore[no-any-return]
        response.headers.setdefault(HEADER, self.policy)
        return response


class Messages(MessageMiddleware):
    """Messages for the next page, where there are pages."""

    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith("/api/"):
            super().process_request(request)
