"""Django admin for the owner of the site: look at every row, change none. Writing is what actions are for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Field, ForeignKey, ManyToManyField, Model, TextField
from django.http import HttpRequest

# Not for anybody's eyes: what a session, a link or a pseudonym could be made from.
SECRET_FIELDS = frozenset({"password", "digest", "token_key", "token_sha256", "pseudonym_key"})
# The same, where the name alone does not tell: what opens a served model's child.
SECRET_COLUMNS = frozenset({"registry.Served.key"})
# What people say to a model is theirs alone: not even the owner of the site reads along.
PRIVATE_ROOMS = ("annotation.chat.",)
_COLUMNS = 8


class ReadOnlyAdmin(admin.ModelAdmin):
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in _shown(self.model)]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        short = [field.name for field in _shown(self.model) if not isinstance(field, (TextField, ManyToManyField))]
        return short[:_COLUMNS]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        shown = self.get_list_display(request)
        return [field.name for field in _shown(self.model) if isinstance(field, ForeignKey) and field.name in shown]

    def get_list_display_links(self, request: HttpRequest, list_display: Sequence[str]) -> Sequence[str] | None:
        return (
            None if self.model._meta.pk.name in SECRET_FIELDS else super().get_list_display_links(request, list_display)
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _shown(model: type[Model]) -> list[Field]:
    """Return the columns to show; what is not for anybody's eyes is left out, a primary key too."""
    fields = [*model._meta.fields, *model._meta.many_to_many]
    named = [field for field in fields if field.name not in SECRET_FIELDS]
    return [field for field in named if f"{model._meta.label}.{field.name}" not in SECRET_COLUMNS]


for _model in apps.get_models():
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
    if _model.__module__.startswith("annotation.") and not _model.__module__.startswith(PRIVATE_ROOMS):
        admin.site.register(_model, ReadOnlyAdmin)
admin.site.register(LogEntry, ReadOnlyAdmin)
