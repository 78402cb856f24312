"""Where a model comes from and what an answer went into: small graphs, whatever the size of what they stand for.

Nodes stand for rows or for many of a kind; an edge leads from what something was made of to what was made of it.
Each list is cut at MOST nodes, newest first, and the graph says so. Runs and models are told to those who may see
runs. Nothing here reads all members of a release.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet, Sum

from annotation.exports.makeup import makeup_of
from annotation.exports.models import Release, ReleaseMember, StaleRelease
from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, Project, ProtocolVersion
from annotation.projects.permissions import can
from annotation.registry.models import ModelVersion, StaleModel, TrainingRun
from annotation.tasks.models import Answer, Prompt

MOST = 40
KINDS = ("answers", "person", "people", "prompt", "protocol", "guideline", "release", "run", "model")


@dataclass(frozen=True)
class Node:
    id: str
    kind: str
    label: str
    # The row's id, and where it is a version also its owner's; none where it stands for many.
    row: int | None = None
    count: int | None = None
    is_stale: bool = False


@dataclass(frozen=True)
class Reason:
    """Why something is stale: so many withdrawals of one kind, the last of them then."""

    kind: str
    withdrawals: int
    # Of a release's answers; unknown of a model, which learned from all of them.
    answers: int | None
    last_at: datetime


@dataclass
class Graph:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], None] = field(default_factory=dict)
    is_cut: bool = False

    def add(self, node: Node) -> Node:
        return self.nodes.setdefault(node.id, node)

    def join(self, origin: Node, made: Node) -> None:
        self.edges[origin.id, made.id] = None

    def some(self, rows: QuerySet) -> list:
        """Return the newest rows, and remember when there are more."""
        found = list(rows.order_by("-pk")[: MOST + 1])
        self.is_cut = self.is_cut or len(found) > MOST
        return found[:MOST]


def of_model(model: ModelVersion, user: User) -> Graph:
    """Follow a model back to its answers, and to the models that made it or that it made: by start or by choosing."""
    graph = Graph()
    node, young = _model(graph, model), model
    # A chain of models, each trained on from the one before.
    for _ in range(MOST):
        old = young.run.start_model
        if old is None:
            break
        graph.join(_model(graph, old), _run(graph, young.run))
        young = old
    if judge := model.run.judge_model:
        graph.join(_model(graph, judge), _run(graph, model.run))
    made_with = Q(run__start_model=model) | Q(run__judge_model=model)
    begun = ModelVersion.objects.filter(made_with).select_related("run__release")
    for child in graph.some(begun):
        run = _run(graph, child.run)
        graph.join(node, run)
        graph.join(run, graph.add(_model_node(child)))
    return graph


def of_release(release: Release, user: User) -> Graph:
    """Follow a release back to its answers, and on to what was trained on it."""
    graph = Graph()
    _origins(graph, release)
    _made_of(graph, [release], user)
    return graph


def of_answer(answer: Answer, user: User) -> Graph:
    """Follow an answer to the releases and models that it is in."""
    graph = Graph()
    origin = graph.add(Node(f"answers:{answer.pk}", "answers", str(answer.task.protocol), row=answer.pk, count=1))
    person = graph.add(Node(f"person:{answer.annotator_id}", "person", str(answer.annotator), row=answer.annotator_id))
    graph.join(person, origin)
    for kind, version in (("protocol", answer.protocol_version), ("guideline", answer.guideline_version)):
        if version:
            label = f"{version.protocol} · {version.number}"
            graph.join(graph.add(Node(f"{kind}:{version.pk}", kind, label, row=version.protocol_id)), origin)
    members = ReleaseMember.objects.filter(answer_revision__answer=answer)
    releases = graph.some(Release.objects.filter(pk__in=members.values("release")))
    for release in releases:
        graph.join(origin, _release(graph, release))
    _made_of(graph, releases, user)
    return graph


def of_person(person: User, project: Project, user: User) -> Graph:
    """Follow all that a person has answered in a project. Costs what they have done, not what there is."""
    answers = Answer.objects.filter(annotator=person, task__protocol__project=project)
    node = Node(f"person:{person.pk}", "person", str(person), row=person.pk)
    return _of_many(answers, node, user)


def of_prompt(prompt: Prompt, user: User) -> Graph:
    """Follow all answers to a prompt."""
    answers = Answer.objects.filter(task__prompt=prompt)
    return _of_many(answers, Node(f"prompt:{prompt.pk}", "prompt", f"#{prompt.pk}", row=prompt.pk), user)


def reach_of(answers: QuerySet[Answer]) -> dict[str, int]:
    """Return in how many releases these answers stand, and how many models were trained on those."""
    releases = Release.objects.filter(pk__in=_releases_of(answers))
    return {"releases": releases.count(), "models": ModelVersion.objects.filter(release__in=releases).count()}


def reasons_in(graph: Graph) -> Mapping[str, list[Reason]]:
    """Return why each stale node is so, by the node's id; one query for the releases among them, one for the models."""
    found: dict[str, list[Reason]] = defaultdict(list)
    told = {"withdrawals": Count("pk"), "last_at": Max("withdrawal__created_at")}
    for kind, rows, also in (
        ("release", StaleRelease.objects.all(), {"number": Sum("answers")}),
        ("model", StaleModel.objects.all(), {}),
    ):
        stale = [node.row for node in graph.nodes.values() if node.kind == kind and node.is_stale]
        if stale:
            by_kind = rows.filter(**{f"{kind}__in": stale}).values(kind, "withdrawal__kind").annotate(**told, **also)
            for row in by_kind.order_by(kind, "withdrawal__kind"):
                reason = Reason(row["withdrawal__kind"], row["withdrawals"], row.get("number"), row["last_at"])
                found[f"{kind}:{row[kind]}"].append(reason)
    return found


