"""The command line: a stage, a configuration, and who is listening.

Exit codes: 0 done, 1 failed, 2 refused, 3 the listening parent is gone, 130 interrupted after a checkpoint.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from training.config import STAGES, RewardConfig, SFTConfig
from training.events import JSONReporter, Reporter, TextReporter, silent
from training.fields import RecordError
from training.records import SPLITS
from training.settings import Config, ConfigError

DONE, FAILED, REFUSED, ORPHANED, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one stage and return its exit code."""
    options = _parser().parse_args(arguments)
    report = _reporter(options)
    try:
        return int(options.run(options, report))
    except ConfigError as error:
        return _refuse(report, "bad_config", error)


def _reporter(options: argparse.Namespace) -> Reporter:
    """Return who is told: a listening parent, or a person, whose standard output a command may need for its result."""
    if getattr(options, "events", False):
        _end_with_parent()
        return JSONReporter()
    return TextReporter() if options.stage in STAGES else TextReporter(sys.stderr)


def _run(options: argparse.Namespace, report: Reporter) -> int:
    config: Any = _read_config(options.stage, options.config)
    # Torch takes seconds to import: a configuration that is refused should not wait for it.
    from training.devices import crew, is_first

    with crew():
        spoken = report if is_first() else silent

        def work(stop: Any) -> int:
            card = _recipe(config.stage)(config, spoken, stop)
            spoken("done", path=getattr(config, "output", ""), card=card)
            return DONE

        return _guarded(work, spoken, config.threads)


def _guarded(work: Callable[[Any], int], report: Reporter, threads: int | None = None) -> int:
    """Do the work on so many threads until it is done or a signal asks it to stop; turn what it raises into a code."""
    import torch
    from transformers.utils import logging as transformers_logging

    from training.loop import Interrupted, Stop

    transformers_logging.disable_progress_bar()
    if threads is not None:
        torch.set_num_threads(threads)
    refusals = _refusals()
    try:
        with Stop().on_signals() as stop:
            return work(stop)
    except Interrupted:
        report("log", level="warning", message="Interrupted; run the same configuration again to continue.")
        return INTERRUPTED
    except tuple(refusals) as error:
        return _refuse(report, next(refusals[kind] for kind in type(error).__mro__ if kind in refusals), error)
    except Exception as error:
        # The listening parent reads events; whoever repairs the cause reads the trace.
        report("log", level="error", message=f"{type(error).__name__}: {error}")
        traceback.print_exc()
        return FAILED


def _refusals() -> dict[type[Exception], str]:
    """Name what a stage refuses to do, by what it raises."""
    from training.chat import TemplateRefused
    from training.checkpoint import CheckpointError
    from training.corpus import CorpusError
    from training.endpoint import EndpointFailed
    from training.imitation import NoTrainedTokens
    from training.loop import Diverged
    from training.model import ModelError
    from training.reproduce import NotReproducible
    from training.reward import SelfTestFailed
    from training.tokenizer import TokenizerError

    return {
        ConfigError: "bad_config",
        RecordError: "bad_release",
        CorpusError: "bad_text",
        ModelError: "bad_model",
        TokenizerError: "bad_model",
        TemplateRefused: "bad_model",
        CheckpointError: "bad_checkpoint",
        NoTrainedTokens: "no_trained_tokens",
        EndpointFailed: "endpoint_failed",
        NotReproducible: "not_reproducible",
        SelfTestFailed: "self_test_failed",
        Diverged: "diverged",
    }


def _recipe(stage: str) -> Callable[[Any, Reporter, Any], dict[str, Any]]:
    from training import continuation, dpo, moderation, pretrain, reward, rl, sample, scoring, serve, sft

    recipes: dict[str, Callable[[Any, Reporter, Any], dict[str, Any]]] = {
        "pretrain": pretrain.run,
        "sft": sft.run,
        "reward": reward.run,
        "rl": rl.run,
        "dpo": dpo.run,
        "moderation": moderation.run,
        "sample": sample.run,
        "score": scoring.run,
        "continue": continuation.run,
        "serve": serve.run,
    }
    return recipes[stage]


def _reproduce(options: argparse.Namespace, report: Reporter) -> int:
    """Train a model again and print what came of it."""
    from training import reproduce

    def work(stop: Any) -> int:
        with tempfile.TemporaryDirectory() as scratch:
            output = options.output or Path(scratch)
            found = reproduce.run(
                options.model, output, _recipe, report, stop,
                release=options.release, start=options.start, judge=options.judge,
            )  # fmt: skip
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return DONE if found["same"] else FAILED

    return _guarded(work, report)


def _curve(options: argparse.Namespace, report: Reporter) -> int:
    """Train shares of the data and print what more of it would buy."""
    config = _read_config(_stage_named(options.config), options.config)
    if not isinstance(config, SFTConfig | RewardConfig):
        raise ConfigError(f"stage: a {config.stage} run has no learning curve; choose sft or reward.")
    from training import curve

    def warnings(event: str, /, **facts: Any) -> None:
        if event == "log" and facts["level"] != "info":
            report("log", **facts)

    def work(stop: Any) -> int:
        found = curve.run(
            config, _recipe(config.stage), report, stop,
            shares=options.shares or curve.SHARES, seeds=options.seeds, more=options.more,
            known=_read_json(options.known) if options.known else (), inside=warnings if options.events else None,
        )  # fmt: skip
        if options.events:
            report("done", path="", card=found)
        else:
            print(json.dumps(found, indent=2))
        return DONE

    return _guarded(work, report, config.threads)


