"""The prompts of a release, each once, as a model that answers reads them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from training import parquet
from training.chat import Chat, ChatError
from training.data import Counts
from training.records import Message
from training.rollouts import Prompt


def read_prompts(
    release: Path, split: str, chat: Chat, room: int, is_taken: Callable[[Sequence[Message]], bool]
) -> tuple[list[Prompt], Counts]:
    """Read what a split's demonstrations and rankings were asked, each prompt once.

    room: the most tokens that a prompt may have. is_taken: whether whoever judges can read it, too.
    """
    counts = Counts()
    found: dict[str, Prompt | None] = {}
    for record in (*parquet.read_demonstrations(release, split), *parquet.read_rankings(release, split)):
        if record.prompt_id in found:
            continue
        counts.rows_in += 1
        found[record.prompt_id] = None
        try:
            ids = chat.prompt(record.messages)
        except ChatError as error:
            counts.left_out[error.reason] += 1
            continue
        if len(ids) > room:
            counts.left_out["prompt_too_long"] += 1
        elif not is_taken(record.messages):
            counts.left_out["not_judgeable"] += 1
        else:
            found[record.prompt_id] = Prompt(record.prompt_id, record.group, record.messages, ids)
    prompts = [prompt for prompt in found.values() if prompt is not None]
    counts.rows_used = len(prompts)
    return prompts, counts
