"""The command line: a stage, a configuration, and who is listening.

Exit codes: 0 done, 1 failed, 2 refused, 3 the listening parent is gone, 130 interrupted after a checkpoint.
"""

import argparse
import json
import os
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from training.config import STAGES, ConfigError, _Config
from training.events import JSONReporter, Reporter, TextReporter
from training.records import RecordError

DONE, FAILED, REFUSED, ORPHANED, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one stage and return its exit code."""
    options = _parser().parse_args(arguments)
    report: Reporter = JSONReporter() if options.events else TextReporter()
    if options.events:
        _end_with_parent()
    try:
        config = _read_config(options.stage, options.config)
    except ConfigError as error:
        return _refuse(report, "bad_config", error)
    return _run(config, report)


def _run(config: Any, report: Reporter) -> int:
    # Torch takes seconds to import: a configuration that is refused should not wait for it.
    import torch
    from transformers.utils import logging as transformers_logging

    from training.chat import TemplateRefused
    from training.checkpoint import CheckpointError
    from training.imitation import NoTrainedTokens
    from training.loop import Diverged, Interrupted, Stop
    from training.model import ModelError
    from training.tokenizer import TokenizerError

    codes: dict[type[Exception], str] = {
        ConfigError: "bad_config",
        RecordError: "bad_release",
        ModelError: "bad_model",
        TokenizerError: "bad_model",
        TemplateRefused: "bad_model",
        CheckpointError: "bad_checkpoint",
        NoTrainedTokens: "no_trained_tokens",
        Diverged: "diverged",
    }
    transformers_logging.disable_progress_bar()
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    try:
        with Stop().on_signals() as stop:
            card = _recipe(config.stage)(config, report, stop)
    except Interrupted:
        report("log", level="warning", message="Interrupted; run the same configuration again to continue.")
        return INTERRUPTED
    except tuple(codes) as error:
        return _refuse(report, codes[type(error)], error)
    except Exception as error:
        # The listening parent reads events; whoever repairs the cause reads the trace.
        report("log", level="error", message=f"{type(error).__name__}: {error}")
        traceback.print_exc()
        return FAILED
    report("done", path=config.output, card=card)
    return DONE


def _recipe(stage: str) -> Callable[[Any, Reporter, Any], dict[str, Any]]:
    from training import pretrain, reward, sample, sft

    recipes: dict[str, Callable[[Any, Reporter, Any], dict[str, Any]]] = {
        "pretrain": pretrain.run,
        "sft": sft.run,
        "reward": reward.run,
        "sample": sample.run,
    }
    return recipes[stage]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description="Train on a frozen release, or sample.")
    parser.add_argument("stage", choices=list(STAGES))
    parser.add_argument("--config", type=Path, required=True, help="JSON file; see training/config.py")
    parser.add_argument("--events", action="store_true", help="one JSON object a line; end when stdin closes")
    return parser


def _read_config(stage: str, path: Path) -> _Config:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON in UTF-8: {error}.") from error
    return STAGES[stage].from_json(value)


def _refuse(report: Reporter, code: str, error: Exception) -> int:
    report("refused", code=code, message=str(error))
    return REFUSED


def _end_with_parent() -> None:
    """End this process as soon as its standard input closes: whoever reads the events is gone."""

    def watch() -> None:
        # Not through sys.stdin: a thread that waits inside its lock makes the interpreter abort at its end.
        while os.read(0, 4096):
            pass
        os._exit(ORPHANED)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
