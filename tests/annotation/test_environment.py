import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from annotation import environment
from annotation.environment import WrongSetting


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", " ")
    assert environment.integer("PORT", 8000, low=1, high=65535) == 8000
    assert environment.text("NOT_SET_ANYWHERE", "fallback") == "fallback"


@pytest.mark.parametrize("given", ["abc", "-1", "0", "65536", "8000.0", "٣"])
def test_a_wrong_number_names_variable_value_and_range(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PORT", given)
    with pytest.raises(WrongSetting, match=r"^PORT is '.*': set it to a whole number from 1 to 65535\.$"):
        environment.integer("PORT", 8000, low=1, high=65535)


@pytest.mark.parametrize(("given", "meant"), [("yes", True), ("ON", True), ("0", False), ("", True)])
def test_a_switch_reads_the_usual_words(monkeypatch: pytest.MonkeyPatch, given: str, meant: bool) -> None:
    monkeypatch.setenv("DEBUG", given)
    assert environment.switch("DEBUG", True) is meant


def test_a_switch_refuses_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(WrongSetting, match="DEBUG is 'maybe': set it to true or false"):
        environment.switch("DEBUG", False)


def test_an_address_of_another_kind_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root:hunter2@db/bennet")
    with pytest.raises(WrongSetting, match="DATABASE_URL is a mysql:// address: start it with") as refused:
        environment.address("DATABASE_URL", "", ["postgresql", "postgres"])
    assert "hunter2" not in str(refused.value)


def test_a_file_is_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MEDIA_ROOT", str(tmp_path / "file"))
    with pytest.raises(WrongSetting, match="name a folder"):
        environment.folder("MEDIA_ROOT", tmp_path)


def test_files_live_in_a_folder_or_in_a_bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MEDIA_ROOT", raising=False)
    assert environment.file_store("MEDIA_ROOT", tmp_path)[0] == str(tmp_path)
    monkeypatch.setattr(environment, "find_spec", lambda name: name)
    monkeypatch.setenv("MEDIA_ROOT", "s3://team/bennet/files")
    root, storage = environment.file_store("MEDIA_ROOT", tmp_path)
    assert root == "s3://team/bennet/files"
    assert storage["BACKEND"] == "annotation.files.bucket.ObjectStore"
    assert {"bucket_name": "team", "location": "bennet/files"}.items() <= dict(storage["OPTIONS"]).items()  # type: ignore[call-overload]


def test_a_bucket_without_name_or_package_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEDIA_ROOT", "s3://")
    with pytest.raises(WrongSetting, match="name a bucket"):
        environment.file_store("MEDIA_ROOT", tmp_path)
    monkeypatch.setenv("MEDIA_ROOT", "s3://team")
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    with pytest.raises(WrongSetting, match=r"MEDIA_ROOT is an address that needs the package storages: install .*s3"):
        environment.file_store("MEDIA_ROOT", tmp_path)


def test_a_short_secret_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "sesame")
    with pytest.raises(WrongSetting, match="6 characters long") as refused:
        environment.secret("SECRET_KEY", tmp_path / "key")
    assert "sesame" not in str(refused.value)


def test_the_secret_is_made_once_and_only_its_owner_reads_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    kept_in = tmp_path / "var" / "secret_key"
    first = environment.secret("SECRET_KEY", kept_in)
    assert len(first) >= 50
    assert environment.secret("SECRET_KEY", kept_in) == first
    assert stat.S_IMODE(kept_in.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "eighty", "PORT is 'eighty': set it to a whole number from 1 to 65535."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is 'LOUD': set it to one of DEBUG, INFO, WARNING, ERROR."),
        ("CELERY_BROKER_URL", "kafka://x", "CELERY_BROKER_URL is a kafka:// address: start it with pgmq://"),
        ("EMAIL_URL", "mail.example.org", "EMAIL_URL is no URL: start it with"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_sentence(name: str, value: str, sentence: str, tmp_path: Path) -> None:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "annotation.settings", "VAR_ROOT": str(tmp_path), name: value}
    command = [sys.executable, settings.ROOT / "manage.py", "up"]
    started = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    assert started.returncode == 1
    assert started.stderr.startswith(f"bennet: {sentence}")
    assert started.stderr.count("\n") == 1