def _preview(options: argparse.Namespace, report: Reporter) -> int:
    """Show what a run would learn from, token by token."""
    config = _read_config(_stage_named(options.config), options.config)

    def work(stop: Any) -> int:
        from training import preview

        found = preview.run(config, options.rows)
        if options.events:
            report("done", path="", card=found)
        elif options.json:
            print(json.dumps(found, indent=2, ensure_ascii=False))
        else:
            print(preview.in_words(found, colour=sys.stdout.isatty()))
        return DONE

    return _guarded(work, report, getattr(config, "threads", None))


def _folds(options: argparse.Namespace, report: Reporter) -> int:
    """Train a reward model without each fold of the annotators and print how it does on them."""
    config = _read_config(RewardConfig.stage, options.config)
    assert isinstance(config, RewardConfig)
    from training import folds

    def work(stop: Any) -> int:
        found = folds.run(config, _recipe(config.stage), report, stop, folds=options.folds, seeds=options.seeds)
        print(json.dumps(found, indent=2))
        return DONE

    return _guarded(work, report, config.threads)


def _disagreement(options: argparse.Namespace, report: Reporter) -> int:
    """Write how far an ensemble's members are apart on each ranking and print what that adds up to."""

    def work(stop: Any) -> int:
        from training import disagreement

        found = disagreement.run(options.models, options.release, options.split, options.output, report, stop)
        print(json.dumps(found, indent=2))
        return DONE

    return _guarded(work, report)


def _stage_named(path: Path) -> str:
    """Return the stage that a configuration file names. Raises ConfigError."""
    stage = _read_json(path).get("stage")
    if stage not in STAGES:
        raise ConfigError(f"stage: {stage!r} is not one of {', '.join(STAGES)}.")
    return str(stage)


def _shares(text: str) -> list[float]:
    return [float(share) for share in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description="Train on a frozen release, or sample.")
    stages = parser.add_subparsers(dest="stage", required=True)
    for name, config in STAGES.items():
        stage = stages.add_parser(name, help=(config.__doc__ or "").splitlines()[0])
        stage.set_defaults(run=_run)
        stage.add_argument("--config", type=Path, required=True, help="JSON file; see training/config.py")
        stage.add_argument("--events", action="store_true", help="one JSON object a line; end when stdin closes")
    steps = stages.add_parser("curve", help="Train on shares of the data and say what more of it would buy.")
    steps.set_defaults(run=_curve)
    steps.add_argument("--config", type=Path, required=True, help="JSON file of an sft or reward run")
    steps.add_argument("--shares", type=_shares, help="0.125,0.25,0.5,1 unless given")
    steps.add_argument("--seeds", type=int, default=1, help="trainings of each share")
    steps.add_argument("--more", type=int, default=1000, help="judgements to look ahead by")
    steps.add_argument("--known", type=Path, help="what `trained` said in an earlier attempt, which is not done again")
    steps.add_argument("--events", action="store_true", help="one JSON object a line; end when stdin closes")
    shown = stages.add_parser("preview", help="Show the tokens that a run would learn, and what is left out, and why.")
    shown.set_defaults(run=_preview)
    shown.add_argument("--config", type=Path, required=True, help="JSON file of a pretrain, sft or reward run")
    shown.add_argument("--rows", type=int, default=8, help="rows to show token by token, 0 to 100")
    shown.add_argument("--json", action="store_true", help="one JSON object")
    shown.add_argument("--events", action="store_true", help="one JSON object a line; end when stdin closes")
    folds = stages.add_parser("folds", help="Test a reward model on annotators that it did not learn from.")
    folds.set_defaults(run=_folds)
    folds.add_argument("--config", type=Path, required=True, help="JSON file of a reward run")
    folds.add_argument("--folds", type=int, default=5, help="parts of the annotators, each held out once")
    folds.add_argument("--seeds", type=int, default=1, help="trainings of each fold")
    apart = stages.add_parser("disagreement", help="Say how far an ensemble's members are apart on each ranking.")
    apart.set_defaults(run=_disagreement)
    apart.add_argument("models", type=Path, nargs="+", help="directories of reward models")
    apart.add_argument("--release", type=Path, required=True, help="a frozen release")
    apart.add_argument("--split", choices=SPLITS, default="test", help="which of its splits")
    apart.add_argument("--output", type=Path, required=True, help="file for one JSON line a ranking")
    again = stages.add_parser("reproduce", help="Train a model again from its card and compare the two.")
    again.set_defaults(run=_reproduce)
    again.add_argument("model", type=Path, help="a model directory with its card.json")
    again.add_argument("--release", type=Path, help="the release it learned from, if it lies elsewhere now")
    again.add_argument("--start", type=Path, help="the model it started from, if it lies elsewhere now")
    again.add_argument("--judge", type=Path, help="the reward model that chose a look, if it lies elsewhere now")
    again.add_argument("--output", type=Path, help="keep the second model here")
    return parser


def _read_config(stage: str, path: Path) -> Config:
    return STAGES[stage].from_json(_read_json(path))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON in UTF-8: {error}.") from error


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
