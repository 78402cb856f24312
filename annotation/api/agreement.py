"""How far people agree, per protocol; computed by a job, read here. And what came back to its author."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.access import project_where, user_of
from annotation.api.my_answers import MyAnswerOut
from annotation.api.tasks import TaskOut
from annotation.api.work_shapes import Named
from annotation.quality import queries
from annotation.tasks.models import Answer


class ShareOut(serializers.Serializer[Any]):
    """A figure with its 95 % interval; null where nothing could be compared, or too little for an interval."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class FigureOut(serializers.Serializer[Any]):
    tasks = serializers.IntegerField()
    answers = serializers.IntegerField()
    agreement = serializers.SerializerMethodField(help_text="Ties against preferences count half; scores by nearness.")
    strict = serializers.SerializerMethodField(help_text="Ties left out; for scores and labels, exactly alike.")
    tau_b = serializers.SerializerMethodField(help_text="Kendall's tau-b; rankings only.")
    alpha = serializers.SerializerMethodField(help_text="Krippendorff's alpha; not for one person alone.")

    def get_agreement(self, figure: Any) -> ShareOut:
        return self._share(figure, "agreement")

    def get_strict(self, figure: Any) -> ShareOut:
        return self._share(figure, "strict")

    def get_tau_b(self, figure: Any) -> ShareOut:
        return self._share(figure, "tau_b")

    def get_alpha(self, figure: Any) -> ShareOut:
        return self._share(figure, "alpha")

    def _share(self, figure: Any, name: str) -> Any:
        return {
            "value": getattr(figure, name),
            "low": getattr(figure, f"{name}_low"),
            "high": getattr(figure, f"{name}_high"),
        }


class ReportOut(serializers.Serializer[Any]):
    class AnnotatorOut(FigureOut):
        annotator = Named()

    class GuidelineFigureOut(FigureOut):
        guideline = serializers.IntegerField(source="guideline_version.number", allow_null=True, default=None)

    class WeekOut(FigureOut):
        week = serializers.DateField(help_text="Its Monday.")

    class CategoryOut(serializers.Serializer[Any]):
        """One category of moderation: verdicts that met another's, and how far they agree."""

        category = serializers.CharField()
        verdicts = serializers.IntegerField()
        yes = serializers.IntegerField()
        agreement = ShareOut()
        alpha = ShareOut()

    protocol = TaskOut.ProtocolOut()
    computed_at = serializers.DateTimeField()
    is_current = serializers.BooleanField(help_text="Whether no answer has changed since.")
    overall = FigureOut(allow_null=True)
    annotators = AnnotatorOut(many=True)
    guidelines = GuidelineFigureOut(many=True)
    weeks = WeekOut(many=True)
    categories = CategoryOut(many=True)


class Agreement(APIView):
    class Output(serializers.Serializer[Any]):
        results = ReportOut(many=True)

    @extend_schema(responses=Output)
    def get(self, request: Request, project: int) -> Response:
        """Show each protocol's agreement: as a whole, by annotator, by guideline version and by week."""
        parent = project_where(request, project, "view_quality")
        return Response(self.Output({"results": queries.reports_of(parent, user_of(request))}).data)


class ReturnedOut(MyAnswerOut):
    returned_at = serializers.DateTimeField()

    class Meta(MyAnswerOut.Meta):
        fields = (*MyAnswerOut.Meta.fields, "returned_at")


class Returned(ListAPIView[Answer]):
    """My answers that a reviewer wants changed, with the reason."""

    serializer_class = ReturnedOut

    def get_queryset(self) -> Any:
        return queries.returned_to(user_of(self.request))
