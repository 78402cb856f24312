"""A view written from a shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotation.exports.models import Release, ReleaseView
from annotation.people.models import User
from annotation.tasks.models import Answer

Freeze = Callable[..., Release]


def said(*words: Any) -> str:
    out = StringIO()
    call_command("write_view", *map(str, words), stdout=out)
    return out.getvalue()


def test_it_writes_the_view_and_says_where(
    answers: dict[str, Answer], owner: User, freeze: Freeze, media: Path
) -> None:
    release = freeze()
    told = json.loads(said(release.digest_sha256[:12], "trl_preference", "--option", "pairs=adjacent", "--json"))
    view = ReleaseView.objects.get()
    assert (told["id"], told["options"]["pairs"], view.created_by) == (view.pk, "adjacent", owner)
    assert {path.name for path in (media / told["place"]).iterdir()} > {entry["path"] for entry in told["files"]}

    shown = said(release.pk, "trl_preference", "--option", "pairs=adjacent")
    assert told["place"] in shown
    assert "all_bad_ranking" in shown
    assert ReleaseView.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("7777", "trl_sft"), "There is no release"),
        (("{release}", "trl_preference", "--option", "pairs"), "write name=value"),
        (("{release}", "trl_preference", "--option", "weights=maybe"), "true or false"),
        (("{release}", "trl_sft", "--as", "nobody@example.com"), "Nobody here"),
        (("{release}", "trl_sft", "--as", "annotator@example.com"), "does not allow"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    answers: dict[str, Answer], freeze: Freeze, words: tuple[str, ...], complaint: str
) -> None:
    release = freeze()
    with pytest.raises(CommandError, match=complaint):
        said(*(word.format(release=release.pk) for word in words))
    assert not ReleaseView.objects.exists()
