from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "annotation.operations"
    default_auto_field = "django.db.models.BigAutoField"
