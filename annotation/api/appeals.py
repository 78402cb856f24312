"""Appeals against the filter, for those who judge them. Whose words they are is not told."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import choice_in, project_where, row_for, user_of
from annotation.api.work_shapes import Named
from annotation.chat import appealing, queries
from annotation.chat.models import Appeal, AppealState, Side


class AppealOut(serializers.ModelSerializer[Appeal]):
    side = serializers.ChoiceField(choices=Side.choices, source="decision.side")
    categories = serializers.ListField(child=serializers.CharField(), source="decision.categories")
    scores = serializers.DictField(child=serializers.FloatField(), source="decision.scores")
    text = serializers.CharField(source="decision.text", help_text="What the filter found.")
    filter_name = serializers.CharField(source="decision.filter_name")
    labels = serializers.DictField(child=serializers.BooleanField())
    reviewer = Named(allow_null=True)

    class Meta:
        model = Appeal
        fields = (
            "id", "side", "categories", "scores", "text", "filter_name", "reason", "state", "labels", "note",
            "reviewer", "created_at", "decided_at",
        )  # fmt: skip


class Appeals(ListAPIView[Appeal]):
    serializer_class = AppealOut

    def get_queryset(self) -> Any:
        rows = _appeals(self.request, self.kwargs["project"])
        state = choice_in(self.request, "state", AppealState.values)
        return rows.filter(state=state) if state else rows

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=AppealState.values)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class DecideAppeal(APIView):
    class Input(serializers.Serializer[Any]):
        labels = serializers.DictField(
            child=serializers.BooleanField(), help_text="Whether each category holds; those the filter found at least."
        )
        note = serializers.CharField(allow_blank=True, default="", max_length=appealing.REASON_CHARACTERS)

    @extend_schema(request=Input, responses=AppealOut)
    def post(self, request: Request, project: int, pk: int) -> Response:
        row = row_for(_appeals(request, project), pk=pk)
        asked = self.Input(data=request.data)
        asked.is_valid(raise_exception=True)
        appealing.decide_appeal(row=row, actor=user_of(request), now=timezone.now(), **asked.validated_data)
        return Response(AppealOut(row_for(_appeals(request, project), pk=pk)).data)


def _appeals(request: Request, project: int) -> Any:
    row = project_where(request, project, "review_appeals")
    return queries.appeals_of(row, user_of(request))


urlpatterns = [
    path("projects/<int:project>/appeals/", Appeals.as_view()),
    path("projects/<int:project>/appeals/<int:pk>/decide/", DecideAppeal.as_view()),
]
