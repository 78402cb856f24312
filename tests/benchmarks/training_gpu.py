"""Reward-model steps on an accelerator: rankings with their prompt read once, beside rows one by one and in pairs.

    python -m tests.benchmarks.training_gpu [--layers 12] [--width 1024]

Llama shapes with random weights, bfloat16, forward and backward of the pairwise loss without the optimizer. "rows" is
what padding-free trainers read: every completion behind a copy of its prompt. "pairs" is what trainers of pairs read:
each completion once for every other one. Both go through transformers' own scaled dot product attention, unpadded
because all rows are of one length, so that what differs is the tokens alone. Medians of interleaved repetitions; the
last line is one JSON object.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator

import torch
from transformers import LlamaConfig, LlamaForSequenceClassification

from training.attention import Layout
from training.data import Flat
from training.model import score

CASES = {
    "k4_short": (4, 120, 80, 16),
    "k4_long": (4, 400, 80, 12),
    "k9_short": (9, 120, 80, 8),
    "k9_long": (9, 400, 80, 6),
}
REPETITIONS, WARM_UP = 7, 2
VOCABULARY = 8192
# Of one pass where rows are read apart.
MOST_TOKENS = 24_576


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--width", type=int, default=1024)
    options = parser.parse_args()
    model = _model(options.layers, options.width)
    parameters = sum(p.numel() for name, p in model.named_parameters() if "embed" not in name)
    found: dict[str, float] = {"parameters": parameters, "peak_tflops": _peak()}
    for name, (k, prompt, completion, rankings) in CASES.items():
        ways = _ways(model, k, prompt, completion, rankings)
        seconds = {way: [] for way in ways}
        for repetition in range(WARM_UP + REPETITIONS):
            for way, step in ways.items():
                spent = _timed(model, step)
                if repetition >= WARM_UP:
                    seconds[way].append(spent)
        medians = {way: statistics.median(times) for way, times in seconds.items()}
        tokens = rankings * (prompt + k * completion)
        found |= {
            f"{name}_tokens_per_second": tokens / medians["shared"],
            f"{name}_mfu": 6 * parameters * tokens / medians["shared"] / found["peak_tflops"] / 1e12,
            f"{name}_vs_rows": medians["rows"] / medians["shared"],
            f"{name}_vs_pairs": medians["pairs"] / medians["shared"],
        }
        print(name, {way: round(1000 * median, 2) for way, median in medians.items()}, "ms", flush=True)
    print(json.dumps(found))


def _model(layers: int, width: int) -> LlamaForSequenceClassification:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=width, intermediate_size=width * 8 // 3 // 64 * 64, num_hidden_layers=layers,
        num_attention_heads=width // 64, num_key_value_heads=width // 64, max_position_embeddings=2048, num_labels=1,
        pad_token_id=0,
    )  # fmt: skip
    return LlamaForSequenceClassification(config).cuda().train()


def _ways(
    model: LlamaForSequenceClassification, k: int, prompt: int, completion: int, rankings: int
) -> dict[str, Callable[[], Iterator[torch.Tensor]]]:
    chance = torch.Generator().manual_seed(1)
    prompts = torch.randint(5, VOCABULARY, (rankings, prompt), generator=chance)
    completions = torch.randint(5, VOCABULARY, (rankings, k, completion), generator=chance)
    layout = Layout.of_rankings([(prompt, [completion] * k)] * rankings)
    ids = torch.cat([prompts, completions.reshape(rankings, -1)], 1).reshape(-1)
    ends = torch.tensor([row * (prompt + k * completion) + prompt + (n + 1) * completion - 1
                         for row in range(rankings) for n in range(k)])  # fmt: skip
    flat = Flat(ids, layout, ends)
    rows = torch.cat([prompts[:, None].expand(-1, k, -1), completions], 2).reshape(rankings * k, -1)
    first = [one for one in range(k) for _ in range(k - 1)]
    index = torch.arange(rankings)[:, None] * k
    better = (index + torch.tensor(first)).reshape(-1)
    several = rows[better]

    def shared() -> Iterator[torch.Tensor]:
        table = score(model, flat).reshape(rankings, k)
        yield torch.nn.functional.softplus(table[:, None] - table[:, :, None]).triu(1).sum()

    def apart(read: torch.Tensor) -> Callable[[], Iterator[torch.Tensor]]:
        def passes() -> Iterator[torch.Tensor]:
            for some in read.split(max(1, MOST_TOKENS // read.shape[1])):
                hidden = model.model(input_ids=some.cuda(), use_cache=False).last_hidden_state[:, -1]
                yield torch.nn.functional.softplus(-model.score(hidden).float()).sum()

        return passes

    return {"shared": shared, "rows": apart(rows), "pairs": apart(several)}


def _timed(model: LlamaForSequenceClassification, step: Callable[[], Iterator[torch.Tensor]]) -> float:
    torch.cuda.synchronize()
    began = time.perf_counter()
    passes = step()
    while True:
        with torch.autocast("cuda", torch.bfloat16):
            found = next(passes, None)
        if found is None:
            break
        found.backward()
    torch.cuda.synchronize()
    spent = time.perf_counter() - began
    model.zero_grad(set_to_none=True)
    return spent


def _peak() -> float:
    """Return the rate of large bfloat16 matrix products, in TFLOP/s."""
    size = 8192
    one, other = (torch.randn(size, size, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        one @ other
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(20):
        one @ other
    torch.cuda.synchronize()
    return 20 * 2 * size**3 / (time.perf_counter() - began) / 1e12


if __name__ == "__main__":
    main()
