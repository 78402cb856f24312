from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from annotation import beside
from annotation.beside import Beside, switching_often


def test_things_are_done_one_after_the_other() -> None:
    done: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        aside = Beside(pool)
        for number in range(20):
            aside.start(done.append, number)
        aside.wait()
        aside.wait()
    assert done == list(range(20))


def test_what_goes_wrong_is_raised_by_whoever_waits_next_and_once() -> None:
    with ThreadPoolExecutor(1) as pool:
        aside = Beside(pool)
        aside.start([].pop)
        with pytest.raises(IndexError):
            aside.start(print)
        aside.wait()


def test_blocks_that_overlap_leave_the_interval_as_it_was() -> None:
    usual = sys.getswitchinterval()
    first, second = switching_often(), switching_often()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert sys.getswitchinterval() == pytest.approx(beside.SWITCH_SECONDS)
    second.__exit__(None, None, None)
    assert sys.getswitchinterval() == pytest.approx(usual)
