"""What a ranking says of its judge rather than of the completions, learned beside the model and left behind with it.

A judge's utilities are the model's scores, stretched by how reliable the judge is and shifted by what they like
whatever it says: the first place on the screen, the longer text. Every term is pulled towards zero, the population,
so a judge of a few rankings is taken for an average one. What is saved and served is the score alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.ranking_rows import RankingRow

BIASES = ("position", "length")


@dataclass(frozen=True)
class Seen:
    """Who saw each completion, [completions] into the judges or -1, and how: [completions, biases]."""

    judge: Tensor
    features: Tensor

    def to(self, device: torch.device) -> "Seen":
        return Seen(self.judge.to(device), self.features.to(device))


class Terms(nn.Module):
    """A tie parameter, and for each judge the logarithm of their reliability and their biases.

    spread: how far judges are thought to differ, the standard deviation of the prior that shrinks them.
    Source: the reliability is that of Chen et al. 2013, "Pairwise Ranking Aggregation in a Crowdsourced Setting", as a
    temperature; the shrinkage is a normal prior, as in Stan's partial pooling (Gelman et al. 2013, chapter 5).
    """

    def __init__(self, judges: Sequence[str], spread: float, with_biases: bool) -> None:
        super().__init__()
        self.judges = tuple(judges)
        self.places = {name: place for place, name in enumerate(judges)}
        self.spread = spread
        self.with_biases = with_biases
        self.tie = nn.Parameter(torch.zeros(1))
        if judges:
            self.reliability = nn.Parameter(torch.zeros(len(judges)))
        if judges and with_biases:
            self.bias = nn.ParameterList([torch.zeros(len(judges)) for _ in BIASES])

    @property
    def threshold(self) -> Tensor:
        """Rao and Kupper's log θ, above 0."""
        return functional.softplus(self.tie[0])

    @property
    def log_prevalence(self) -> Tensor:
        """Davidson's log ν."""
        return self.tie[0]

    def utilities(self, scores: Tensor, seen: Seen) -> Tensor:
        """Return what the judges went by, [completions]; a judge who is not known goes by the scores."""
        if not self.judges:
            return scores
        known = (seen.judge >= 0).to(scores.dtype)
        judge = seen.judge.clamp(min=0)
        utilities = scores * torch.exp(self.reliability[judge] * known)
        if self.with_biases:
            for place, bias in enumerate(self.bias):
                utilities = utilities + bias[judge] * known * seen.features[:, place]
        return utilities

    def penalty(self) -> Tensor:
        """Return -log of the judges' prior, up to a constant: counted once for all rankings together."""
        if not self.judges:
            return self.tie.sum() * 0
        terms = [self.reliability, *(self.bias if self.with_biases else [])]
        return torch.stack([one.square().sum() for one in terms]).sum() / (2 * self.spread**2)

    def seen(self, rows: Sequence[RankingRow]) -> Seen:
        """Number the judges of the rankings' completions, and say how each was seen."""
        judge = [self.places.get(row.annotator, -1) for row in rows for _ in row.rows]
        features = [one for row in rows for one in zip(_positions(row), _lengths(row), strict=True)]
        return Seen(torch.tensor(judge), torch.tensor(features))

    @torch.no_grad()
    def to_json(self) -> dict[str, Any]:
        """Say what was learned: {judge: {reliability, position, length}}, a reliability of 1 being the average."""
        found: dict[str, dict[str, float]] = {}
        for place, name in enumerate(self.judges):
            found[name] = {"reliability": math.exp(float(self.reliability[place]))}
            if self.with_biases:
                found[name] |= {bias: float(one[place]) for bias, one in zip(BIASES, self.bias, strict=True)}
        return found


def _positions(row: RankingRow) -> list[float]:
    """Return 1/2 for what was shown first, -1/2 for the last; 0 where nobody knows."""
    last = max(len(row.rows) - 1, 1)
    return [0.5 - place / last for place in row.shown] or [0.0] * len(row.rows)


def _lengths(row: RankingRow) -> list[float]:
    """Return the logarithm of each length, above or below the ranking's mean."""
    logs = [math.log1p(count) for count in row.characters]
    return [one - sum(logs) / len(logs) for one in logs]
