"""Low-rank additions to frozen weights: less to train and to keep, the same model directory in the end.

Every linear layer inside the blocks gets two narrow matrices whose product is added to its weight; after training the
product is added for good, so what is saved is a whole model like any other.
Source: Hu et al. 2021 (arXiv:2106.09685), through the library peft.
"""

from typing import cast

from peft import LoraConfig
from peft.tuners.lora import LoraModel
from transformers import PreTrainedModel

_TUNER = "_low_rank_tuner"


def add(model: PreTrainedModel, rank: int, alpha: int, *, train_embedding: bool) -> PreTrainedModel:
    """Freeze a model but for low-rank additions to its linear layers; return it.

    train_embedding: whether the input embedding is trained whole besides, for a vocabulary with new tokens in it.
    """
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules="all-linear", lora_dropout=0.0, bias="none")
    tuner = LoraModel(model, config, "default")
    # Beside the modules, not among them: the tuner holds the model, and a model must not hold itself.
    model.__dict__[_TUNER] = tuner
    if train_embedding:
        model.get_input_embeddings().requires_grad_(True)
    return model


def merge(model: PreTrainedModel) -> PreTrainedModel:
    """Add the low-rank additions to the weights for good, where there are any; return the model without them."""
    tuner = model.__dict__.pop(_TUNER, None)
    if tuner is None:
        return model
    merged = cast(PreTrainedModel, tuner.merge_and_unload(safe_merge=True))
    return merged.requires_grad_(True)


def like(original: PreTrainedModel, fresh: PreTrainedModel) -> PreTrainedModel:
    """Give a fresh model the additions that another has, so that the other's weights fit into it."""
    tuner = original.__dict__.get(_TUNER)
    if tuner is None:
        return fresh
    config = tuner.peft_config["default"]
    return add(fresh, config.r, config.lora_alpha, train_embedding=False)
