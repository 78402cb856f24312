from __future__ import annotations

import pytest
from django.utils import timezone

from annotation.people.models import User
from annotation.projects.models import Project
from annotation.tasks.documents import NewDocument, add_documents
from annotation.tasks.models import Document
from annotation.tasks.splits import split_of, text_sha256

pytestmark = pytest.mark.django_db


def test_each_text_is_written_once_in_its_split(project: Project) -> None:
    texts = ["One.", "Two.", "One."]
    assert add_documents(project, [NewDocument(text, "en", "a.txt") for text in texts], now=timezone.now()) == 2
    assert add_documents(project, [NewDocument("Two."), NewDocument("Three.")], now=timezone.now()) == 1
    assert add_documents(project, [], now=timezone.now()) == 0
    stored = list(Document.objects.order_by("pk").values_list("text", "text_sha256", "split", "language"))
    assert stored == [
        (text, text_sha256(text), split_of(text_sha256(text)), language)
        for text, language in (("One.", "en"), ("Two.", "en"), ("Three.", ""))
    ]


def test_only_who_may_see_prompts_sees_documents(project: Project, owner: User, annotator: User) -> None:
    add_documents(project, [NewDocument("One.")], now=timezone.now())
    assert [Document.objects.visible_to(person).count() for person in (owner, annotator)] == [1, 0]