def _of_many(answers: QuerySet[Answer], origin: Node, user: User) -> Graph:
    graph = Graph()
    graph.add(origin)
    many = graph.add(Node("answers", "answers", "", count=answers.count()))
    graph.join(origin, many)
    releases = graph.some(Release.objects.filter(pk__in=_releases_of(answers)))
    for release in releases:
        graph.join(many, _release(graph, release))
    _made_of(graph, releases, user)
    return graph


def _releases_of(answers: QuerySet[Answer]) -> QuerySet:
    # What stands in no release is left out before any member is looked for.
    frozen = answers.filter(frozen_at__isnull=False)
    return ReleaseMember.objects.filter(answer_revision__answer__in=frozen).values("release")


def _made_of(graph: Graph, releases: Iterable[Release], user: User) -> None:
    """Add the runs on these releases, and their models, for those who may see them."""
    releases = list(releases)
    if not releases or not can(user, "view_run", releases[0].project):
        return
    runs = TrainingRun.objects.visible_to(user).filter(release__in=releases).select_related("model", "release")
    for run in graph.some(runs):
        node = _run(graph, run)
        if model := getattr(run, "model", None):
            graph.join(node, graph.add(_model_node(model)))


def _model(graph: Graph, model: ModelVersion) -> Node:
    node = graph.add(_model_node(model))
    graph.join(_run(graph, model.run), node)
    _origins(graph, model.release)
    return node


def _run(graph: Graph, run: TrainingRun) -> Node:
    node = graph.add(Node(f"run:{run.pk}", "run", f"{run.stage} {run.pk}", row=run.pk))
    graph.join(_release(graph, run.release), node)
    return node


def _release(graph: Graph, release: Release) -> Node:
    is_stale = release.stale_at is not None
    return graph.add(Node(f"release:{release.pk}", "release", release.name, row=release.pk, is_stale=is_stale))


def _model_node(model: ModelVersion) -> Node:
    return Node(f"model:{model.pk}", "model", model.name, row=model.pk, is_stale=model.stale_at is not None)


def _origins(graph: Graph, release: Release) -> None:
    """Add what a release is made of: its answers and, in numbers, whose they are and by which versions."""
    node, of = _release(graph, release), makeup_of(release)
    answers = graph.add(Node(f"answers:of-{release.pk}", "answers", "", count=of["answers"]))
    graph.join(answers, node)
    graph.join(graph.add(Node(f"people:of-{release.pk}", "people", "", count=of["people"])), answers)
    by_protocol, by_guideline = Counter[int](), Counter[int]()
    for protocol, guideline, number in of["versions"]:
        by_protocol[protocol] += number
        if guideline:
            by_guideline[guideline] += number
    graph.is_cut = graph.is_cut or max(len(by_protocol), len(by_guideline)) > MOST
    for rows, kind, numbers in (
        (ProtocolVersion.objects, "protocol", dict(by_protocol.most_common(MOST))),
        (GuidelineVersion.objects, "guideline", dict(by_guideline.most_common(MOST))),
    ):
        for version in rows.filter(pk__in=numbers).select_related("protocol").order_by("pk"):
            label = f"{version.protocol} · {version.number}"
            # By its release too: two releases may hold answers of the same version, and different ones of them.
            id = f"{kind}:{version.pk}:of-{release.pk}"
            origin = Node(id, kind, label, row=version.protocol_id, count=numbers[version.pk])
            graph.join(graph.add(origin), answers)
