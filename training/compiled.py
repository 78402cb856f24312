"""A model compiled for as long as it is trained, and a way on where torch's compiler fails.

What is measured, compared and saved afterwards goes through the plain model: the compiler would compile anew for each
shape that it has not seen, and where it cannot, a trained model would be lost.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

import torch
from torch._dynamo.exc import TorchDynamoException
from torch._inductor.exc import CppCompileError, InvalidCxxCompiler
from transformers import PreTrainedModel

from training.events import Reporter

T = TypeVar("T")

_FAILURES = (TorchDynamoException, CppCompileError, InvalidCxxCompiler)


@contextmanager
def compiled(model: PreTrainedModel, *, shapes_differ: bool = True) -> Iterator[None]:
    """Compile the model's trunk; after the block it is as it was.

    shapes_differ: whether its passes do; where all are alike, the compiler may know how long they are.
    """
    trunk = model.base_model
    trunk.compile(dynamic=shapes_differ)
    try:
        yield
    finally:
        trunk._compiled_call_impl = None


def alongside(model: PreTrainedModel, function: Callable[..., T]) -> Callable[..., T]:
    """Return what is done with a model's states, compiled where its trunk is; the function stands in its module."""
    return function if model.base_model._compiled_call_impl is None else _compile(function)


@cache
def _compile(function: Callable[..., T]) -> Callable[..., T]:
    return torch.compile(function)


def or_plain(model: PreTrainedModel, report: Reporter, work: Callable[[], T]) -> T:
    """Do what runs the model; where compiling it fails, say so, and do it again, and all after it, uncompiled.

    The work must be free to begin anew: gradients that it left behind are dropped.
    """
    trunk = model.base_model
    try:
        return work()
    except _FAILURES as error:
        if trunk._compiled_call_impl is None:
            raise
        trunk._compiled_call_impl = None
        model.zero_grad(set_to_none=True)
        said = str(error).strip().splitlines() or [""]
        message = f"Torch's compiler failed, so the run goes on uncompiled: {type(error).__name__}: {said[0][:300]}"
        report("log", level="warning", message=message)
        return work()
