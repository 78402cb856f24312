"""Ranking: a person orders K completions into tiers, best first; completions in one tier are tied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.projects.kinds.shape import Config, InvalidAnswer, Kind, Payload, only_fields, text_field
from training.ranking import RankingError, validate_tiers


def check(payload: Payload, config: Config, labels: Sequence[str]) -> Payload:
    only_fields(payload, "tiers", "all_bad", "rationale")
    tiers, all_bad = payload.get("tiers"), payload.get("all_bad", False)
    if not isinstance(all_bad, bool):
        raise InvalidAnswer([("all_bad", "must be true or false")])
    if not (isinstance(tiers, list) and all(isinstance(tier, list) for tier in tiers)):
        raise InvalidAnswer([("tiers", "must be a list of lists of completion labels, best first")])
    try:
        validate_tiers(tiers, labels)
    except RankingError as error:
        raise InvalidAnswer([("tiers", str(error))]) from error
    if not config["allow_ties"] and len(tiers) < len(labels):
        raise InvalidAnswer([("tiers", "this protocol wants a strict order: no ties")])
    rationale = text_field(payload, "rationale", limit=5_000, required=config["require_rationale"])
    return {"tiers": tiers, "all_bad": all_bad, "rationale": rationale}


def relabel(payload: Payload, names: Mapping[str, Any]) -> Payload:
    return payload | {"tiers": [[names[label] for label in tier] for tier in payload["tiers"]]}


KIND = Kind(
    key="ranking",
    minimum_completions=2,
    maximum_completions=9,
    check=check,
    defaults={"instruction": "", "allow_ties": True, "require_rationale": False},
    relabel=relabel,
)
