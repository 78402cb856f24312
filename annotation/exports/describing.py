"""What a manifest says beside its files: protocols and their versions, guidelines, agreement, the rule of pairs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count

from annotation.exports import pairing
from annotation.exports.agreements import agreement_by_split
from annotation.exports.choices import read_choices
from annotation.exports.choosing import TASK, going_in
from annotation.exports.selection import Selection
from annotation.projects.models import Project, Protocol


def facts(project: Project, selection: Selection, bridging: Collection[int]) -> dict[str, Any]:
    """Return the manifest's keys {protocols, agreement, pair_rule}. Three queries, however much goes in."""
    return {
        "protocols": _protocols(project, selection),
        "agreement": agreement_by_split(project, selection, bridging),
        # What a view does with pairs where nobody chooses otherwise.
        "pair_rule": dict(read_choices(pairing.OPTIONS, {})),
    }


def _protocols(project: Project, selection: Selection) -> dict[str, dict[str, Any]]:
    """Return the names behind the protocol ids that records carry, and which versions stand in the release.

    A name may change, a record may not.
    """
    named = Protocol.objects.filter(project=project).order_by("pk").values_list("pk", "kind", "name")
    found = {pk: (f"{kind}/{pk}", {"kind": kind, "name": name}) for pk, kind, name in named}
    described: dict[str, dict[str, Any]] = {
        key: {**said, "versions": [], "guideline_versions": [], "answers": 0} for key, said in found.values()
    }
    columns = (TASK + "protocol_id", "protocol_version__number", "guideline_version__number")
    rows = going_in(project, selection).values_list(*columns).annotate(Count("pk")).order_by()
    for protocol, version, guideline, answers in rows:
        here = described[found[protocol][0]]
        here["answers"] += answers
        here["versions"] = sorted({*here["versions"], version})
        if guideline is not None:
            here["guideline_versions"] = sorted({*here["guideline_versions"], guideline})
    return described
