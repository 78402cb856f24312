"""Comparison: which of two completions is better, and by how much; the better one may be edited into a best one.

The stored payload also holds what follows from it, `tiers` and `all_bad`, so that whatever reads rankings reads it.
Sources: Bai et al. 2022 (arXiv:2204.05862), section 2 and appendix D.2; Touvron et al. 2023 (arXiv:2307.09288), 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.projects.kinds.reading import Fields, renamed_keys
from annotation.projects.kinds.settings import Names, Number, Switch
from annotation.projects.kinds.shape import INSTRUCTION, MASK_IDENTITY, REQUIRE_RATIONALE, Config, Kind, Payload
from annotation.projects.masking import MASK

EDIT_CHARACTERS = 20_000
# The last two are worked out anew, whatever the payload says of them.
_FIELDS = ("preferred", "strength", "both_bad", "rationale", "edit", "outputs", "tiers", "all_bad")


def check(payload: Payload, config: Config, labels: Sequence[Any]) -> Payload:
    fields = Fields(payload, _FIELDS)
    preferred = fields.label("preferred", labels)
    both_bad = fields.switch("both_bad")
    stored: Payload = {
        "preferred": preferred,
        "strength": _strength(fields, preferred, config),
        "both_bad": both_bad,
        "rationale": fields.rationale(config),
        "edit": _edit(fields, preferred, labels, config["allow_edit"], both_bad),
    }
    outputs = fields.outputs(labels, scale=0, flags=config["completion_flags"])
    if len(labels) != 2:
        fields.fault("preferred", f"a comparison has two completions, not {len(labels)}")
    fields.done()
    follows = {"tiers": _tiers(preferred, labels), "all_bad": both_bad}
    return stored | ({"outputs": outputs} if outputs else {}) | follows


def _strength(fields: Fields, preferred: Any, config: Config) -> int:
    strength = fields.whole("strength", 0, config["strength_levels"])
    if fields.payload.get("preferred") is None:
        if not config["allow_ties"]:
            fields.fault("preferred", "this protocol wants a decision: name the better completion")
        if strength:
            fields.fault("strength", "must be 0 for a tie; or name the preferred completion")
    elif preferred is not None and not strength:
        fields.fault("strength", f"must be from 1 to {config['strength_levels']} where one is preferred")
    return strength


def _edit(fields: Fields, preferred: Any, labels: Sequence[Any], allowed: bool, both_bad: bool) -> Payload | None:
    value = fields.payload.get("edit")
    if value is None:
        return None
    if not allowed:
        fields.fault("edit", "is not asked for by this protocol: leave it out")
    if both_bad:
        fields.fault("edit", "cannot stand beside both_bad: an edit says how the completion would be good")
    inner = fields.inside("edit", value, ("of", "text"))
    of = inner.label("of", labels)
    text = inner.text("text", limit=EDIT_CHARACTERS, required=True)
    if MASK in text:
        inner.fault("text", f"holds {MASK}, which hides a name: write what should stand there")
    if inner.payload.get("of") is None:
        inner.fault("of", "must name the completion that was edited")
    elif preferred is not None and of is not None and of != preferred:
        inner.fault("of", "must be the preferred completion: the edit stands above both")
    return {"of": of, "text": text}


def _tiers(preferred: Any, labels: Sequence[Any]) -> list[list[Any]]:
    if preferred is None:
        return [list(labels)]
    return [[preferred], [label for label in labels if label != preferred]]


def relabel(payload: Payload, names: Mapping[Any, Any]) -> Payload:
    edit, preferred = payload["edit"], payload["preferred"]
    renamed = payload | {
        "preferred": None if preferred is None else names[preferred],
        "edit": edit and edit | {"of": names[edit["of"]]},
        "tiers": [[names[label] for label in tier] for tier in payload["tiers"]],
    }
    return renamed | ({"outputs": renamed_keys(payload["outputs"], names)} if "outputs" in payload else {})


KIND = Kind(
    key="comparison",
    about="Say which of two completions is better, and how much.",
    minimum_completions=2,
    maximum_completions=2,
    check=check,
    settings=(
        INSTRUCTION,
        Number(
            name="strength_levels",
            about="How many degrees of “better” there are.",
            default=3,
            minimum=1,
            maximum=9,
        ),
        Switch(name="allow_ties", about="Neither of the two need be better.", default=True),
        Switch(name="allow_edit", about="The better completion may be edited into a still better one."),
        REQUIRE_RATIONALE,
        MASK_IDENTITY,
        Names(name="completion_flags", about="What may hold of each completion, yes or no."),
    ),
    relabel=relabel,
    record="rankings",
)
