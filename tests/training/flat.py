"""Rows of ids, laid end to end for a model."""

from collections.abc import Sequence

import torch

from training.attention import Layout
from training.data import Flat


def flat_rows(rows: Sequence[Sequence[int]]) -> Flat:
    """Read each row at its last token."""
    lengths = torch.tensor([len(row) for row in rows])
    return Flat(
        torch.tensor([id for row in rows for id in row]), Layout.of_documents(lengths.tolist()), lengths.cumsum(0) - 1
    )


def flat_whole(row: Sequence[int]) -> Flat:
    """Read one row at every token."""
    return Flat(torch.tensor(row), Layout.of_documents([len(row)]), torch.arange(len(row)))
