"""OpenAI's moderation set: prompts with some of eight labels as 0 or 1, where one that is missing is not known.

Answers about labels name those that hold, so that they cannot say which are not known: nothing is read of it yet, and
the file is known here only so that its prompts do not come in without their labels.
Source: Markov et al. 2022, arXiv:2208.03274; files at github.com/openai/moderation-api-release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotation.intake.rows import BadFile

LABELS = frozenset({"S", "H", "V", "HR", "SH", "S3", "H2", "V2"})


def refuse(given: Mapping[str, Any]) -> None:
    """Raise BadFile for a row of the set."""
    rest = given.keys() - {"prompt"}
    if "prompt" in given and rest and rest <= LABELS:
        raise BadFile(
            "This is OpenAI's moderation set, in which a label that is missing is not known. Labels here cannot say "
            "that yet, so nothing came in. To take its prompts alone, name prompt in prompt_column."
        )
