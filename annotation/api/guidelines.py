"""Guidelines as annotators read them: which are new to me, what has changed, and that I have read it."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import row_for, user_of
from annotation.api.work_shapes import Named
from annotation.assignment.queries import protocols_seen_by, workable_protocols
from annotation.projects import actions
from annotation.projects.models import GuidelineVersion
from annotation.projects.queries import GuidelineNews, guideline_news


class ChangeOut(serializers.ModelSerializer[GuidelineVersion]):
    class Meta:
        model = GuidelineVersion
        fields = ("number", "change_note", "created_at")


class NewsOut(serializers.Serializer[Any]):
    protocol = Named()
    number = serializers.IntegerField(source="newest.number")
    read_number = serializers.IntegerField(source="read.number", default=None, allow_null=True)
    changes = ChangeOut(many=True, help_text="What came after the version read last, newest first.")


class ReadVersionOut(serializers.ModelSerializer[GuidelineVersion]):
    class Meta:
        model = GuidelineVersion
        fields = ("number", "markdown")


class GuidelineNewsOut(NewsOut):
    newest = ReadVersionOut()
    before = ReadVersionOut(allow_null=True, help_text="The version read last, to see what has changed.")


class News(APIView):
    @extend_schema(responses=NewsOut(many=True))
    def get(self, request: Request) -> Response:
        """List the guidelines of the protocols I work in, without their texts."""
        user = user_of(request)
        return Response(NewsOut(guideline_news(user, workable_protocols(user).order_by("pk")), many=True).data)


class GuidelineDetail(APIView):
    @extend_schema(responses=GuidelineNewsOut)
    def get(self, request: Request, protocol: int) -> Response:
        """Show the newest text and the one I have read last."""
        news = _news(request, protocol)
        before = news.read and news.protocol.guidelines.get(number=news.read.number)
        body = {name: getattr(news, name) for name in ("protocol", "newest", "read", "changes")}
        return Response(GuidelineNewsOut({**body, "before": before}).data)


class ReadGuideline(APIView):
    class Input(serializers.Serializer[Any]):
        number = serializers.IntegerField(min_value=1, max_value=2**31 - 1)

    @extend_schema(request=Input, responses=NewsOut)
    def post(self, request: Request, protocol: int) -> Response:
        """Say that I have read this version."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        row = row_for(protocols_seen_by(user_of(request)), pk=protocol)
        actions.note_guideline_reading(protocol=row, actor=user_of(request), now=timezone.now(), **given.validated_data)
        return Response(NewsOut(_news(request, protocol)).data)


def _news(request: Request, protocol: int) -> GuidelineNews:
    user = user_of(request)
    news = guideline_news(user, protocols_seen_by(user).filter(pk=protocol))
    if not news:
        raise Http404
    return news[0]
