from django.apps import AppConfig


class RoadConfig(AppConfig):
    name = "annotation.road"
    default_auto_field = "django.db.models.BigAutoField"
