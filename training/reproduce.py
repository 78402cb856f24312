"""Train a model again from what its card says, and compare: the claim that release, configuration and seed decide it.

The card names the release and the start by digest, so neither can be another one by mistake. Bits are promised for the
same code, packages, device and number of threads; where those differ, the largest difference of any weight is told.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from training import config as configurations
from training import fields, handover, records
from training.checkpoint import code_version, environment
from training.events import Reporter
from training.loop import Stop

Recipe = Callable[[Any, Reporter, Stop], dict[str, Any]]


class NotReproducible(ValueError):
    """What is needed to train the model again is not at hand; the message names it."""


def run(
    model: Path, output: Path, recipe: Callable[[str], Recipe], report: Reporter, stop: Stop, *,
    release: Path | None = None, start: Path | None = None, judge: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Train the model of a directory again into `output`; return whether it is the same, and what differs if not.

    Raises NotReproducible where card, release or start are missing or are others than the card names, and where a
    server wrote what the model learned from.
    """
    card = _card_of(model)
    config = configurations.from_json(
        {
            **card["config"],
            **_places(card, release, start),
            **_judge(card, judge),
            "output": str(output),
            "stage": card["stage"],
        }
    )
    _share_out_as_then(card)
    again = recipe(card["stage"])(config, report, stop)
    return {
        "same": again["model_sha256"] == card["model_sha256"],
        "model_sha256": {"card": card["model_sha256"], "again": again["model_sha256"]},
        "largest_difference": largest_difference(model, output),
        "metrics": {"card": card["metrics"]["test"], "again": again["metrics"]["test"]},
        "changed": _changed(card),
    }


def largest_difference(model: Path, other: Path) -> float | None:
    """Return the largest difference between the weights of two directories, None where their shapes differ."""
    here, there = _weights(model), _weights(other)
    if {name: one.shape for name, one in here.items()} != {name: one.shape for name, one in there.items()}:
        return None
    return max((float((here[name] - there[name]).abs().max()) for name in here), default=0.0)


def _card_of(model: Path) -> dict[str, Any]:
    try:
        card: dict[str, Any] = json.loads((model / records.CARD).read_bytes())
    except (OSError, ValueError) as error:
        raise NotReproducible(f"{model} has no readable {records.CARD}: {error}") from error
    if card["config"].get("endpoint"):
        raise NotReproducible(
            f"{model} learned from what {card['config']['endpoint']['url']} wrote, and nobody can have a server write "
            "the same again."
        )
    return card


def _places(card: Mapping[str, Any], release: Path | None, start: Path | None) -> dict[str, Any]:
    """Return where release and start lie, seen to be those that the card names."""
    if card["config"].get("text") is not None and release is None:
        return {}
    place = Path(card["config"]["release"]) if release is None else release
    try:
        digest = handover.verify_release(place).digest_sha256
    except (OSError, fields.RecordError) as error:
        raise NotReproducible(f"--release: {place} cannot be read as a release: {error}") from error
    if digest != card["release_digest_sha256"]:
        raise NotReproducible(
            f"--release: {place} is release {digest[:12]}; the model learned from {card['release_digest_sha256'][:12]}."
        )
    given = card["config"]["start"]
    if "directory" not in given:
        return {"release": str(place), "start": given}
    directory = Path(given["directory"]) if start is None else start
    if not directory.is_dir():
        raise NotReproducible(f"--start: {directory} is not a directory; give the model that the run started from.")
    if handover.model_sha256(directory) != card["start_sha256"]:
        raise NotReproducible(f"--start: {directory} is not the model that the run started from.")
    return {"release": str(place), "start": {"directory": str(directory)}}


def _judge(card: Mapping[str, Any], judge: Path | None) -> dict[str, str]:
    """Return where the reward model lies that chose among the looks, seen to be the one that the card names."""
    given = card["config"].get("judge")
    if given is None:
        return {}
    place = judge or Path(given)
    if not place.is_dir() or handover.model_sha256(place) != card["metrics"]["judge"]["model_sha256"]:
        raise NotReproducible(f"--judge: {place} is not the reward model that chose among the run's looks.")
    return {"judge": str(place)}


def _share_out_as_then(card: Mapping[str, Any]) -> None:
    """Share sums out among as many threads as then: their order decides the last bits."""
    torch.set_num_threads(card["environment"]["threads"])


def _changed(card: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Name what the bits depend on that is not as it was: [then, now]."""
    now = {**environment(), "code_version": code_version()}
    then = {**card["environment"], "code_version": card["code_version"]}
    return {name: [then.get(name), now[name]] for name in now if name in then and then[name] != now[name]}


def _weights(directory: Path) -> dict[str, torch.Tensor]:
    return {name: one for path in sorted(directory.glob("*.safetensors")) for name, one in load_file(path).items()}
