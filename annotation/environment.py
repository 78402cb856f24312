"""Read one setting each from the environment; a wrong value ends the start with one sentence."""

import os
import secrets
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path


class WrongSetting(Exception):
    """Names the variable, what its value is, and what would be right."""

    def __init__(self, name: str, shown: str, remedy: str) -> None:
        super().__init__(f"{name} is {shown}: {remedy}")


def text(name: str, default: str = "") -> str:
    """An unset and an empty variable mean the same: the default."""
    return os.environ.get(name, "").strip() or default


def switch(name: str, default: bool) -> bool:
    words = {"": default, "1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    given = text(name)
    if given.lower() not in words:
        raise WrongSetting(name, repr(given), "set it to true or false.")
    return words[given.lower()]


def integer(name: str, default: int, *, low: int, high: int) -> int:
    given = text(name, str(default))
    if not (given.isascii() and given.isdigit() and low <= int(given) <= high):
        raise WrongSetting(name, repr(given), f"set it to a whole number from {low} to {high}.")
    return int(given)


def choice(name: str, default: str, allowed: Sequence[str]) -> str:
    given = text(name, default)
    if given not in allowed:
        raise WrongSetting(name, repr(given), f"set it to one of {', '.join(allowed)}.")
    return given


def address(name: str, default: str, schemes: Sequence[str]) -> str:
    """A URL with one of the schemes. The message shows no more than the scheme: URLs carry passwords."""
    given = text(name, default)
    scheme, separator, _ = given.partition("://")
    if given and (not separator or scheme not in schemes):
        shown = f"a {scheme}:// address" if separator else "no URL"
        starts = " or ".join(f"{allowed}://" for allowed in schemes)
        raise WrongSetting(name, shown, f"start it with {starts}.")
    return given


def folder(name: str, default: Path) -> Path:
    path = Path(text(name, str(default))).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise WrongSetting(name, f"the file {path}", "name a folder.")
    return path


def require_extra(package: str, extra: str, *, wanted_by: str) -> None:
    if find_spec(package) is None:
        remedy = f"install what that needs: pip install --constraint constraints.txt '.[{extra}]'."
        raise WrongSetting(wanted_by, f"an address that needs the package {package}", remedy)


def file_store(name: str, default: Path) -> tuple[str, dict[str, object]]:
    """A folder, or s3://bucket/prefix; with Django's storage for it."""
    given = text(name)
    if not given.startswith("s3://"):
        return str(folder(name, default)), {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    bucket, _, prefix = given.removeprefix("s3://").partition("/")
    if not bucket:
        raise WrongSetting(name, repr(given), "name a bucket after s3://.")
    require_extra("storages", "s3", wanted_by=name)
    options = {"bucket_name": bucket, "location": prefix, "default_acl": None, "file_overwrite": False}
    return given, {"BACKEND": "annotation.files.bucket.ObjectStore", "OPTIONS": options}


def secret(name: str, kept_in: Path) -> str:
    """The variable, else a key made once and kept in a file that only its owner can read."""
    given = text(name)
    if given and len(given) < 32:
        raise WrongSetting(name, f"{len(given)} characters long", "use at least 32, or unset it.")
    if given:
        return given
    try:
        kept_in.parent.mkdir(parents=True, exist_ok=True)
        if not kept_in.exists():
            _write_once(kept_in, secrets.token_urlsafe(50))
        return kept_in.read_text().strip()
    except OSError as error:
        remedy = f"it would be kept in {kept_in}, but {error.strerror}; set it or free that place."
        raise WrongSetting(name, "unset", remedy) from error


def _write_once(path: Path, content: str) -> None:
    """Linking a finished file keeps two first starts from reading half a key or two keys."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
