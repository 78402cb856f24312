from __future__ import annotations

import pytest

from tests.annotation.intake.readers.reading import lines_of, refusals, rows
from tests.annotation.intake.readers.samples import SAMPLES

(PAIR,) = SAMPLES["autoj"]


@pytest.mark.parametrize(("label", "tiers"), [(0, [[0], [1]]), (1, [[1], [0]]), (2, [[0, 1]])])
def test_a_label_is_a_comparison(label: int, tiers: list[list[int]]) -> None:
    (row,) = rows(lines_of(PAIR | {"label": label, "response 2": ""}))
    assert (row.kind, row.tiers, row.strength) == ("comparison", tiers, int(label != 2))
    assert row.completions == [["No.", "response 1"], ["", "response 2"]]
    assert (row.tags, row.source) == (["chitchat"], "autoj")


def test_other_labels_are_refused() -> None:
    for label in (3, -1, True, "1", None):
        assert refusals(lines_of(PAIR | {"label": label})) == [(1, "label", "unknown_label")]
