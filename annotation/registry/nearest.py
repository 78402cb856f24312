"""What taught a model this? The ideal answers of its release that share most words with something that it said.

Nobody can say which rows made a model say a thing; this shows which are nearest to it, for a reader to judge.
Found by PostgreSQL's text search, over so many of the newest rows that an answer never waits for more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import F, Value
from django.db.models.fields.json import KeyTextTransform

from annotation.exports.makeup import makeup_of
from annotation.exports.models import Release, ReleaseMember
from annotation.people.models import User
from annotation.projects.permissions import can
from annotation.registry.models import ModelVersion, Stage
from annotation.tasks.models import AnswerRevision, Split

SHOWN = 5
# Rows that are searched at most, the newest first: some two seconds of a processor.
SEARCHED = 20_000
MOST_CHARACTERS = 4_000
MOST_WORDS = 40
# Shorter words stand in every row.
_WORD = re.compile(r"\w{4,}")
_LEARNED_FROM = "demonstration"


@dataclass(frozen=True)
class Near:
    """An ideal answer that the model learned from, and the words that both have."""

    answer: int
    release: Release
    prompt: str
    text: str
    shared: list[str]


@dataclass(frozen=True)
class Taught:
    """Who taught the model how much; and what is nearest, for those who may read the release."""

    model: ModelVersion
    answers: int
    people: int
    may_read: bool
    searched: int = 0
    nearest: list[Near] = field(default_factory=list)


def taught(model: ModelVersion, text: str, reader: User) -> Taught:
    """Return what of its training rows is nearest to a text; six queries, and as many more as models it began with."""
    releases = _releases_of(model)
    made_of = [makeup_of(release) for release in releases]
    answers, people = sum(one["answers"] for one in made_of), max((one["people"] for one in made_of), default=0)
    may_read = can(reader, "view_release", model.project)
    if not may_read:
        return Taught(model, answers, people, may_read)
    members = ReleaseMember.objects.filter(
        release__in=[release.pk for release in releases],
        split=Split.TRAIN,
        answer_revision__answer__task__protocol__kind=_LEARNED_FROM,
        answer_revision__answer__withdrawal=None,
    )
    held = dict(members.order_by("-answer_revision").values_list("answer_revision", "release")[:SEARCHED])
    by_pk = {release.pk: release for release in releases}
    return Taught(model, answers, people, may_read, len(held), _nearest(held, by_pk, text))


def _nearest(held: dict[int, int], releases: dict[int, Release], text: str) -> list[Near]:
    words = words_of(text)
    if not words or not held:
        return []
    query = SearchQuery(" | ".join(words), search_type="raw", config="simple")
    rows = AnswerRevision.objects.filter(pk__in=list(held)).select_related("answer__task__prompt")
    rows = rows.annotate(
        said=KeyTextTransform("completion", "payload"),
        vector=SearchVector(KeyTextTransform("completion", "payload"), config="simple"),
    ).filter(vector=query)
    # Divided by the logarithm of the row's length, so that the long are not near to everything.
    ranked = rows.annotate(rank=SearchRank(F("vector"), query, normalization=Value(1))).order_by("-rank", "pk")
    return [
        Near(
            answer=row.answer_id,
            release=releases[held[row.pk]],
            prompt=_last_words(row),
            text=row.said[:MOST_CHARACTERS],
            shared=[word for word in words if word in set(_WORD.findall(row.said.lower()))],
        )
        for row in ranked[:SHOWN]
    ]


def words_of(text: str) -> list[str]:
    """Return the longest words of a text, each once: what tells it from others."""
    found = set(_WORD.findall(text[:MOST_CHARACTERS].lower()))
    return sorted(found, key=lambda word: (-len(word), word))[:MOST_WORDS]


def _releases_of(model: ModelVersion) -> list[Release]:
    """Return the releases that it and the models it began with learned to answer from, its own first."""
    found: list[Release] = []
    at: ModelVersion | None = model
    while at is not None and at.stage != Stage.PRETRAIN:
        if at.release not in found:
            found.append(at.release)
        at = at.run.start_model
    return found


def _last_words(row: AnswerRevision) -> str:
    prompt = row.answer.task.prompt
    return str(prompt.messages[-1]["content"])[:MOST_CHARACTERS] if prompt else ""
