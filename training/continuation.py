"""A model goes on from a text: what a foundation model does. It completes, it does not answer."""

from pathlib import Path
from typing import Any

from training import generation
from training.config import ContinueConfig
from training.events import Reporter
from training.generation import Sampling
from training.loop import Stop
from training.model import ModelError, load_causal, longest_row, to_device
from training.tokenizer import decode_text, encode_text, load_tokenizer

# A model whose config does not say how much it reads is given so much.
CONTEXT = 1024


def run(config: ContinueConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Write on from the prompt; say how far it is whenever the model's context is full.

    Raises UnknownCharacters, ModelError.
    """
    tokenizer = load_tokenizer(Path(config.model))
    model = to_device(load_causal(Path(config.model)))
    ids = encode_text(tokenizer, config.prompt)
    if not ids:
        raise ModelError("The prompt is empty: give the model something to go on from.")
    sampling = Sampling(config.temperature, config.top_p, config.max_new_tokens)
    written: list[int] = []
    report("progress", done=0, total=config.max_new_tokens)
    for part in generation.go_on(model, tokenizer, ids, config.seed, sampling, longest_row(model) or CONTEXT):
        stop.check()
        written += part
        report("progress", done=len(written), total=config.max_new_tokens)
    text = decode_text(tokenizer, written)
    return {"stage": config.stage, "config": config.to_json(), "text": text, "tokens": len(written)}
