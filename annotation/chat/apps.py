from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "annotation.chat"
    default_auto_field = "django.db.models.BigAutoField"
