from __future__ import annotations

import pytest

from annotation.projects.kinds.settings import InvalidConfig
from annotation.projects.protocol import KINDS, check_config, kind_of, whole_config


def test_a_configuration_is_whole_once_checked() -> None:
    checked = check_config("ranking", {"allow_ties": False})
    assert checked == KINDS["ranking"].defaults | {"allow_ties": False}


@pytest.mark.parametrize(
    ("kind", "config", "field"),
    [
        ("dance", {}, "kind"),
        ("ranking", {"colour": "red"}, "colour"),
        ("ranking", {"allow_ties": "no"}, "allow_ties"),
        ("ranking", {"minimum_completions": 9, "maximum_completions": 2}, "minimum_completions"),
        ("labels", {}, "options"),
    ],
)
def test_the_field_at_fault_is_named(kind: str, config: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        check_config(kind, config)
    assert refused.value.field == field


def test_a_setting_younger_than_a_stored_configuration_has_its_default() -> None:
    whole = whole_config("ranking", {"allow_ties": False, "forgotten": 1})
    assert (whole["rating_scale"], whole["allow_ties"], whole["forgotten"]) == (0, False, 1)


def test_a_kind_is_found_by_its_key() -> None:
    assert all(kind_of(key).key == key for key in KINDS)
