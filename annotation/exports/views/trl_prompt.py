"""TRL, prompts alone, each once: what GRPO, RLOO and online DPO write completions for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotation.exports.choices import Choices
from annotation.exports.conversations import FORM, SEVERAL_TURNS, is_conversational, prompt_as
from annotation.exports.views.shape import MESSAGES, TEXT, Outcome, Record, View


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    prompt = prompt_as(record["messages"], choices)
    yield SEVERAL_TURNS if prompt is None else {"prompt": prompt}


def columns(choices: Choices) -> Mapping[str, str]:
    return {"prompt": MESSAGES if is_conversational(choices) else TEXT}


VIEW = View(
    id="trl_prompt",
    label="TRL prompts",
    source="huggingface.co/docs/trl/dataset_formats, prompt-only",
    kinds=("demonstrations", "rankings"),
    fields=("group", "messages"),
    options=(FORM,),
    distinct=True,
    rows=rows,
    columns=columns,
    loses=(
        "everything that people said: demonstrations and rankings",
        "how many answers a prompt has",
        "prompts whose only answers are scores, labels or other judgements",
        "language, source and ids",
    ),
)
