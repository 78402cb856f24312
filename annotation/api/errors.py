"""Exceptions to status codes, in one table, as problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from django.views.csrf import csrf_failure
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from annotation.api.ranges import RangeNotSatisfiable
from annotation.assignment import actions as assignment_actions
from annotation.chat import actions as chat_actions
from annotation.chat import appealing, choosing
from annotation.durable import JobNotEndable, JobNotRetryable
from annotation.exports import actions as export_actions
from annotation.exports import tagging
from annotation.exports.choices import BadChoice
from annotation.exports.queries import ReleaseNotFrozen, StaleData, ViewNotWritten
from annotation.exports.selection import InvalidSelection
from annotation.exports.storage import FilesGone
from annotation.files import StoreFailed
from annotation.intake import actions as intake_actions
from annotation.intake import dry_runs
from annotation.intake.options import BadOption
from annotation.operations import actions as operations_actions
from annotation.people import actions as people_actions
from annotation.people import replies
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.kinds.settings import InvalidConfig
from annotation.projects.kinds.shape import InvalidAnswer
from annotation.projects.permissions import NotAllowed, ProjectArchived, ProtocolArchived
from annotation.quality import actions as quality_actions
from annotation.registry import actions as registry_actions
from annotation.registry import serving
from annotation.registry.withdrawals import NothingToWithdraw
from annotation.road import actions as road_actions
from annotation.tasks import actions as task_actions
from annotation.tasks import recording
from annotation.tasks.messages import BadMessages

CONTENT_TYPE = "application/problem+json"
NOT_FOUND = "There is nothing here that you may see."

# One row per exception: status and the code that clients compare. The detail is the exception's own sentence.
TABLE: dict[type[Exception], tuple[int, str]] = {
    NotAllowed: (403, "not_allowed"),
    ProjectArchived: (409, "project_archived"),
    ProtocolArchived: (409, "protocol_archived"),
    people_actions.OwnerOnly: (403, "owner_only"),
    people_actions.LinkNotUsable: (410, "link_not_usable"),
    people_actions.BadField: (400, "bad_field"),
    replies.KeyReused: (422, "idempotency_key_reused"),
    replies.StillAtWork: (409, "still_at_work"),
    replies.ReplyNotKept: (409, "reply_not_kept"),
    project_actions.NameTaken: (409, "name_taken"),
    membership.InvitationNotUsable: (410, "invitation_not_usable"),
    membership.LastManager: (409, "last_manager"),
    InvalidConfig: (400, "invalid_config"),
    InvalidAnswer: (400, "invalid_answer"),
    BadMessages: (400, "bad_messages"),
    task_actions.TaskNotOpenable: (400, "task_not_openable"),
    task_actions.TaskNotCancellable: (409, "task_not_cancellable"),
    recording.AlreadyAnswered: (409, "already_answered"),
    recording.AnswerSealed: (409, "answer_sealed"),
    assignment_actions.ClaimNotYours: (404, "not_found"),
    assignment_actions.ClaimEnded: (409, "claim_ended"),
    assignment_actions.ProtocolPaused: (409, "protocol_paused"),
    assignment_actions.NothingForYou: (409, "nothing_for_you"),
    assignment_actions.BadDraft: (400, "bad_draft"),
    quality_actions.OwnAnswer: (403, "own_answer"),
    quality_actions.AnswerChanged: (409, "answer_changed"),
    quality_actions.NotReturnable: (409, "not_returnable"),
    quality_actions.AnswerWithdrawn: (409, "answer_withdrawn"),
    quality_actions.TooManyToStrike: (400, "too_many_to_strike"),
    InvalidSelection: (400, "invalid_selection"),
    export_actions.EmptySelection: (400, "empty_selection"),
    export_actions.InvalidReleaseName: (400, "bad_name"),
    export_actions.ReleaseNameTaken: (409, "name_taken"),
    ReleaseNotFrozen: (409, "release_not_frozen"),
    tagging.BadTag: (400, "bad_tag"),
    tagging.NoSuchTag: (404, "not_found"),
    ViewNotWritten: (409, "view_not_written"),
    BadChoice: (400, "bad_choice"),
    StaleData: (410, "stale_data"),
    export_actions.ReleaseNotStale: (409, "release_not_stale"),
    NothingToWithdraw: (409, "nothing_to_withdraw"),
    FilesGone: (410, "files_gone"),
    RangeNotSatisfiable: (416, "range_not_satisfiable"),
    registry_actions.OrderRefused: (400, "order_refused"),
    serving.StillReferred: (409, "still_referred"),
    chat_actions.ChatNotReady: (409, "chat_not_ready"),
    chat_actions.StillAnswering: (409, "still_answering"),
    chat_actions.NotAnswerable: (409, "not_answerable"),
    choosing.NotChosen: (409, "not_chosen"),
    choosing.NotChoosable: (409, "not_choosable"),
    chat_actions.TooManyAnswers: (429, "too_many_answers"),
    appealing.NotAppealable: (409, "not_appealable"),
    appealing.AppealEnded: (409, "appeal_ended"),
    road_actions.StepChanged: (409, "step_changed"),
    road_actions.NothingToWalk: (409, "nothing_to_walk"),
    road_actions.WalkUnderWay: (409, "walk_under_way"),
    intake_actions.UploadTooLarge: (413, "upload_too_large"),
    dry_runs.AlreadyConfirmed: (409, "import_confirmed"),
    BadOption: (400, "bad_option"),
    operations_actions.NoSuchJob: (404, "not_found"),
    JobNotEndable: (409, "job_ended"),
    JobNotRetryable: (409, "job_not_retryable"),
    RequestDataTooBig: (413, "body_too_large"),
    OperationalError: (503, "database_unavailable"),
    PoolTimeout: (503, "database_unavailable"),
    StoreFailed: (503, "files_unavailable"),
}
# What these exceptions say themselves names servers.
UNAVAILABLE = {
    "database_unavailable": "The database does not answer at the moment. Try again in a few seconds.",
    "files_unavailable": "The storage of the files does not answer at the moment. Try again in a few seconds.",
}


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception as a problem; None for one that nobody foresaw, which becomes a 500 and a traceback."""
    problem = _from_table(error) or _from_framework(error)
    if problem is None:
        return None
    set_rollback()
    headers = _headers(error)
    if isinstance(error, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        headers["WWW-Authenticate"] = getattr(error, "auth_header", "Bearer")
    return Response(problem, problem["status"], headers=headers, content_type=CONTENT_TYPE)


def answer(error: Exception) -> HttpResponse:
    """Answer an exception of the table that was raised before any view."""
    problem = _from_table(error)
    assert problem is not None
    headers = _headers(error)
    return JsonResponse(problem, status=problem["status"], headers=headers, content_type=CONTENT_TYPE)


def problem(status: int, code: str, detail: str, errors: list[tuple[str, str]] | None = None) -> dict[str, Any]:
    """Return a problem document. Source: RFC 9457, section 3."""
    body: dict[str, Any] = {
        "type": f"about:blank#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = [{"field": field, "message": message} for field, message in errors]
    return body


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _outside(request, 400, "bad_request", "This request cannot be read.") or defaults.bad_request(
        request, exception
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _outside(request, 403, "permission_denied", "You may not do this.") or defaults.permission_denied(
        request, exception
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _outside(request, 404, "not_found", NOT_FOUND) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    said = "Something went wrong on this site. Its log says what."
    return _outside(request, 500, "server_error", said) or defaults.server_error(request)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _outside(request, 403, "csrf_failed", f"CSRF check failed: {reason}") or csrf_failure(request, reason)


def _headers(error: Exception) -> dict[str, str]:
    wait = getattr(error, "wait", None)
    return {"Retry-After": str(int(wait))} if wait else dict(getattr(error, "headers", {}))


def _outside(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse | None:
    """Answer what no API view has answered as a problem; None for a person's browser on another page."""
    if not request.path.startswith(("/api/", "/_allauth/")):
        return None
    return JsonResponse(problem(status, code, detail), status=status, content_type=CONTENT_TYPE)


def _from_table(error: Exception) -> dict[str, Any] | None:
    row = next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), None)
    if row is None:
        return None
    status, code = row
    if status == 503:
        return problem(503, code, UNAVAILABLE[code])
    if status == 404:
        return problem(404, code, NOT_FOUND)
    fields = getattr(error, "errors", None)
    if fields is None and hasattr(error, "field"):
        fields = [(error.field, error.message)]  # type: ignore[attr-defined]
    return problem(status, code, str(error), fields)


def _from_framework(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, Http404):
        error = exceptions.NotFound(NOT_FOUND)
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    if isinstance(error, exceptions.ValidationError):
        fields = list(_flatten(error.detail))
        return problem(400, "invalid", "Some fields are not right: " + ", ".join(name for name, _ in fields), fields)
    code = error.get_codes() if isinstance(error.detail, str) else error.default_code
    return problem(error.status_code, str(code), str(error.detail))


def _flatten(detail: Any, path: str = "") -> Any:
    if isinstance(detail, dict):
        for name, value in detail.items():
            yield from _flatten(value, _below(path, name))
    elif isinstance(detail, list) and any(isinstance(item, (dict, list)) for item in detail):
        for index, item in enumerate(detail):
            yield from _flatten(item, f"{path}[{index}]")
    else:
        messages = detail if isinstance(detail, list) else [detail]
        yield path or "body", " ".join(str(message) for message in messages)


def _below(path: str, name: object) -> str:
    """Return the path of a part: messages[0].role, and the whole's own path for what is wrong with the whole."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    if name == api_settings.NON_FIELD_ERRORS_KEY:
        return path
    return f"{path}.{name}" if path else str(name)
