import re

import pytest

from annotation.processes import pins


def test_the_site_needs_at_most_sixty_packages() -> None:
    assert len(pins.closure("web")) <= 60


@pytest.mark.training
@pytest.mark.parametrize("extra", pins.EXTRAS)
def test_every_package_is_pinned_to_what_is_installed(extra: str) -> None:
    pinned = {name for known in pins.EXTRAS for name in pins.pinned(known)}
    assert pins.closure(extra) <= pinned
    assert pins.missing(extra) == []


def test_the_site_brings_no_torch() -> None:
    assert {"torch", "transformers", "numpy"}.isdisjoint(pins.closure("web"))


def test_every_pin_is_read_back() -> None:
    lines = pins.CONSTRAINTS.read_text().splitlines()
    assert sum(len(pins.pinned(extra)) for extra in pins.EXTRAS) == len(lines)
    assert all(re.fullmatch(r"[\w.-]+==\S+  # (web|training|redis|s3|dev)", line) for line in lines)


def test_the_requirements_of_an_extra_come_without_markers() -> None:
    assert "torch>=2.13" in pins.required_by("training")
    assert not any(";" in line or "extra" in line for line in pins.required_by("web"))
