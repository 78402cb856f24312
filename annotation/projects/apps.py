from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "annotation.projects"
    default_auto_field = "django.db.models.BigAutoField"
