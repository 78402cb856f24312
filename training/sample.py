"""A model writes completions for waiting prompts, one JSON line each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

from training import generation, handover
from training.chat import Chat, ChatError, barred_ids, chat_for
from training.config import SampleConfig
from training.events import Reporter
from training.generation import Sampling, stream_seed
from training.loop import Stop
from training.model import fit_vocabulary, load_causal, longest_row, to_device
from training.records import CompletionRecord, PromptRecord
from training.tokenizer import decode_text, load_tokenizer


def run(config: SampleConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Write `n` completions for every prompt; return how many there are. The file appears when it is whole."""
    chat = chat_for(load_tokenizer(Path(config.model)))
    model = to_device(fit_vocabulary(load_causal(Path(config.model)), chat.tokenizer))
    prompts = list(handover.read_prompts(Path(config.prompts)))
    partial = Path(f"{config.output}.partial")
    rows = _write(model, chat, prompts, config, report, stop)
    try:
        entry = handover.write_records(partial, (row.to_json() for row in rows))
        partial.replace(config.output)
    finally:
        partial.unlink(missing_ok=True)
    return {"stage": config.stage, "config": config.to_json(), "prompts": len(prompts), "completions": entry.rows}


def _write(
    model: PreTrainedModel, chat: Chat, prompts: list[PromptRecord], config: SampleConfig, report: Reporter, stop: Stop
) -> Iterator[CompletionRecord]:
    encoded = list(_encode(model, chat, prompts, config, report))
    sampling = Sampling(config.temperature, config.top_p, config.max_new_tokens)
    report("progress", done=0, total=len(encoded))
    for start in range(0, len(encoded), config.prompts_per_batch):
        stop.check()
        batch = encoded[start : start + config.prompts_per_batch]
        written = generation.generate(
            model,
            [ids for _, ids in batch],
            [[stream_seed(config.seed, name, index) for index in range(config.n)] for name, _ in batch],
            sampling,
            stop_ids=chat.stop_ids,
            barred_ids=barred_ids(chat),
            pad_id=chat.tokenizer.pad_token_id,
        )
        for (name, _), completions in zip(batch, written, strict=True):
            for index, one in enumerate(completions):
                yield CompletionRecord(
                    prompt_id=name,
                    index=index,
                    text=decode_text(chat.tokenizer, one.ids),
                    finish_reason=one.finish_reason,
                    seed=config.seed,
                    temperature=config.temperature,
                    top_p=config.top_p,
                )
        report("progress", done=min(start + config.prompts_per_batch, len(encoded)), total=len(encoded))


def _encode(
    model: PreTrainedModel, chat: Chat, prompts: list[PromptRecord], config: SampleConfig, report: Reporter
) -> Iterator[tuple[str, list[int]]]:
    """Encode the prompts that can be rendered, each without the oldest tokens that leave no room to write."""
    longest = longest_row(model)
    room = None if longest is None else max(longest - config.max_new_tokens, 1)
    for prompt in prompts:
        try:
            ids = chat.prompt(prompt.messages)
        except ChatError as error:
            report("log", level="warning", message=f"Prompt {prompt.prompt_id} is left out: {error}")
            continue
        if room is not None and len(ids) > room:
            report(
                "log", level="warning", message=f"Prompt {prompt.prompt_id} loses its oldest {len(ids) - room} tokens."
            )
            ids = [ids[0], *ids[len(ids) - room + 1 :]]
        yield prompt.prompt_id, ids
