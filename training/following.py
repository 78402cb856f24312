"""Weights on their way from a run to a server that answers for it: published whole, followed between two requests.

A published model is a directory like any other, with the tokenizer in it; a file beside it names the newest. Its
fingerprint is the digest of its files, so that run and server agree on it without speaking to each other.
"""

import threading
from pathlib import Path

from transformers import PreTrainedModel

from training import devices
from training.batching import Engine
from training.chat import Chat, chat_for
from training.checkpoint import scratch, sync, whole_model
from training.events import Reporter
from training.handover import model_sha256
from training.model import ModelError, fit_vocabulary, load_causal, to_device
from training.tokenizer import TokenizerError, load_tokenizer

NEWEST = "newest"
# Whoever has begun to read the one before the newest may read it to its end.
KEPT = 2
LOOK_SECONDS = 0.1


def publish(folder: Path, model: PreTrainedModel, chat: Chat, number: int) -> str:
    """Put a model into a folder, whole or not at all; return its fingerprint, empty in all processes but the first.

    number: of the round that it will answer. All processes must call it.
    """
    model = whole_model(model)
    fingerprint = _place(folder, model, chat, number) if devices.is_first() else ""
    devices.wait()
    return fingerprint


def _place(folder: Path, model: PreTrainedModel, chat: Chat, number: int) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with scratch(folder / ".writing") as partial:
        model.save_pretrained(partial, safe_serialization=True)
        chat.tokenizer.save_pretrained(partial)
        fingerprint = model_sha256(partial)
        place = folder / f"round-{number:06d}-{fingerprint[:12]}"
        # Published before, by a run that goes on from its checkpoint: the same name holds the same model.
        if not place.exists():
            sync(partial)
            partial.replace(place)
    pointer = folder / f"{NEWEST}.partial"
    pointer.write_text(place.name, encoding="utf-8")
    pointer.replace(folder / NEWEST)
    sync(folder)
    _drop_all_but(folder, place)
    return fingerprint


def _drop_all_but(folder: Path, newest: Path) -> None:
    others = [place for place in folder.glob("round-*") if place != newest]
    others.sort(key=lambda place: place.stat().st_mtime)
    for place in others[: len(others) - (KEPT - 1)]:
        with scratch(folder / ".dropping"):
            place.replace(folder / ".dropping" / place.name)


def newest(folder: Path) -> Path | None:
    """Return the newest published model's directory, None where there is none yet."""
    try:
        return folder / (folder / NEWEST).read_text(encoding="utf-8")
    except OSError:
        return None


class Follower:
    """Looks for newer weights for as long as a server answers; the server answers on while they are read."""

    def __init__(self, folder: Path, engine: Engine, chat: Chat, report: Reporter) -> None:
        self.folder, self.engine, self.report = folder, engine, report
        self.tokenizer = chat.tokenizer.backend_tokenizer.to_str()
        self.seen: Path | None = None
        self.refused: Path | None = None
        self.is_stopped = threading.Event()

    def run(self) -> None:
        while not self.is_stopped.wait(LOOK_SECONDS):
            self.look()

    def stop(self) -> None:
        self.is_stopped.set()

    def look(self) -> None:
        """Let the newest model answer, where it is another than the last; what cannot be read is tried again."""
        place = newest(self.folder)
        if place is None or place == self.seen:
            return
        try:
            model = self._load(place)
            fingerprint = model_sha256(place)
        except (ModelError, TokenizerError, OSError, RuntimeError) as error:
            # Torch's own failures, memory before all: what answers now goes on answering.
            if place != self.refused:
                self.report("log", level="warning", message=f"The weights in {place.name} are not followed: {error}")
            self.refused = place
            return
        self.engine.follow(model, fingerprint)
        self.seen = place

    def _load(self, place: Path) -> PreTrainedModel:
        chat = chat_for(load_tokenizer(place))
        if chat.tokenizer.backend_tokenizer.to_str() != self.tokenizer:
            raise ModelError("their tokenizer is another than the served model's.")
        return to_device(fit_vocabulary(load_causal(place), chat.tokenizer))
