"""Ranking: a person orders K completions into tiers, best first; completions in one tier are tied.

Where the protocol asks for it, the prompt is described and each completion is rated and flagged first.
Source: Ouyang et al. 2022 (arXiv:2203.02155), section 3.4, tables 3 and 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.projects.kinds.reading import OVERALL_QUALITY, Fields, renamed_keys
from annotation.projects.kinds.settings import InvalidConfig, Names, Number, Switch
from annotation.projects.kinds.shape import (
    INSTRUCTION,
    MASK_IDENTITY,
    REQUIRE_RATIONALE,
    Config,
    Kind,
    Payload,
    completion_bounds,
)
from training.ranking import FEWEST_COMPLETIONS, MOST_COMPLETIONS, RankingError, validate_tiers

_FIELDS = ("tiers", "all_bad", "rationale", "prompt_flags", "use_case", "outputs")


def check(payload: Payload, config: Config, labels: Sequence[Any]) -> Payload:
    fields = Fields(payload, _FIELDS)
    stored = {
        "tiers": _tiers(fields, labels, ties=config["allow_ties"]),
        "all_bad": fields.switch("all_bad"),
        "rationale": fields.rationale(config),
    }
    asked = {
        "prompt_flags": fields.flags("prompt_flags", config["prompt_flags"]),
        "use_case": fields.choice("use_case", config["use_cases"], required=bool(config["use_cases"])),
        "outputs": fields.outputs(labels, scale=config["rating_scale"], flags=config["completion_flags"]),
    }
    fields.done()
    return stored | {name: value for name, value in asked.items() if value}


def _tiers(fields: Fields, labels: Sequence[Any], *, ties: bool) -> list[list[Any]]:
    tiers = fields.payload.get("tiers")
    if not (isinstance(tiers, list) and all(isinstance(tier, list) for tier in tiers)):
        fields.fault("tiers", "must be a list of lists of completion labels, best first")
        return []
    try:
        validate_tiers(tiers, labels)
    except RankingError as error:
        fields.fault("tiers", str(error))
    else:
        if not ties and len(tiers) < len(labels):
            fields.fault("tiers", "this protocol wants a strict order: no ties")
    return tiers


def relabel(payload: Payload, names: Mapping[Any, Any]) -> Payload:
    renamed = payload | {"tiers": [[names[label] for label in tier] for tier in payload["tiers"]]}
    return renamed | ({"outputs": renamed_keys(payload["outputs"], names)} if "outputs" in payload else {})


def agree(config: Config) -> None:
    if config["minimum_completions"] > config["maximum_completions"]:
        raise InvalidConfig("minimum_completions", "is more than maximum_completions: lower it")
    if config["rating_scale"] == 1:
        raise InvalidConfig("rating_scale", "must be 0, for no rating, or a scale of at least 2 steps")
    if OVERALL_QUALITY in config["completion_flags"]:
        raise InvalidConfig("completion_flags", f"{OVERALL_QUALITY!r} is the name of the rating: choose another")


KIND = Kind(
    key="ranking",
    about="Put several completions of one prompt in order, ties allowed.",
    minimum_completions=FEWEST_COMPLETIONS,
    maximum_completions=MOST_COMPLETIONS,
    check=check,
    settings=(
        INSTRUCTION,
        Switch(name="allow_ties", about="Completions may share a tier.", default=True),
        REQUIRE_RATIONALE,
        MASK_IDENTITY,
        *completion_bounds(FEWEST_COMPLETIONS, MOST_COMPLETIONS, default=(FEWEST_COMPLETIONS, MOST_COMPLETIONS)),
        Names(name="prompt_flags", about="What may hold of the prompt: asked before the ranking, yes or no."),
        Names(name="use_cases", about="What the prompt may be for: one is chosen."),
        Number(
            name="rating_scale",
            about="How many steps the rating of each completion has; 0 for no rating.",
            default=0,
            minimum=0,
            maximum=100,
        ),
        Names(name="completion_flags", about="What may hold of each completion: asked beside its rating, yes or no."),
    ),
    agree=agree,
    relabel=relabel,
    record="rankings",
)
