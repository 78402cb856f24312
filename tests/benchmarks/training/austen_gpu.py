"""The preset `austen-gpu` to its 30,000th round on an accelerator: seconds, tokens a second, utilisation, samples.

    BENNET_DATA=… python -m tests.benchmarks.training.austen_gpu [--output DIR] [--stop-after SECONDS] [--rounds N]

The product's own path, `training.pretrain`, in bfloat16 and compiled. Interrupted, by a signal or after
`--stop-after` seconds, it leaves a checkpoint and goes on from there when it is run again with the same output; the
seconds of all its parts are added up. The peak is the best of a few large matrix products on the same device.
`--preset austen-laptop --precision float32 --device cpu` runs the other preset likewise.
Prints the samples, and one JSON object on the last line.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging as transformers_logging

from training import pretrain
from training.config import PretrainConfig
from training.events import TextReporter
from training.loop import Interrupted, Stop

PEAK_SIZE, PEAK_PRODUCTS = 8192, 20


class Deadline(Stop):
    """A wish to end that comes by itself."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__()
        self.at = None if seconds is None else time.monotonic() + seconds

    def check(self) -> None:
        self.is_asked = self.is_asked or (self.at is not None and time.monotonic() >= self.at)
        super().check()


class Speedometer:
    """Prints what a person wants to see, and remembers the speeds."""

    def __init__(self) -> None:
        self.speeds: list[float] = []
        self.start: dict[str, Any] = {}
        self.tell = TextReporter()

    def __call__(self, event: str, /, **facts: Any) -> None:
        if event == "start":
            self.start = facts
        if event == "metric" and facts["split"] == "train":
            self.speeds.append(facts["values"]["tokens_per_second"])
            if facts["step"] % 1000:
                return
        if event != "done":
            self.tell(event, **facts)


def main() -> int:
    options = _options()
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    transformers_logging.disable_progress_bar()
    config = PretrainConfig.from_json(
        {
            "text": options.text,
            "output": options.output,
            "start": {"preset": options.preset},
            "precision": options.precision,
            "compile": True,
            **({"rounds": options.rounds} if options.rounds else {}),
            **({"threads": options.threads} if options.threads else {}),
        }
    )
    if options.threads:
        torch.set_num_threads(options.threads)
    # TF32 for what stays in float32, as trainers do.
    torch.set_float32_matmul_precision("high")
    peak, heard, spent = peak_flops(options.precision), Speedometer(), Path(options.output) / "seconds.json"
    began = time.monotonic()
    card = None
    try:
        with Deadline(options.stop_after).on_signals() as stop:
            card = pretrain.run(config, heard, stop)
    except Interrupted:
        print("Interrupted: run the same command again to go on.")
    seconds = _add(spent, time.monotonic() - began)
    print(json.dumps(_result(config, card, heard, peak, seconds)))
    return 0 if card else 130


def _result(
    config: PretrainConfig, card: dict[str, Any] | None, heard: Speedometer, peak: float, seconds: float
) -> dict[str, Any]:
    speed = heard.speeds[-1] if heard.speeds else 0.0
    flops = flops_per_token(config, heard.start.get("parameters", 0))
    return {
        "preset": config.start.preset,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else f"{torch.get_num_threads()} threads",
        "torch": torch.__version__,
        "precision": config.precision,
        "done": card is not None,
        "seconds": round(seconds, 1),
        "tokens_per_second": round(speed),
        "peak_tflops": round(peak / 1e12, 1),
        "utilisation": round(speed * flops / peak, 4),
        "loss_before": card and card["metrics"]["loss_before"],
        "validation": card and card["metrics"]["validation"],
        "samples": card and card["metrics"]["samples"],
    }


def flops_per_token(config: PretrainConfig, parameters: int) -> float:
    """Count forward and backward: 6 a weight, and 12 a layer and width for each token that is attended to.

    Causal attention reads half the context on average. Source: Chowdhery et al. 2022 (arXiv:2204.02311), appendix B.
    """
    whole = config.resolved()
    return 6 * parameters + 12 * whole.dial.layers * whole.dial.width * whole.context / 2


def peak_flops(precision: str) -> float:
    """Measure the device's best rate of multiplying large matrices, in floating point operations a second."""
    is_cuda = torch.cuda.is_available()
    size = PEAK_SIZE if is_cuda else PEAK_SIZE // 4
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    one = torch.randn(size, size, dtype=dtype, device="cuda" if is_cuda else "cpu")
    best = float("inf")
    for _ in range(PEAK_PRODUCTS):
        began = time.perf_counter()
        one @ one
        if is_cuda:
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best


def _add(path: Path, seconds: float) -> float:
    before = json.loads(path.read_bytes()) if path.is_file() else 0.0
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(before + seconds))
    return float(before + seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pre-train on Jane Austen and measure it.")
    parser.add_argument("--text", default=str(Path(os.environ.get("BENNET_DATA", "../shared/data")) / "jane_austen"))
    parser.add_argument("--output", default="var/austen-gpu")
    parser.add_argument("--preset", default="austen-gpu")
    parser.add_argument("--precision", default="bfloat16", choices=("float32", "bfloat16"))
    parser.add_argument("--device", default="any", choices=("any", "cpu"))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--stop-after", type=float, help="seconds after which a checkpoint is left")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
