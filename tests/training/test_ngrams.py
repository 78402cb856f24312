import pytest
import torch

from training.ngrams import Bag, NgramConfig, NgramModel, bag_of, plain

BUCKETS = 2**12


def test_spelling_that_looks_the_same_is_counted_the_same() -> None:
    assert plain("  ＦＯＯＬ\u200b  of\na  Kind ") == "fool of a kind"


def test_words_lie_in_the_first_half_and_their_pieces_in_the_second() -> None:
    bag = bag_of("go go", BUCKETS)
    words = bag.buckets < BUCKETS // 2
    # "go" twice, "go go" once; " g", "go", "o ", " go", "go ", " go " of either.
    assert sorted(bag.weights[words].tolist()) == [1.0, 2.0]
    assert bag.weights[~words].tolist() == [2.0] * 6


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
def test_a_text_of_nothing_has_no_ngrams_and_only_the_bias_speaks(text: str) -> None:
    model = NgramModel(NgramConfig(BUCKETS, categories=3))
    bag = model.weigh(bag_of(text, BUCKETS))
    assert len(bag.buckets) == 0
    with torch.no_grad():
        model.bias.copy_(torch.tensor([1.0, 2.0, 3.0]))
        torch.testing.assert_close(model([bag]), torch.tensor([[1.0, 2.0, 3.0]]))


def test_weights_are_what_the_formula_says() -> None:
    model = NgramModel(NgramConfig(8, categories=1))
    met = torch.tensor([0, 5])
    model.learn_rarity([Bag(met, torch.ones(2)), Bag(torch.tensor([5]), torch.ones(1))])
    # Two texts: bucket 0 in one, bucket 5 in both, bucket 1 in none.
    rarity = [torch.log(torch.tensor(3 / 2)).item() + 1, 1.0]
    weighed = model.weigh(Bag(torch.tensor([0, 1, 5]), torch.tensor([3.0, 2.0, 1.0])))
    assert model.rarity[[0, 5]].tolist() == pytest.approx(rarity)
    # Alone in its half, each is scaled to length 1; what was never met weighs nothing.
    assert weighed.weights.tolist() == pytest.approx([1.0, 0.0, 1.0])


def test_a_texts_logits_do_not_depend_on_its_neighbours() -> None:
    torch.manual_seed(0)
    model = NgramModel(NgramConfig(BUCKETS, categories=2, hidden=8)).eval()
    raw = [bag_of(text, BUCKETS) for text in ("a stone", "", "the long winter of the year")]
    model.learn_rarity(raw)
    bags = [model.weigh(bag) for bag in raw]
    together = model(bags)
    torch.testing.assert_close(together, torch.cat([model([bag]) for bag in bags]))
    assert together[0].tolist() != together[2].tolist()
