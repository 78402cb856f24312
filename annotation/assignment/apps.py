from django.apps import AppConfig


class AssignmentConfig(AppConfig):
    name = "annotation.assignment"
    default_auto_field = "django.db.models.BigAutoField"
