"""What one lets projects learn from one's conversations, and the way to take it back."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import user_of
from annotation.api.work_shapes import Named
from annotation.chat import consenting, queries


class ConsentedOut(serializers.Serializer[Any]):
    project = Named()
    always = serializers.BooleanField(help_text="Whether it holds for every new conversation.")
    conversations = serializers.IntegerField()
    prompts = serializers.IntegerField(help_text="That came of them and still stand.")


class ConsentsOut(serializers.Serializer[Any]):
    results = ConsentedOut(many=True)


class MyConsents(APIView):
    @extend_schema(responses=ConsentsOut)
    def get(self, request: Request) -> Response:
        """List where one has consented, projects left behind too."""
        return Response(_consents(request))


class RevokeConsents(APIView):
    @extend_schema(request=None, responses=ConsentsOut)
    def post(self, request: Request, project: int) -> Response:
        """Take back every consent given in a project, with the prompts that came of it. Cannot be undone."""
        given = next((one for one in queries.consents_of(user_of(request)) if one.project.pk == project), None)
        if given is None:
            raise Http404
        consenting.revoke_all(project=given.project, actor=user_of(request), now=timezone.now())
        return Response(_consents(request))


def _consents(request: Request) -> Any:
    return ConsentsOut({"results": queries.consents_of(user_of(request))}).data


urlpatterns = [
    path("me/consents/", MyConsents.as_view()),
    path("me/consents/<int:project>/revoke/", RevokeConsents.as_view()),
]
