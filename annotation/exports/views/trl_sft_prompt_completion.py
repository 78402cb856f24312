"""TRL, supervised: `prompt` and `completion` apart, so the loss falls on the demonstration alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotation.exports.choices import Choices
from annotation.exports.conversations import FORM, SEVERAL_TURNS, completion_as, is_conversational, prompt_as
from annotation.exports.views.shape import MESSAGES, TEXT, Outcome, Record, View


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    prompt = prompt_as(record["messages"], choices)
    if prompt is None:
        yield SEVERAL_TURNS
        return
    yield {"prompt": prompt, "completion": completion_as(record["completion"], choices)}


def columns(choices: Choices) -> Mapping[str, str]:
    return dict.fromkeys(("prompt", "completion"), MESSAGES if is_conversational(choices) else TEXT)


VIEW = View(
    id="trl_sft_prompt_completion",
    label="TRL supervised fine-tuning: prompt and completion",
    source="huggingface.co/docs/trl/dataset_formats, prompt-completion",
    kinds=("demonstrations",),
    fields=("messages", "completion"),
    options=(FORM,),
    rows=rows,
    columns=columns,
    loses=(
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt and group ids",
    ),
)
