"""A round answered by a server: it is given the newer weights, it is asked, and what it wrote is weighed.

Several processes that train one model ask once: the first asks, and tells the others.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import devices, following, rounds
from training.chat import Chat
from training.config import RLConfig
from training.endpoint import Client, EndpointFailed, Told
from training.generation import Sampling
from training.loop import Stop
from training.rollouts import Prompt


class Elsewhere:
    """The server that writes a run's answers, and what it has come to.

    counts: answers so far; of them retold, whose texts did not read back as the tokens they were, and cut, where they
    went on in another speaker's name.
    """

    def __init__(self, config: RLConfig, chat: Chat, probe: Prompt, stop: Stop) -> None:
        """Ask the server a first time. Raises ConfigError where it will not do, EndpointFailed."""
        assert config.endpoint is not None
        self.config, self.asked, self.chat, self.probe = config, config.endpoint, chat, probe
        self.client = Client(self.asked, chat, Sampling(config.temperature, 1.0, config.max_new_tokens), stop)
        self.counts = {"answers": 0, "retold": 0, "cut": 0}
        self.is_published = False
        devices.from_first(lambda: self.client.begin(probe.ids))

    def write(self, number: int, prompts: Sequence[Prompt], model: PreTrainedModel) -> Told:
        """Have a round's prompts answered, by these weights where the server follows. Raises EndpointFailed."""
        self._publish(number, model)
        config = self.config
        told: Told = devices.from_first(
            lambda: self.client.write(prompts, copies=config.samples, seed=config.seed, occasion=f"round {number}")
        )
        answers = sum(len(one.completions) for one in told.written)
        for name, count in (("answers", answers), ("retold", told.retold), ("cut", told.cut)):
            self.counts[name] += count
        return told

    def weighed(self, told: Told, log_probs: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Return what each token weighs, [tokens], and figures for the round.

        log_probs: what the policy itself thinks of the tokens. Raises EndpointFailed where nothing weighs anything.
        """
        weights, figures = rounds.weighed(
            self.config, told.written, log_probs, torch.tensor(told.log_probs), self.asked.most_ratio
        )
        answers = sum(len(one.completions) for one in told.written)
        if not weights.any():
            raise EndpointFailed(
                f"Nothing can be learned from what {self.asked.url} wrote: of {answers} answers {told.retold} did not "
                f"read back as the tokens they were, {told.cut} spoke for somebody else, and no other could have been "
                "the policy's."
            )
        return weights, {**figures, "retold_share": told.retold / answers}

    def identity(self) -> dict[str, Any]:
        """Name what decides a run's weights: not where the server stands, but how its answers weigh."""
        return {"most_ratio": self.asked.most_ratio, "follows": self.asked.publish and self.asked.publish_every}

    def remember(self) -> dict[str, int]:
        return dict(self.counts)

    def resume(self, counts: Mapping[str, int]) -> None:
        self.counts = {**self.counts, **counts}

    def _publish(self, number: int, model: PreTrainedModel) -> None:
        """Let the server have the newer weights where they are due, and wait until it answers with them."""
        # A run that goes on does not know what the server has come to meanwhile.
        if self.asked.publish is None or (self.is_published and number % self.asked.publish_every):
            return
        fingerprint = following.publish(Path(self.asked.publish), model, self.chat, number)
        devices.from_first(lambda: self.client.wait_for(fingerprint, self.probe.ids))
        self.is_published = True
