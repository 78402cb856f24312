"""The System page, for the site's owner: what runs, how full the disk is, which jobs failed."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import user_of
from annotation.durable import JobState
from annotation.operations import actions, depths, queries
from annotation.operations.jobs import enqueue
from annotation.operations.kinds import KINDS
from annotation.people.actions import require_owner


class SystemOut(serializers.Serializer[Any]):
    class Versions(serializers.Serializer[Any]):
        bennet = serializers.CharField()
        python = serializers.CharField()
        django = serializers.CharField()
        postgresql = serializers.CharField()
        torch = serializers.CharField(allow_null=True)

    class Disk(serializers.Serializer[Any]):
        total_bytes = serializers.IntegerField()
        free_bytes = serializers.IntegerField()
        media_bytes = serializers.IntegerField(allow_null=True)
        database_bytes = serializers.IntegerField()

    class Queue(serializers.Serializer[Any]):
        default = serializers.IntegerField(allow_null=True)
        training = serializers.IntegerField(allow_null=True)

    class Installs(serializers.Serializer[Any]):
        state = serializers.ChoiceField(choices=["waiting", "installing", "done", "failed"])
        percent = serializers.IntegerField()
        message = serializers.CharField()

    versions = Versions()
    disk = Disk()
    queue = Queue()
    installs = Installs()
    email_enabled = serializers.BooleanField()


class System(APIView):
    @extend_schema(responses=SystemOut)
    def get(self, request: Request) -> Response:
        require_owner(user_of(request))
        body = {
            "versions": queries.versions(),
            "disk": queries.disk(),
            "queue": depths.queue_depths(),
            "installs": queries.installation(),
            "email_enabled": bool(settings.EMAIL_URL),
        }
        return Response(SystemOut(body).data)


class JobOut(serializers.Serializer[Any]):
    class ProjectOut(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        name = serializers.CharField()

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    project = ProjectOut()
    state = serializers.ChoiceField(choices=JobState.choices, source="job.state")
    attempt = serializers.IntegerField(source="job.attempt")
    error = serializers.CharField(source="job.error")
    progress_done = serializers.IntegerField(source="job.progress_done")
    progress_total = serializers.IntegerField(source="job.progress_total")
    created_at = serializers.DateTimeField()
    heartbeat_at = serializers.DateTimeField(source="job.heartbeat_at", allow_null=True)
    finished_at = serializers.DateTimeField(source="job.finished_at", allow_null=True)


class Jobs(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=JobState.values)],
        responses=JobOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the newest jobs of every kind."""
        require_owner(user_of(request))
        rows = queries.jobs(user_of(request), state=request.query_params.get("state", ""))
        return Response(JobOut(rows, many=True).data)


class RetryJob(APIView):
    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request, pk: str) -> Response:
        kind, row_pk = actions.retry_job(job_id=pk, actor=user_of(request), now=timezone.now())
        transaction.on_commit(partial(enqueue, kind, row_pk))
        return Response(status=202)
