"""One pass over rankings: their scores, by whichever reading of a ranking, judge by judge and readout by readout."""

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import devices, ranking_rows
from training.config import RewardConfig
from training.losses import score_magnitude_penalty
from training.model import readouts
from training.ranking_losses import (
    davidson_loss,
    pairwise_ranking_loss,
    plackett_luce_loss,
    rao_kupper_loss,
    soft_target_loss,
)
from training.ranking_rows import RankingRow
from training.settings import ConfigError
from training.terms import Terms

# Losses for which a tie is a judgement; the others learn from strict preferences.
READ_TIES = ("plackett_luce", "rao_kupper", "davidson", "soft")
HAVE_A_TIE_PARAMETER = ("rao_kupper", "davidson")


def attach_terms(model: PreTrainedModel, rows: Sequence[RankingRow], config: RewardConfig) -> Terms | None:
    """Put what is learned of ties and annotators beside the model's weights, where checkpoints find it.

    Raises ConfigError in several processes, which would each hold a piece of it.
    """
    if config.loss not in HAVE_A_TIE_PARAMETER and config.annotators == "nothing":
        return None
    if devices.size() > 1:
        raise ConfigError("loss, annotators: what is learned of ties and annotators is learned in one process alone.")
    judges = sorted({row.annotator for row in rows} - {""}) if config.annotators != "nothing" else []
    terms = Terms(judges, config.annotator_spread, config.annotators == "reliability_and_biases")
    model.judging = terms.to(model.device)
    return terms


def loss_and_penalty(model: PreTrainedModel, given: tuple[Sequence[RankingRow], RewardConfig, int]) -> Tensor:
    """Return a pass's loss and the size of its scores, [2], means over the readouts."""
    rows, config, whole = given
    scores = readouts(model, ranking_rows.flat_rankings(rows)).float()
    terms: Terms | None = getattr(model, "judging", None)
    seen = terms.seen(rows).to(scores.device) if terms is not None else None
    losses = []
    for head in range(config.heads):
        utilities = scores[:, head]
        if terms is not None and seen is not None:
            utilities = terms.utilities(utilities, seen)
        weights = [_weight(row, head, config.seed) for row in rows] if config.heads > 1 else None
        losses.append(ranking_loss(utilities, rows, config.loss, terms, margin=config.margin, weights=weights))
    loss = torch.stack(losses).mean()
    if terms is not None:
        # The prior is of all rankings together: each brings its part of it.
        loss = loss + terms.penalty() * len(rows) / whole
    return torch.stack([loss, score_magnitude_penalty(scores) / config.heads])


def _weight(row: RankingRow, head: int, seed: int) -> float:
    """Weigh a ranking by chance, differently for each readout, so that they differ where the data leaves it open.

    Source: Rubin 1981, "The Bayesian Bootstrap".
    """
    return random.Random(f"{seed}/{head}/{row.record}").expovariate(1.0)


def ranking_loss(
    scores: Tensor,
    rows: Sequence[RankingRow],
    loss: str,
    terms: Terms | None,
    *,
    margin: float = 0.0,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Sum a loss over rankings whose completions have these scores, [completions].

    margin: how far apart full strength puts two. weights: of each ranking.
    """
    device = scores.device
    if loss == "plackett_luce":
        return plackett_luce_loss(scores, ranking_rows.stages(rows, weights).to(device))
    if loss in HAVE_A_TIE_PARAMETER:
        assert terms is not None
        pairs, ties = (one.to(device) for one in ranking_rows.pairs_and_ties(rows, weights))
        if loss == "davidson":
            return davidson_loss(scores, pairs, ties, terms.log_prevalence)
        return rao_kupper_loss(scores, pairs, ties, terms.threshold)
    pairs = ranking_rows.pair_batch(rows, weights).to(device)
    if loss == "soft":
        targets = [share for row in rows for share in row.shares or [1.0] * len(row.pairs)]
        return soft_target_loss(scores, pairs, torch.tensor(targets, device=device))
    margins = torch.tensor([margin * (row.strength or 0.0) for row in rows for _ in row.pairs], device=device)
    return pairwise_ranking_loss(scores, pairs, margins if margin else None)
