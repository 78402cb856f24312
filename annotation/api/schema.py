"""The API's description: our own addresses, and the few of django-allauth that the page calls."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from annotation.api.idempotency import HEADER, takes_key

# Sign-in, sign-out and password reset, by the browser client. The rest of allauth is not served.
_SIGN_IN_PATHS = ("/config", "/auth/session", "/auth/login", "/auth/password/request", "/auth/password/reset")
_METHODS = ("get", "post", "put", "patch", "delete")
_PREFIX = "/_allauth/{client}/v1"
_KEY = {
    "name": HEADER,
    "in": "header",
    "schema": {"type": "string", "format": "uuid"},
    "description": (
        "A new UUID for this request. Sent again under the same key within 24 hours, the request does nothing twice: "
        "its reply comes back, with `Idempotent-Replayed: true`, or 409 `reply_not_kept` where that showed a secret. "
        "While the first is still at work the answer is 409 `still_at_work` with Retry-After; a key that belongs to "
        "another request is 422 `idempotency_key_reused`. Refusals (4xx, 5xx) leave nothing done and free the key."
    ),
}


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[misc]
    target_class = "annotation.api.access.BearerToken"
    name = "apiToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SignedLinkScheme(OpenApiAuthenticationExtension):  # type: ignore[misc]
    target_class = "annotation.api.links.SignedLink"
    name = "signedLink"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "query", "name": "signature"}


class Schema(AutoSchema):  # type: ignore[misc]
    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Name a component after its class and the view it is nested in: SkipInput, not Input17."""
        name = super().get_serializer_name(serializer, direction)
        nested = type(serializer).__qualname__.split(".")[:-1]
        return "".join(nested).replace("Out", "") + name.removesuffix("Out").removesuffix("Output") or name

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Describe the operation, with the header Idempotency-Key where it takes one."""
        operation = super().get_operation(*args, **kwargs)
        if operation is not None and takes_key(type(self.view), self.method):
            component = ResolvedComponent("IdempotencyKey", ResolvedComponent.PARAMETER, _KEY, HEADER)
            self.registry.register_on_missing(component)
            operation.setdefault("parameters", []).append(component.ref)
        return operation


def add_sign_in(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the sign-in addresses, with every part of allauth's own description that they refer to."""
    spec = _allauth_spec()
    for short in _SIGN_IN_PATHS:
        item = _renamed(spec["paths"][_PREFIX + short])
        for method, operation in item.items():
            if method in _METHODS:
                operation["operationId"] = f"sign_in{short.replace('/', '_')}_{method}"
                operation["parameters"] = _without_client(operation.get("parameters", []))
        # What stands here for all methods is the client, and the address names that already.
        item.pop("parameters", None)
        result["paths"][_PREFIX.format(client="browser") + short] = item
    for section, name in sorted(_reached(result["paths"], spec)):
        result["components"].setdefault(section, {})[f"Allauth.{name}"] = _renamed(spec["components"][section][name])
    return result


@cache
def _allauth_spec() -> Any:
    """Reading it takes a second, which is spent once a process."""
    return yaml.safe_load((files("allauth.headless.spec") / "doc" / "openapi.yaml").read_text())


def _without_client(parameters: list[Any]) -> list[Any]:
    return [part for part in parameters if part.get("$ref") != "#/components/parameters/Allauth.Client"]


def _renamed(part: Any) -> Any:
    """Return a copy whose references point at Allauth.* names, out of the way of our own."""
    if isinstance(part, dict):
        return {key: _renamed_ref(value) if key == "$ref" else _renamed(value) for key, value in part.items()}
    return [_renamed(item) for item in part] if isinstance(part, list) else part


def _renamed_ref(reference: str) -> str:
    section, _, name = reference.rpartition("/")
    return f"{section}/Allauth.{name}"


def _reached(part: Any, spec: dict[str, Any]) -> set[tuple[str, str]]:
    """Return (section, name) of every component of allauth's that the paths need, directly or not."""
    found: set[tuple[str, str]] = set()
    waiting = [part]
    while waiting:
        for reference in _references(waiting.pop()):
            section, _, name = reference.removeprefix("#/components/").partition("/")
            key = (section, name.removeprefix("Allauth."))
            if name.startswith("Allauth.") and key not in found:
                found.add(key)
                waiting.append(_renamed(spec["components"][section][key[1]]))
    return found


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        inner = [reference for value in part.values() for reference in _references(value)]
        return inner + ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
    return [reference for item in part for reference in _references(item)] if isinstance(part, list) else []
