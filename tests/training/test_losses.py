import math

import pytest
import torch
from torch.nn import functional

from training.losses import PairBatch, next_token_loss, pairwise_ranking_loss, perplexity, score_magnitude_penalty


def test_pairwise_loss_by_hand() -> None:
    # One ranking of three (2 > 1, 2 > 0 with 0 and 1 tied: two pairs of weight 1/2) and one of two (3 > 4).
    scores = torch.tensor([0.0, 1.0, 2.0, 0.5, 1.5])
    pairs = PairBatch(torch.tensor([2, 2, 3]), torch.tensor([1, 0, 4]), torch.tensor([0.5, 0.5, 1.0]))

    by_hand = 0.5 * math.log(1 + math.exp(-1)) + 0.5 * math.log(1 + math.exp(-2)) + math.log(1 + math.exp(1))

    assert pairwise_ranking_loss(scores, pairs).item() == pytest.approx(by_hand, rel=1e-6)


def test_pairwise_loss_of_equal_scores_is_log_two_for_each_ranking() -> None:
    pairs = PairBatch(torch.tensor([0, 0, 1]), torch.tensor([1, 2, 2]), torch.full((3,), 1 / 3))
    assert pairwise_ranking_loss(torch.zeros(3), pairs).item() == pytest.approx(math.log(2))


def test_pairwise_loss_gradient() -> None:
    pairs = PairBatch(torch.tensor([0, 0, 1, 3]), torch.tensor([1, 2, 2, 4]), torch.tensor([1, 1, 1, 3]) / 3)
    scores = torch.randn(5, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)

    assert torch.autograd.gradcheck(lambda values: pairwise_ranking_loss(values, pairs), scores)


def test_pairwise_loss_survives_extreme_scores() -> None:
    scores = torch.tensor([-1e4, 1e4], requires_grad=True)
    loss = pairwise_ranking_loss(scores, PairBatch(torch.tensor([0]), torch.tensor([1]), torch.ones(1)))
    loss.backward()
    assert loss.item() == pytest.approx(2e4)
    assert scores.grad is not None
    assert scores.grad.tolist() == [-1.0, 1.0]


def test_next_token_loss_by_hand() -> None:
    # Two words; the model gives probability 1/4 to word 0 everywhere. Learned: row 0 its third token (word 1),
    # row 1 its second and third (words 0 and 1). A mark on the first token is without meaning.
    logits = torch.log(torch.tensor([0.25, 0.75])).expand(2, 3, 2)
    ids = torch.tensor([[0, 0, 1], [1, 0, 1]])
    trained = torch.tensor([[False, False, True], [True, True, True]])

    by_hand = -math.log(0.75) - math.log(0.25) - math.log(0.75)

    assert next_token_loss(logits, ids, trained).item() == pytest.approx(by_hand, rel=1e-6)


def test_next_token_loss_looks_one_back_and_nowhere_else() -> None:
    logits = torch.zeros(1, 4, 5, requires_grad=True)
    trained = torch.tensor([[False, False, True, False]])
    next_token_loss(logits, torch.tensor([[1, 2, 3, 4]]), trained).backward()

    assert logits.grad is not None
    moved = logits.grad.abs().sum(dim=-1)[0]
    assert (moved > 0).tolist() == [False, True, False, False]


def test_next_token_loss_gradient() -> None:
    generator = torch.Generator().manual_seed(0)
    # Single precision is forced inside, so the check runs on the same formula in double precision as a reference.
    logits = torch.randn(2, 4, 3, generator=generator, requires_grad=True)
    ids = torch.randint(3, (2, 4), generator=generator)
    trained = torch.tensor([[False, True, True, False], [False, False, True, True]])
    next_token_loss(logits, ids, trained).backward()

    reference = logits.detach().double().requires_grad_()
    chosen = reference.log_softmax(-1)[:, :-1].gather(-1, ids[:, 1:, None]).squeeze(-1)
    (-(chosen * trained[:, 1:]).sum()).backward()

    assert logits.grad is not None
    assert reference.grad is not None
    torch.testing.assert_close(logits.grad.double(), reference.grad, rtol=1e-5, atol=1e-7)
    assert torch.autograd.gradcheck(
        lambda values: functional.cross_entropy(values[:, :-1][trained[:, 1:]], ids[:, 1:][trained[:, 1:]]), reference
    )


def test_score_magnitude_penalty_by_hand() -> None:
    assert score_magnitude_penalty(torch.tensor([1.0, -2.0])).item() == 5.0


def test_perplexity_by_hand() -> None:
    assert perplexity(math.log(7)) == pytest.approx(7)
    assert math.isfinite(perplexity(1e9))
