"""Invitations: made by managers, accepted by whoever holds the link."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from annotation.api.access import project_for, project_where, row_for, user_of
from annotation.api.idempotency import Repeat
from annotation.api.people import MeOut
from annotation.people.models import User
from annotation.projects import membership
from annotation.projects.models import Invitation, Role


class InvitationOut(serializers.ModelSerializer[Invitation]):
    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "created_at", "expires_at", "accepted_at", "revoked_at")


class NewInvitationOut(InvitationOut):
    link = serializers.URLField(help_text="Shown this once; only a hash of its token is kept.")
    emailed = serializers.BooleanField(help_text="The link goes out by mail, too.")

    class Meta(InvitationOut.Meta):
        fields = (*InvitationOut.Meta.fields, "link", "emailed")


class Invitations(ListAPIView[Invitation]):
    serializer_class = InvitationOut
    on_repeat = Repeat.REFUSE

    class Input(serializers.Serializer[Any]):
        email = serializers.EmailField()
        role = serializers.ChoiceField(choices=Role.choices)

    def get_queryset(self) -> Any:
        project = project_where(self.request, self.kwargs["project"], "manage_members")
        return project.invitations.all()

    @extend_schema(request=Input, responses={201: NewInvitationOut})
    def post(self, request: Request, project: int) -> Response:
        row = project_for(request, project)
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        invitation, token = membership.invite(
            project=row, actor=user_of(request), now=timezone.now(), **given.validated_data
        )
        invitation.link = f"{settings.PUBLIC_URL}/invitation/{token}"  # type: ignore[attr-defined]
        invitation.emailed = bool(settings.EMAIL_URL)  # type: ignore[attr-defined]
        if settings.EMAIL_URL:
            # Not before: what is rolled back must leave no link that leads nowhere. A failure is only logged, for
            # the page shows the link as well.
            transaction.on_commit(lambda: _send(invitation), robust=True)
        return Response(NewInvitationOut(invitation).data, 201)


class InvitationDetail(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, project: int, pk: int) -> Response:
        parent = project_where(request, project, "manage_members")
        invitation = row_for(parent.invitations.select_related("project"), pk=pk)
        membership.revoke_invitation(invitation=invitation, actor=user_of(request), now=timezone.now())
        return Response(status=204)


class InvitationPageOut(serializers.Serializer[Any]):
    email = serializers.EmailField()
    project = serializers.DictField(child=serializers.CharField())
    role = serializers.ChoiceField(choices=Role.choices)
    invited_by_name = serializers.CharField()
    has_account = serializers.BooleanField()


class InvitationPage(APIView):
    """What the holder of a link sees before joining."""

    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "links"

    @extend_schema(responses=InvitationPageOut, auth=[])
    def get(self, request: Request, token: str) -> Response:
        invitation = membership.usable_invitation(token=token, now=timezone.now())
        body = {
            "email": invitation.email,
            "project": {"name": invitation.project.name},
            "role": invitation.role,
            "invited_by_name": invitation.invited_by.name,
            "has_account": User.objects.filter(email=invitation.email).exists(),
        }
        return Response(InvitationPageOut(body).data)


class AcceptInvitation(APIView):
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "links"

    class Input(serializers.Serializer[Any]):
        name = serializers.CharField(required=False, max_length=120, default="", allow_blank=True)
        password = serializers.CharField(required=False, default="", allow_blank=True)

    @extend_schema(request=Input, responses=MeOut, auth=[])
    def post(self, request: Request, token: str) -> Response:
        """Join the project: as a new person with name and password, or as the one who is signed in."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        actor = request.user if isinstance(request.user, User) else None
        invitation = membership.usable_invitation(token=token, now=now)
        user = membership.accept_invitation(invitation=invitation, actor=actor, now=now, **given.validated_data)
        if actor != user:
            login(request._request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return Response(MeOut(user).data)


def _send(invitation: Any) -> None:
    subject = f"You are invited to {invitation.project.name}"
    body = (
        f"{invitation.invited_by.name} invites you to work on “{invitation.project.name}” "
        f"as {invitation.get_role_display().lower()}.\n\n{invitation.link}\n\nThe link works for "
        f"{membership.INVITATION_DAYS} days."
    )
    send_mail(subject, body, None, [invitation.email])
