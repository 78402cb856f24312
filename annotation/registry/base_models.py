"""Models that the owner has put into MODELS_ROOT: the only foreign weights a run may start from."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")


class NotABaseModel(ValueError):
    """The folder is not there, or lacks something; the message says what."""


def names() -> list[str]:
    """Return the folders a run may start from."""
    if not settings.MODELS_ROOT.is_dir():
        return []
    folders = [folder.name for folder in settings.MODELS_ROOT.iterdir() if folder.is_dir()]
    return sorted(name for name in folders if not _lack(settings.MODELS_ROOT / name))


def folder_of(name: str) -> Path:
    """Return the folder of a base model. Raise NotABaseModel."""
    # A name, never a path: nothing outside MODELS_ROOT can be meant.
    if Path(name).name != name or name.startswith(".") or not name:
        raise NotABaseModel("must be the name of a folder in MODELS_ROOT")
    folder = settings.MODELS_ROOT / name
    if not folder.is_dir():
        raise NotABaseModel(f"there is no folder {name!r} in MODELS_ROOT")
    if lack := _lack(folder):
        raise NotABaseModel(f"the folder {name!r} in MODELS_ROOT {lack}")
    return folder


def _lack(folder: Path) -> str:
    """Say what keeps a folder from being a model; empty when nothing does."""
    if not (folder / "config.json").is_file():
        return "has no config.json: is it a Hugging Face model?"
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        return "has no tokenizer: save the model's own beside it"
    if not any(folder.glob("*.safetensors")):
        return "has no weights as safetensors: pickled weights are not loaded, convert them"
    return ""
