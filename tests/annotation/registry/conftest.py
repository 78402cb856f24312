"""Every test of this room has folders of its own."""

import pytest


@pytest.fixture(autouse=True)
def alone(own_folders: None) -> None:
    """Keep tests out of each other's storage."""
