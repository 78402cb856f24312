"""Who is here: session, one's own profile and tokens, links that sign in, and the owner's list of people."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from annotation.api.access import row_for, user_of
from annotation.api.idempotency import Repeat
from annotation.people import actions
from annotation.people.models import ApiToken, User
from annotation.projects.models import Membership
from annotation.projects.queries import memberships_of

_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


class MembershipOut(serializers.ModelSerializer[Membership]):
    class ProjectOut(serializers.Serializer[Any]):
        id = serializers.IntegerField()
        name = serializers.CharField()

    project = ProjectOut()

    class Meta:
        model = Membership
        fields = ("project", "role")


class ShortcutsField(serializers.DictField):
    """Keys chosen for commands: {"raise": ["w"], "tie": []}; a command not named has the keys it comes with."""

    child = serializers.ListField(child=serializers.CharField())


class MeOut(serializers.ModelSerializer[User]):
    memberships = serializers.SerializerMethodField()
    has_password = serializers.BooleanField(source="has_usable_password")
    shortcuts = ShortcutsField()

    class Meta:
        model = User
        fields = ("id", "email", "name", "language", "is_owner", "has_password", "shortcuts", "memberships")

    @extend_schema_field(MembershipOut(many=True))
    def get_memberships(self, user: User) -> Any:
        return MembershipOut(memberships_of(user), many=True).data


class SessionOut(serializers.Serializer[Any]):
    signed_in = serializers.BooleanField()
    me = MeOut(allow_null=True)
    email_enabled = serializers.BooleanField()
    product_version = serializers.CharField()


@method_decorator(ensure_csrf_cookie, name="get")
class Session(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(responses=SessionOut, auth=[])
    def get(self, request: Request) -> Response:
        """Say who is signed in, and hand a browser its CSRF cookie."""
        me = request.user if request.user.is_authenticated else None
        body = {
            "signed_in": me is not None,
            "me": me,
            "email_enabled": bool(settings.EMAIL_URL),
            "product_version": settings.VERSION,
        }
        return Response(SessionOut(body).data)


class Me(APIView):
    class Input(serializers.Serializer[Any]):
        name = serializers.CharField(required=False, max_length=150)
        language = serializers.ChoiceField(choices=actions.LANGUAGES, required=False)
        email = serializers.EmailField(required=False, help_text="The owner's own; others keep theirs.")
        shortcuts = ShortcutsField(required=False)

    @extend_schema(responses=MeOut)
    def get(self, request: Request) -> Response:
        return Response(MeOut(request.user).data)

    @extend_schema(request=Input, responses=MeOut)
    def patch(self, request: Request) -> Response:
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(MeOut(actions.update_profile(actor=user_of(request), **given.validated_data)).data)


class Password(APIView):
    class Input(serializers.Serializer[Any]):
        current_password = serializers.CharField(required=False, default="", allow_blank=True)
        new_password = serializers.CharField()

    @extend_schema(request=Input, responses=MeOut)
    def post(self, request: Request) -> Response:
        """Set one's own password; other sessions end."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        user = actions.set_own_password(actor=user_of(request), **given.validated_data)
        update_session_auth_hash(request._request, user)
        return Response(MeOut(user).data)


class RedeemSignInLink(APIView):
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "links"

    class Input(serializers.Serializer[Any]):
        token = serializers.CharField(max_length=200)

    @extend_schema(request=Input, responses=MeOut, auth=[])
    def post(self, request: Request) -> Response:
        """Sign in by a link that works once."""
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        user = actions.redeem_sign_in_link(token=given.validated_data["token"], now=timezone.now())
        login(request._request, user, backend=_BACKEND)
        return Response(MeOut(user).data)


class TokenOut(serializers.ModelSerializer[ApiToken]):
    id = serializers.UUIDField(source="public_id")
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True)

    class Meta:
        model = ApiToken
        fields = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at")


class NewTokenOut(TokenOut):
    token = serializers.CharField(help_text="Shown this once; only a hash of it is kept.")

    class Meta(TokenOut.Meta):
        fields = (*TokenOut.Meta.fields, "token")


class Tokens(APIView):
    on_repeat = Repeat.REFUSE

    class Input(serializers.Serializer[Any]):
        name = serializers.CharField(max_length=100)
        scopes = serializers.ListField(child=serializers.ChoiceField(choices=actions.SCOPES))
        expires_in_days = serializers.IntegerField(min_value=1, max_value=actions.TOKEN_DAYS_MAXIMUM, default=90)

    @extend_schema(responses=TokenOut(many=True))
    def get(self, request: Request) -> Response:
        mine = ApiToken.objects.filter(user=user_of(request)).order_by("-created")
        return Response(TokenOut(mine, many=True).data)

    @extend_schema(request=Input, responses={201: NewTokenOut})
    def post(self, request: Request) -> Response:
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        row, text = actions.create_token(actor=user_of(request), now=timezone.now(), **given.validated_data)
        row.token = text
        return Response(NewTokenOut(row).data, 201)


class Token(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        actions.revoke_token(token=row_for(ApiToken.objects.filter(user=user_of(request)), public_id=pk))
        return Response(status=204)


class PersonOut(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "email", "name", "is_owner", "is_active", "date_joined", "last_login")


class People(ListAPIView[User]):
    serializer_class = PersonOut

    def get_queryset(self) -> Any:
        actions.require_owner(user_of(self.request))
        return User.objects.filter(email__isnull=False)


class Person(APIView):
    class Input(serializers.Serializer[Any]):
        is_active = serializers.BooleanField()

    @extend_schema(request=Input, responses=PersonOut)
    def patch(self, request: Request, pk: int) -> Response:
        actions.require_owner(user_of(request))
        given = self.Input(data=request.data)
        given.is_valid(raise_exception=True)
        user = row_for(User.objects.all(), pk=pk)
        return Response(PersonOut(actions.set_active(user=user, actor=user_of(request), **given.validated_data)).data)


class ResetLink(APIView):
    on_repeat = Repeat.REFUSE

    class Output(serializers.Serializer[Any]):
        link = serializers.URLField()

    @extend_schema(request=None, responses=Output)
    def post(self, request: Request, pk: int) -> Response:
        """Make a password reset link to hand over, for sites that send no e-mail."""
        actions.require_owner(user_of(request))
        user = row_for(User.objects.filter(email__isnull=False, is_active=True), pk=pk)
        key = actions.reset_key_for(user=user, actor=user_of(request))
        return Response({"link": f"{settings.PUBLIC_URL}/reset-password/{key}"})
