"""What holds of every preset."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.people.models import User
from annotation.projects import actions, presets
from annotation.projects.models import Project
from annotation.projects.presets import PRESETS
from annotation.projects.protocol import KINDS, check_config
from tests.people import NOW


def test_every_file_is_a_preset_of_its_own_name_with_tests_of_its_own() -> None:
    files = {path.stem for path in Path(presets.__file__).parent.glob("*.py")} - {"__init__", "shape"}
    assert files == set(PRESETS) == {preset.key for preset in PRESETS.values()}
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert files <= tests
    assert {"demo_write", "demo_score", "prompt_write", "instructgpt_rank", "pair_strength", "rank", "label"} <= files


@pytest.mark.parametrize("key", PRESETS)
def test_a_preset_says_what_it_is_and_how_to_work(key: str) -> None:
    preset = PRESETS[key]
    assert check_config(preset.kind, preset.config)["instruction"]
    assert preset.guideline.startswith("# ")
    assert len(preset.guideline.split()) > 80
    assert preset.description.endswith(".")
    if preset.follow_up:
        assert PRESETS[preset.follow_up].kind in KINDS[preset.kind].follow_ups


@pytest.mark.parametrize("key", PRESETS)
def test_a_protocol_is_made_of_everything_in_a_preset(project: Project, owner: User, key: str) -> None:
    preset = PRESETS[key]
    made = actions.create_protocol(project=project, preset=key, actor=owner, now=NOW)
    made.refresh_from_db()
    assert (made.name, made.kind, made.preset, made.state) == (preset.name, preset.kind, key, "active")
    assert made.versions.get().config == check_config(preset.kind, preset.config)
    assert made.guidelines.get().markdown == preset.guideline
    assert {name: getattr(made, name) for name in preset.columns} == preset.columns
    assert (made.follow_up is not None) == bool(preset.follow_up)
