import pytest

from training.depth import LARGEST_BATCH, dial_of


def test_depth_six_is_nanogpts_model_of_letters() -> None:
    dial = dial_of(6)

    assert (dial.layers, dial.width, dial.heads, dial.context, dial.learning_rate) == (6, 384, 6, 256, 1e-3)
    # 6 layers of 4 * 384 * 384 (attention) + 3 * 384 * 1024 (gated) + 2 * 384 (norms), 384 for the last norm.
    assert dial.parameters(81) == 81 * 384 + 6 * (589_824 + 1_179_648 + 768) + 384


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 6, 12, 24, 64])
def test_the_dial_turns_evenly(depth: int) -> None:
    dial, next_ = dial_of(depth), dial_of(depth + 1)

    assert dial.width == dial.heads * 64
    assert dial.batch_tokens % dial.context == 0
    assert dial.parameters(100) < next_.parameters(100)
    assert dial.learning_rate > next_.learning_rate
    assert dial.batch_tokens <= next_.batch_tokens <= LARGEST_BATCH
