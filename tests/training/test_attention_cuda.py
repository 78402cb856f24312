import pytest
import torch
from torch import Tensor
from torch.nn import functional

from training.attention import Layout, attend

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no accelerator"),
]

RANKINGS = [(90, [40, 70]), (5, [60]), (120, [10, 20, 30, 40, 50, 60, 70, 80, 90]), (0, [80, 30]), (40, [])]
HEADS, WIDTH = 4, 64


class Module(torch.nn.Module):
    pass


def drawn(tokens: int, key_heads: int = HEADS) -> list[Tensor]:
    torch.manual_seed(0)
    shapes = [(1, heads, tokens, WIDTH) for heads in (HEADS, key_heads, key_heads)]
    return [torch.randn(shape, device="cuda").to(torch.bfloat16).requires_grad_() for shape in shapes]


def through_mask(query: Tensor, key: Tensor, value: Tensor, layout: Layout) -> Tensor:
    """Attend in float32 with all who see whom written out."""
    groups = query.shape[1] // key.shape[1]
    key, value = (one.float().repeat_interleave(groups, 1) for one in (key, value))
    seen = layout.mask().cuda()
    return functional.scaled_dot_product_attention(query.float(), key, value, seen).transpose(1, 2)


@pytest.mark.parametrize("key_heads", [HEADS, 2])
def test_ranges_attend_as_a_mask_does_forward_and_backward(key_heads: int) -> None:
    layout = Layout.of_rankings(RANKINGS)
    given = drawn(layout.tokens, key_heads)
    out, _ = attend(Module(), *given, None, layout=layout)
    grad = torch.randn_like(out)
    out.backward(grad)
    found = [one.grad.clone() for one in given if one.grad is not None]
    for one in given:
        one.grad = None
    expected = through_mask(*given, layout)
    expected.backward(grad.float())
    wanted = [one.grad for one in given if one.grad is not None]

    assert torch.allclose(out.float(), expected, atol=2e-2)
    for here, there in zip(found, wanted, strict=True):
        assert torch.nn.functional.cosine_similarity(here.float().flatten(), there.float().flatten(), 0) > 0.999
        assert torch.allclose(here.float(), there.float(), atol=6e-2)


def test_documents_do_not_see_each_other() -> None:
    layout = Layout.of_documents([70, 30, 50])
    query, key, value = drawn(layout.tokens)
    before, _ = attend(Module(), query, key, value, None, layout=layout)
    with torch.no_grad():
        value[:, :, 70:100] += 5
    after, _ = attend(Module(), query, key, value, None, layout=layout)
    assert torch.equal(before[:, :70], after[:, :70])
    assert torch.equal(before[:, 100:], after[:, 100:])
    assert not torch.equal(before[:, 70:100], after[:, 70:100])
