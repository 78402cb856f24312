from __future__ import annotations

from collections.abc import Callable

import pytest

from annotation.exports import actions
from annotation.exports.models import Release, ReleaseTag, ReleaseTagMove
from annotation.exports.queries import ReleaseNotFrozen
from annotation.exports.tagging import BadTag, NoSuchTag, tag_release, take_tag_away
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed
from annotation.tasks.models import Answer
from tests.people import NOW

Freeze = Callable[..., Release]


def moves() -> list[tuple[str, int | None]]:
    return list(ReleaseTagMove.objects.order_by("pk").values_list("name", "release"))


def test_a_tag_moves_and_every_move_is_logged(
    answers: dict[str, Answer], project: Project, owner: User, freeze: Freeze
) -> None:
    first, second = freeze("first"), freeze("second", {"include_spares": True})
    for release in (first, second, second):
        tag_release(release=release, name="latest", actor=owner, now=NOW)
    tag_release(release=first, name="paper-v1", actor=owner, now=NOW)
    assert dict(ReleaseTag.objects.values_list("name", "release")) == {"latest": second.pk, "paper-v1": first.pk}
    take_tag_away(project=project, name="latest", actor=owner, now=NOW)
    assert dict(ReleaseTag.objects.values_list("name", "release")) == {"paper-v1": first.pk}
    assert moves() == [("latest", first.pk), ("latest", second.pk), ("paper-v1", first.pk), ("latest", None)]
    with pytest.raises(NoSuchTag, match="“latest”"):
        take_tag_away(project=project, name="latest", actor=owner, now=NOW)


@pytest.mark.parametrize("name", ["", "Latest", "a b", "-a", "a/b", "ä", "x" * 61, "a\n"])
def test_a_name_that_fits_no_address_is_refused(
    answers: dict[str, Answer], owner: User, freeze: Freeze, name: str
) -> None:
    with pytest.raises(BadTag, match="1 to 60"):
        tag_release(release=freeze(), name=name, actor=owner, now=NOW)


def test_what_is_not_frozen_has_no_tag(answers: dict[str, Answer], project: Project, owner: User) -> None:
    waiting = actions.request_release(project=project, name="later", selection={}, actor=owner, now=NOW)
    with pytest.raises(ReleaseNotFrozen):
        tag_release(release=waiting, name="latest", actor=owner, now=NOW)


def test_a_reviewer_moves_no_tag(answers: dict[str, Answer], project: Project, reviewer: User, freeze: Freeze) -> None:
    with pytest.raises(NotAllowed):
        tag_release(release=freeze(), name="latest", actor=reviewer, now=NOW)
    with pytest.raises(NotAllowed):
        take_tag_away(project=project, name="latest", actor=reviewer, now=NOW)
    assert moves() == []
