"""A project's whole road, walked at once: from a release to an assistant that is up, behind its filter."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.exports.models import Release
from annotation.projects.models import Project


class WalkState(models.TextChoices):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Walk(models.Model):
    """One walk. Its release and runs are rows of their own; here stands which they are, and how far it is."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="walks")
    state = models.CharField(max_length=10, choices=WalkState.choices, default=WalkState.RUNNING)
    release = models.ForeignKey(Release, null=True, on_delete=models.SET_NULL, related_name="+")
    runs = models.JSONField(default=dict, help_text="{stage: run}")
    said = models.TextField(blank=True, default="", help_text="Why it ended early.")
    # When somebody last looked whether the next step is due; whoever finds it long ago looks again.
    looked_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(state=WalkState.RUNNING), name="one_walk_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"walk {self.pk} of {self.project_id}"
