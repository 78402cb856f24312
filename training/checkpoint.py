"""What a run leaves on disk: checkpoints to continue from, and the model directory with its card.

Everything is written beside its place and moved there whole, so a reader, a full disk or a kill never meets half
of it. A checkpoint carries all that the next step depends on; a saved model is loaded again and compared first.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from transformers import PreTrainedModel

from training import adapters, devices, handover, records
from training.model import to_device

STATE = "state.json"
TENSORS = "tensors.pt"
KEPT_CHECKPOINTS = 2
FORMAT = 2
_PURPOSES = {"moderation": "says what a text should be moderated for; it writes nothing"}
# Every tensor whole and on the processor, whoever holds which part of it.
_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


class CheckpointError(ValueError):
    """A checkpoint that belongs to another run, or a saved model that does not read back as it was."""


@dataclass(frozen=True)
class Best:
    """The best model so far by the validation split, how often it was looked at since, and its weights if kept."""

    step: int
    value: float
    looks_since: int
    weights: dict[str, Tensor] | None = None

    def put_into(self, model: nn.Module) -> None:
        _put_weights(model, self.weights or {})


@dataclass(frozen=True)
class Progress:
    """How far a run has come, and what it measured on the way that cannot be measured again."""

    step: int
    measured: dict[str, Any]
    best: Best | None = None


class Checkpoints:
    """The checkpoints of one run, found again only by the same run: same configuration, release and plan."""

    def __init__(self, output: Path, identity: Mapping[str, Any]) -> None:
        self.directory = output / "checkpoints"
        self.identity = json.loads(json.dumps({**identity, "format": FORMAT}))

    def save(self, progress: Progress, model: nn.Module, optimizer: torch.optim.Optimizer) -> Path:
        """Write a checkpoint and drop all but the newest two; return its directory, complete on disk.

        It does not depend on how many processes train: another number of them may go on from it.
        """
        place = self.directory / f"step-{progress.step:06d}"
        tensors: dict[str, Any] = {"model": weights_of(model), "optimizer": _optimizer_state(model, optimizer)}
        if devices.is_first():
            best = progress.best
            tensors |= {"random": _random_state(), "best": best.weights if best else None}
            with _written_whole(place) as partial:
                _write_tensors(tensors, partial / TENSORS)
                _write_json(partial / STATE, self._state(progress))
            for old in self._complete()[:-KEPT_CHECKPOINTS]:
                shutil.rmtree(old)
        devices.wait()
        return place

    def _state(self, progress: Progress) -> dict[str, Any]:
        best = progress.best
        facts = {"step": best.step, "value": best.value, "looks_since": best.looks_since} if best else None
        return {"step": progress.step, "measured": progress.measured, "best": facts, "identity": self.identity}

    def restore(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> Progress | None:
        """Load the newest complete checkpoint into model, optimizer and the random generators.

        Return None where there is none. Raises CheckpointError where it was written by another run.
        """
        complete = self._complete()
        if not complete:
            return None
        state = json.loads((complete[-1] / STATE).read_bytes())
        for name, value in self.identity.items():
            if state["identity"].get(name) != value:
                raise CheckpointError(
                    f"output: {self.directory} holds checkpoints of another run (its {name} differs); "
                    "choose another output or restore the configuration."
                )
        tensors = torch.load(complete[-1] / TENSORS, map_location="cpu", weights_only=True)
        _put_weights(model, tensors["model"])
        set_optimizer_state_dict(model, optimizer, tensors["optimizer"], options=_WHOLE)
        _restore_random_state(tensors["random"])
        best = Best(**state["best"], weights=tensors["best"]) if state["best"] else None
        return Progress(state["step"], state["measured"], best)

    def _complete(self) -> list[Path]:
        if not self.directory.is_dir():
            return []
        complete = [place for place in self.directory.glob("step-*") if (place / STATE).is_file()]
        return sorted(complete, key=lambda place: int(place.name.removeprefix("step-")))


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a model says of itself; written last, so a directory with a card is whole."""

    stage: str
    deployable: bool
    release_digest_sha256: str
    config: Mapping[str, Any]
    seed: int
    parameters: int
    counts: Mapping[str, Any]
    metrics: Mapping[str, Any]

    def to_json(self, model_sha256: str) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "deployable": self.deployable,
            "release_digest_sha256": self.release_digest_sha256,
            "start_sha256": _start_sha256(self.config["start"]),
            "config": dict(self.config),
            "seed": self.seed,
            "code_version": code_version(),
            "code_commit": code_commit(),
            "environment": environment(),
            "parameters": self.parameters,
            "counts": dict(self.counts),
            "metrics": dict(self.metrics),
            "model_sha256": model_sha256,
            "created_by": "bennet",
        }


class Written(Protocol):
    """What stands beside the weights: a tokenizer, or whatever else a model reads by."""

    def save_pretrained(self, save_directory: Path, /) -> Any: ...


def save_model(
    output: Path,
    model: PreTrainedModel,
    tokenizer: Written,
    card: Card,
    *,
    reload: Callable[[Path], PreTrainedModel],
    probe: Callable[[PreTrainedModel], Tensor],
) -> dict[str, Any]:
    """Write model, tokenizer, notes and card into `output`; return the card, empty in all processes but the first.

    Raises CheckpointError where the model, read back from disk, answers the probe differently.
    """
    model = whole_model(model)
    written: dict[str, Any] = {}
    if devices.is_first():
        written = _save_whole(output, model, tokenizer, card, reload, probe)
    devices.wait()
    return written


