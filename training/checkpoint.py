"""What a run leaves on disk: checkpoints to continue from, and the model directory with its card.

Everything is written beside its place and moved there whole, so a reader, a full disk or a kill never meets half
of it. A checkpoint carries all that the next step depends on; a saved model is loaded again and compared first.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from training import records
from training.model import to_device

STATE = "state.json"
TENSORS = "tensors.pt"
KEPT_CHECKPOINTS = 2


class CheckpointError(ValueError):
    """A checkpoint that belongs to another run, or a saved model that does not read back as it was."""


@dataclass(frozen=True)
class Progress:
    """How far a run has come, and what it measured on the way that cannot be measured again."""

    step: int
    measured: dict[str, Any]


class Checkpoints:
    """The checkpoints of one run, found again only by the same run: same configuration, release and plan."""

    def __init__(self, output: Path, identity: Mapping[str, Any]) -> None:
        self.directory = output / "checkpoints"
        self.identity = json.loads(json.dumps(dict(identity)))

    def save(self, progress: Progress, model: nn.Module, optimizer: torch.optim.Optimizer) -> Path:
        """Write a checkpoint and drop all but the newest two; return its directory, complete on disk."""
        place = self.directory / f"step-{progress.step:06d}"
        with _written_whole(place) as partial:
            tensors = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "random": _random_state()}
            _write_tensors(tensors, partial / TENSORS)
            state = {"step": progress.step, "measured": progress.measured, "identity": self.identity}
            _write_json(partial / STATE, state)
        for old in self._complete()[:-KEPT_CHECKPOINTS]:
            shutil.rmtree(old)
        return place

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
        model.load_state_dict(tensors["model"])
        optimizer.load_state_dict(tensors["optimizer"])
        _restore_random_state(tensors["random"])
        return Progress(state["step"], state["measured"])

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
            "config": dict(self.config),
            "seed": self.seed,
            "code_version": code_version(),
            "parameters": self.parameters,
            "counts": dict(self.counts),
            "metrics": dict(self.metrics),
            "model_sha256": model_sha256,
            "created_by": "bennet",
        }


def save_model(
    output: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    card: Card,
    *,
    reload: Callable[[Path], PreTrainedModel],
    probe: Callable[[PreTrainedModel], Tensor],
) -> dict[str, Any]:
    """Write model, tokenizer, notes and card into `output`; return the card.

    Raises CheckpointError where the model, read back from disk, answers the probe differently.
    """
    with _scratch(output / ".writing") as partial:
        model.save_pretrained(partial, safe_serialization=True)
        tokenizer.save_pretrained(partial)
        _compare(model, reload(partial), probe)
        written = card.to_json(records.model_sha256(partial))
        (partial / records.MODEL_NOTES).write_text(_notes(written), encoding="utf-8")
        (output / records.CARD).unlink(missing_ok=True)
        for path in sorted(partial.iterdir()):
            path.replace(output / path.name)
    _write_json(output / f"{records.CARD}.partial", written)
    (output / f"{records.CARD}.partial").replace(output / records.CARD)
    return written


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
    with _scratch(place.with_name(f".{place.name}.partial")) as partial:
        yield partial
        _sync(partial)
        if place.exists():
            shutil.rmtree(place)
        partial.replace(place)
        _sync(place.parent)


@contextmanager
def _scratch(partial: Path) -> Iterator[Path]:
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


def _sync(directory: Path) -> None:
    """Make the names in a directory survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _notes(card: Mapping[str, Any]) -> str:
    """Write the model card that people read."""
    use = "may be served" if card["deployable"] else "orders completions; it writes nothing and is not served"
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
    for title, name in (("Metrics", "metrics"), ("Rows", "counts"), ("Configuration", "config")):
        lines += [f"## {title}", "", "```json", json.dumps(card[name], indent=2, ensure_ascii=False), "```", ""]
    return "\n".join(lines)
