"""What I agree to be shown of texts that are hard to read."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import user_of
from annotation.api.idempotency import Repeat
from annotation.people.agreeing import agree_to, agreed_by


class MyContent(APIView):
    on_repeat = Repeat.RUN  # what comes last stands

    class Shape(serializers.Serializer[Any]):
        agreed = serializers.ListField(
            child=serializers.CharField(max_length=40),
            max_length=50,
            help_text="Categories of moderation; whoever needs others is handed nothing.",
        )

    @extend_schema(responses=Shape)
    def get(self, request: Request) -> Response:
        return Response({"agreed": agreed_by(user_of(request))})

    @extend_schema(request=Shape, responses=Shape)
    def put(self, request: Request) -> Response:
        """Agree to these categories, and take back what is not among them."""
        given = self.Shape(data=request.data)
        given.is_valid(raise_exception=True)
        agreed = agree_to(actor=user_of(request), categories=given.validated_data["agreed"], now=timezone.now())
        return Response({"agreed": agreed})


urlpatterns = [path("me/content/", MyContent.as_view())]