def _save_whole(
    output: Path,
    model: PreTrainedModel,
    tokenizer: Written,
    card: Card,
    reload: Callable[[Path], PreTrainedModel],
    probe: Callable[[PreTrainedModel], Tensor],
) -> dict[str, Any]:
    with scratch(output / ".writing") as partial:
        model.save_pretrained(partial, safe_serialization=True)
        tokenizer.save_pretrained(partial)
        _compare(model, reload(partial), probe)
        written = card.to_json(handover.model_sha256(partial))
        (partial / records.MODEL_NOTES).write_text(_notes(written), encoding="utf-8")
        (output / records.CARD).unlink(missing_ok=True)
        for path in sorted(partial.iterdir()):
            path.replace(output / path.name)
    _write_json(output / f"{records.CARD}.partial", written)
    (output / f"{records.CARD}.partial").replace(output / records.CARD)
    return written


def whole_model(model: PreTrainedModel) -> PreTrainedModel:
    """Gather a model that is spread over the processes; add low-rank additions to the weights that they belong to.

    All processes must call it; only the first may use what it returns.
    """
    if devices.size() == 1:
        return adapters.merge(model)
    weights = weights_of(model)
    if not devices.is_first():
        return model
    gathered = adapters.like(model, devices.kind_of(model)(model.config))
    gathered.load_state_dict(weights)
    return adapters.merge(to_device(gathered))


def environment() -> dict[str, Any]:
    """Say what a run's bits depend on beyond release, configuration and seed."""
    cuda = torch.cuda.is_available()
    return {
        "torch": torch.__version__,
        "transformers": metadata.version("transformers"),
        "python": platform.python_version(),
        "device": torch.cuda.get_device_name() if cuda else platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "processes": devices.size(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "matrix_precision": torch.get_float32_matmul_precision(),
    }


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """Copy a model's weights, whole and on the processor; empty in all processes but the first."""
    weights = cast(dict[str, Tensor], get_model_state_dict(model, options=_WHOLE))
    return {name: tensor.detach().clone() for name, tensor in weights.items()}


def code_version() -> str:
    """Name the code: the package's version and a digest of this folder's sources."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    try:
        version = metadata.version("bennet")
    except metadata.PackageNotFoundError:
        version = "0"
    return f"{version}+{digest.hexdigest()[:12]}"


def code_commit() -> str | None:
    """Name the last commit of this folder's sources, None where no repository holds them; it lacks later changes."""
    asked = ["git", "-C", str(Path(__file__).parent), "log", "-1", "--format=%H", "--", "."]
    try:
        said = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return said.stdout.strip() or None if said.returncode == 0 else None


def digest_of(value: Any) -> str:
    """Digest any JSON value, for telling two plans apart."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _compare(model: PreTrainedModel, reloaded: PreTrainedModel, probe: Callable[[PreTrainedModel], Tensor]) -> None:
    """Ask both the same question. A head lost on the way to disk is otherwise noticed by nobody."""
    model.eval()
    to_device(reloaded).eval()
    with torch.no_grad():
        here, there = probe(model), probe(reloaded)
    if not torch.allclose(here, there, rtol=1e-4, atol=1e-5):
        raise CheckpointError(f"The saved model answers differently from the trained one: {here} became {there}.")


def _put_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    set_model_state_dict(model, dict(weights), options=_WHOLE)


def _optimizer_state(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    return get_optimizer_state_dict(model, optimizer, options=_WHOLE)


def _start_sha256(start: Mapping[str, Any]) -> str | None:
    """Name the model that a run started from, None where it started from nothing."""
    return handover.model_sha256(Path(start["directory"])) if "directory" in start else None


def _random_state() -> dict[str, Any]:
    state: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def _restore_random_state(state: Mapping[str, Any]) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])


@contextmanager
def _written_whole(place: Path) -> Iterator[Path]:
    """Give a directory to write into and move it to its place when all of it is on disk."""
    with scratch(place.with_name(f".{place.name}.partial")) as partial:
        yield partial
        sync(partial)
        if place.exists():
            shutil.rmtree(place)
        partial.replace(place)
        sync(place.parent)


@contextmanager
def scratch(partial: Path) -> Iterator[Path]:
    """Give an empty directory to write into, gone after the block unless it was moved elsewhere."""
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_tensors(tensors: Mapping[str, Any], path: Path) -> None:
    with path.open("wb") as stream:
        torch.save(tensors, stream)
        stream.flush()
        os.fsync(stream.fileno())


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        json.dump(value, stream, indent=2, allow_nan=False)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())


def sync(directory: Path) -> None:
    """Make the names in a directory survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _notes(card: Mapping[str, Any]) -> str:
    """Write the model card that people read."""
    purpose = _PURPOSES.get(card["stage"], "orders completions; it writes nothing and is not served")
    use = "may be served" if card["deployable"] else purpose
    lines = [
        "---",
        "library_name: transformers",
        f"tags: [bennet, {card['stage']}]",
        "---",
        f"# A {card['stage']} model made with Bennet",
        "",
        f"This model {use}.",
        "",
        "| | |",
        "|---|---|",
        f"| release | `{card['release_digest_sha256']}` |",
        f"| seed | {card['seed']} |",
        f"| parameters | {card['parameters']:,} |",
        f"| code | `{card['code_version']}` |",
        f"| model | `{card['model_sha256']}` |",
        "",
    ]
    lines += [
        "Train it again from the release and compare: `python -m training reproduce THIS --release RELEASE`.",
        "",
    ]
    for title, name in (("Metrics", "metrics"), ("Rows", "counts"), ("Configuration", "config")):
        lines += [f"## {title}", "", "```json", json.dumps(card[name], indent=2, ensure_ascii=False), "```", ""]
    return "\n".join(lines)
