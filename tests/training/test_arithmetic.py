"""A check that is installed as a package makes a small assistant better at sums than imitation had."""

from pathlib import Path

import pytest

from tests.benchmarks.arithmetic import ROUNDS, installed, interval, learned, worth
from training import rewarding
from training.records import Message


def test_the_check_is_found_as_an_installed_entry_point(tmp_path: Path) -> None:
    asked = (Message("user", "Ada has 3 pens and gets 4 more. How many pens?"),)
    with installed(tmp_path) as name:
        check = rewarding.function_named(name)
    assert [check(asked, answer) for answer in ("7", " 7 ", "8", "7 pens", "")] == [1, 1, 0, 0, 0]
    assert check is worth


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_what_can_be_checked_is_learned_beyond_imitation(tmp_path: Path) -> None:
    found = [learned(tmp_path / str(seed), seed, ROUNDS) for seed in range(3)]
    low, _ = interval([after - before for before, after in found])

    assert all(0.2 <= before <= 0.6 for before, _ in found)
    assert low > 0
