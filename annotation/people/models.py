"""People: who signs in, and who only signs judgements (imported judges have a row but no login)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from knox.models import AbstractAuthToken


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_owner=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person. Without an e-mail address it is a judge named by an imported file, unique by (source, external_id)."""

    email = models.EmailField(null=True, blank=True, unique=True)
    name = models.CharField(max_length=150)
    language = models.CharField(max_length=8, default="en")
    is_owner = models.BooleanField(default=False, help_text="Owns the site: sees every project and the System page.")
    is_active = models.BooleanField(default=True)
    source = models.CharField(max_length=60, blank=True, default="")
    external_id = models.CharField(max_length=200, blank=True, default="")
    date_joined = models.DateTimeField(auto_now_add=True)
    shortcuts = models.JSONField(default=dict, blank=True, help_text="Keys chosen for commands; see shortcuts.py.")

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_is_lower_case"),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_judge_per_source_and_external_id",
            ),
            models.CheckConstraint(
                condition=models.Q(email__isnull=False) | ~models.Q(external_id=""),
                name="person_has_email_or_external_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"{self.source}:{self.external_id}"

    @property
    def is_staff(self) -> bool:
        return self.is_owner

    @property
    def is_superuser(self) -> bool:
        return self.is_owner

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Answer Django admin, the only place that asks; our own roles live in projects/permissions.py."""
        return self.is_active and self.is_owner

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_owner


class ApiToken(AbstractAuthToken):
    """A knox token (stored hashed, shown once) with a name and what it may do."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, default="")
    scopes = ArrayField(models.CharField(max_length=20), default=list)
    last_used_at = models.DateTimeField(null=True)


class SignInLink(models.Model):
    """A link that signs its person in once: the owner's first arrival, or a hand-over by the owner."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def is_usable(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


class StoredReply(models.Model):
    """What a write answered that named an idempotency key: the same request sent again is told the same."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.UUIDField()
    # Keyed, as the request may hold a password.
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(null=True, help_text="Empty where it showed a secret, which is kept nowhere.")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_reply_per_person_and_key")]


class ContentAgreement(models.Model):
    """Somebody agrees to be shown texts of a category that are hard to read; gone when they take it back."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="content_agreements", db_index=False)
    category = models.CharField(max_length=40)
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "category"], name="one_agreement_per_category")]

    def __str__(self) -> str:
        return f"{self.person} agrees to {self.category}"


class WithdrawalKind(models.TextChoices):
    # All that a person has given to a project: answers, and what they wrote to be answered.
    WORK = "work"
    PROMPT = "prompt"
    ANSWER = "answer"
    # A manager takes a person's answers out; their texts stay to be read, and each can be restored.
    STRIKE = "strike"


class Withdrawal(models.Model):
    """Words taken back. The verb is registry's, for it reaches up to models; the words themselves name this row."""

    kind = models.CharField(max_length=10, choices=WithdrawalKind.choices)
    # Whose words; empty for a prompt that nobody here wrote.
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="withdrawals")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # Rooms above this one, so ids alone.
    project_ref = models.BigIntegerField(db_index=True)
    prompt_ref = models.BigIntegerField(null=True)
    answer_ref = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, default="")
    answers = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    # Until then the sweep looks for words that were on their way while this was written.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(settled_at=None), name="withdrawals_to_settle"),
        ]

    @property
    def is_of_all(self) -> bool:
        """Whether it speaks of all that a person has given, not of one prompt or answer."""
        return self.prompt_ref is None and self.answer_ref is None

    @property
    def hides_texts(self) -> bool:
        return self.kind != WithdrawalKind.STRIKE
