"""Every option of every view has words in every language of the pages."""

from __future__ import annotations

import json

import pytest
from django.conf import settings

from annotation.exports import views


@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_option_has_words(language: str) -> None:
    path = settings.ROOT / "frontend" / "src" / "shared" / "i18n" / f"{language}.project.json"
    words = json.loads(path.read_text(encoding="utf-8"))
    for view in views.VIEWS.values():
        for option in view.options:
            names = (f"{view.id}_{option.name}", option.name)
            said = next((words["view_option"][name] for name in names if name in words["view_option"]), None)
            assert said, f"{view.id}: {option.name}"
            if language == "en":
                assert said == option.label
            assert set(option.choices) <= set(words["view_choice"])
