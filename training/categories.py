"""What a text may be moderated for: OpenAI's thirteen keys, what others name beside them, and who means which.

A category that nobody spoke of is unknown, which is not the same as no. Standard library only, so that the site can
label, serve and show by the same names that a model is trained on.
"""

import re
from collections.abc import Iterable, Mapping

# Source: openai/openai-openapi, CreateModerationResponse.
OPENAI = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip

# What has no key of OpenAI's: Llama Guard's others, and coarse language that hates and harasses nobody.
EXTENSIONS = (
    "sex_crimes", "defamation", "specialized_advice", "privacy", "intellectual_property", "elections",
    "code_interpreter_abuse", "offensive_language",
)  # fmt: skip

CATEGORIES = (*OPENAI, *EXTENSIONS)

# Llama Guard's hazards as the keys that each of them says; a family's own key where it does not say which of the
# family. Source: meta-llama/PurpleLlama, Llama-Guard3/8B/MODEL_CARD.md (MLCommons' hazards).
LLAMA_GUARD: Mapping[str, tuple[str, ...]] = {
    "S1": ("violence", "illicit/violent"),
    "S2": ("illicit",),
    "S3": ("sex_crimes",),
    "S4": ("sexual/minors",),
    "S5": ("defamation",),
    "S6": ("specialized_advice",),
    "S7": ("privacy",),
    "S8": ("intellectual_property",),
    "S9": ("illicit/violent",),
    "S10": ("hate",),
    "S11": ("self-harm",),
    "S12": ("sexual",),
    "S13": ("elections",),
    "S14": ("code_interpreter_abuse",),
}

# The letters of OpenAI's published evaluation set. Source: Markov et al. 2022 (arXiv:2208.03274), table 1.
EVALUATION_SET: Mapping[str, str] = {
    "S": "sexual", "H": "hate", "V": "violence", "HR": "harassment", "SH": "self-harm", "S3": "sexual/minors",
    "H2": "hate/threatening", "V2": "violence/graphic",
}  # fmt: skip

_UNSAFE = re.compile(r"\s*unsafe\s*\n\s*(S\d{1,2}(?:\s*,\s*S\d{1,2})*)\s*", re.ASCII)


class NoVerdict(ValueError):
    """An answer that is none of those that a guard gives."""


def read_guard(answer: str) -> tuple[str, ...]:
    """Return what Llama Guard's answer names, in the order of `CATEGORIES`: nothing for `safe`.

    Raises NoVerdict for any other text: what cannot be read must not pass for safe.
    """
    if answer.strip() == "safe":
        return ()
    found = _UNSAFE.fullmatch(answer)
    codes = re.findall(r"S\d+", found[1]) if found else []
    if not codes or not {*codes} <= LLAMA_GUARD.keys():
        raise NoVerdict(f"{answer.strip()[:80]!r} is neither `safe` nor `unsafe` with hazards of S1 to S14.")
    return in_order(name for code in codes for name in LLAMA_GUARD[code])


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return categories in the house's order, each once; those that it does not know come last, by name."""
    place = {name: number for number, name in enumerate(CATEGORIES)}
    return tuple(sorted({*names}, key=lambda name: (place.get(name, len(place)), name)))
