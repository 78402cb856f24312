"""Several processes that train one model: sharded weights, the same step, one voice.

`torchrun -m training …` starts them; a process alone finds itself a crew of one and pays nothing. Every process plans
the same steps and takes its share of each step's passes, so that losses and gradients are those of one process.
Source: Zhao et al. 2023 (arXiv:2304.11277), as FSDP2 in torch.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import MethodType
from typing import Any, TypeVar, cast

import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method
from transformers import PreTrainedModel

T = TypeVar("T")


@contextmanager
def crew() -> Iterator[None]:
    """Join the processes that torchrun started, for as long as the block runs; alone, do nothing."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def size() -> int:
    """Count the processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Number this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def is_first() -> bool:
    """Whether this process speaks and writes for all."""
    return rank() == 0


def shares(batches: Sequence[T]) -> Iterator[tuple[T, float]]:
    """Yield this process's passes of a step, each with the weight of its loss.

    Gradients are averaged over the processes, so a pass weighs as much as there are of them. All take equally many,
    because each pass is one that all of them meet in: where they do not come out even, some repeat the first with
    weight 0.
    """
    for start in range(0, len(batches), size()):
        place = start + rank()
        yield (batches[place], float(size())) if place < len(batches) else (batches[0], 0.0)


def most_tokens(forward_tokens: int, sizes: Sequence[int]) -> int:
    """Return the tokens of one pass at most, so that a step has work for every process."""
    return max(1, min(forward_tokens, -(-sum(sizes) // size())))


def total(*values: float) -> list[float]:
    """Sum numbers over all processes."""
    if size() == 1:
        return list(values)
    summed = torch.tensor(values, dtype=torch.float64, device=_device())
    dist.all_reduce(summed)
    return [float(one) for one in summed]


def any_of(wish: bool) -> bool:
    """Whether any process wishes so: all of them hear the same answer."""
    return bool(total(float(wish))[0])


def seed_step(seed: int, step: int) -> None:
    """Give every process chance of its own at every step, the same again after an interruption."""
    if size() > 1:
        torch.manual_seed((seed * 1_000_003 + step) * size() + rank())


def shard(model: PreTrainedModel) -> None:
    """Spread a model's weights over the processes, block by block."""
    if size() == 1:
        return
    blocks = set(model._no_split_modules or [])
    shared: list[Any] = [module for module in model.modules() if type(module).__name__ in blocks]
    for module in (*shared, model):
        fully_shard(module)
    model.through = MethodType(_apply, model)  # type: ignore[assignment]
    register_fsdp_forward_method(model, "through")


def kind_of(model: PreTrainedModel) -> type[PreTrainedModel]:
    """Return a model's class as it was before its weights were spread."""
    kinds = (kind for kind in type(model).__mro__ if not issubclass(kind, FSDPModule))
    return cast(type[PreTrainedModel], next(kinds))


def whole(model: PreTrainedModel, function: Callable[[PreTrainedModel, T], Tensor], given: T) -> Tensor:
    """Call a function that reads the model, with its weights gathered around the call where they are spread."""
    through = getattr(model, "through", None)
    return function(model, given) if through is None else through(function, given)


def from_first(work: Callable[[], T]) -> T:
    """Have the first process do what needs doing once; all get what it returns, or raise what it raised."""
    if size() == 1:
        return work()
    told: list[Any] = [None, None]
    if is_first():
        try:
            told[0] = work()
        except Exception as error:
            told[1] = error
    dist.broadcast_object_list(told, src=0, device=torch.device("cpu"))
    if told[1] is not None:
        raise told[1]
    return cast(T, told[0])


def wait() -> None:
    """Wait for the other processes."""
    if size() > 1:
        dist.barrier()


def _apply(model: PreTrainedModel, function: Callable[[PreTrainedModel, T], Tensor], given: T) -> Tensor:
    return function(model, given)


def _device() -> torch.device:
    return torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else torch.device("cpu")
