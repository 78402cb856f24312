from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "annotation.intake"
    default_auto_field = "django.db.models.BigAutoField"
