"""Pre-training: a language model from nothing but text, one token after the other.

Text becomes a tokenizer and shards, the depth becomes a model, and every round reads a handful of blocks. On the way
the model writes: samples at fixed rounds, from a fixed seed, the first draw, so that they show what it has learned and
nothing of whoever shows them. They are kept with the run, and with the model.
"""

import math
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from training import devices, generation, shards
from training.checkpoint import Card, Checkpoints, digest_of, save_model
from training.config import PretrainConfig
from training.corpus import TEST, TRAIN, VALIDATION, Corpus, likeness, open_corpus
from training.depth import ResolvedPretraining
from training.events import Reporter
from training.generation import Sampling
from training.loop import Course, Part, Stop, precision, train, warmup_cosine
from training.losses import perplexity
from training.model import ModelError, block_loss, build_deep, check_length, drop_outputs, load_causal, to_device
from training.settings import ConfigError
from training.shards import Shards, Tokens
from training.tokenizer import UnknownCharacters, decode_text, encode_text, load_tokenizer

# Of one pass: more would need gigabytes for the logits of a large vocabulary.
PASS_TOKENS = 2**14
# A look while training stays short; a sample's is four times as long, the card measures all of the held-out text.
GLANCE_TOKENS, SAMPLE_TOKENS = 2**13, 2**17
# An untrained model knows nothing: its loss is that of a guess among all tokens, give or take its random weights.
START_TOLERANCE = 0.1
_CURLY = {'"': ("\u201c", "\u201d"), "'": ("\u2018", "\u2019")}


def run(config: PretrainConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Train on raw text or on a release's; return the card of the model written to `config.output`."""
    place = Path(config.shards) if config.shards else Path(config.output) / "checkpoints" / "shards"
    corpus, text = read(config, place)
    card = _Pretraining(config, config.resolved(), corpus, text, report, stop).run()
    if not config.shards and devices.is_first():
        # People's words do not travel with the model, and can be laid out again.
        shutil.rmtree(place)
    return card


def read(config: PretrainConfig, place: Path) -> tuple[Corpus, Shards]:
    """Return what there is to learn, laid out in `place`. Raises CorpusError, RecordError, TokenizerError."""
    whole = config.resolved()
    corpus = open_corpus(config)
    base = load_tokenizer(Path(config.start.directory)) if config.start.directory else None
    if devices.is_first():
        shards.build(place, corpus, whole, base)
    devices.wait()
    text = shards.load(place)
    shards.check(text, whole.context)
    return corpus, text


class _Pretraining:
    """One run: what its steps, looks and samples share."""

    def __init__(
        self,
        config: PretrainConfig,
        whole: ResolvedPretraining,
        corpus: Corpus,
        text: Shards,
        report: Reporter,
        stop: Stop,
    ) -> None:
        self.config, self.whole, self.corpus, self.text = config, whole, corpus, text
        self.report, self.stop = report, stop
        self.pace = replace(config, learning_rate=whole.learning_rate)
        self.prompt = readable_prompt(config.prompt, text.tokenizer)
        self.model = to_device(_open(config, whole, text.tokenizer))

    def run(self) -> dict[str, Any]:
        config, whole, model = self.config, self.whole, self.model
        self._announce()
        course = Course(
            model=model,
            steps=whole.rounds,
            parts=self._parts,
            validate=lambda: self._measure(VALIDATION, GLANCE_TOKENS),
            measure_before=self._before,
            rate=warmup_cosine(whole.rounds, config.warmup_share),
            note=self._note,
            is_ranged=False,
        )
        checkpoints = Checkpoints(Path(config.output), self._identity())
        measured = train(course, self.pace, checkpoints, self.report, self.stop)
        results = {split: self._measure(split) for split in (VALIDATION, TEST)}
        for split, values in results.items():
            if values:
                self.report("metric", step=whole.rounds, split=split, values=values)
        card = Card(
            stage=config.stage,
            deployable=False,
            release_digest_sha256=self.corpus.digest_sha256,
            config=config.to_json(),
            seed=config.seed,
            parameters=model.num_parameters(),
            counts=self._counts(),
            metrics={**measured, **results, "baselines": {}},
        )
        probe = next(self.text.splits[VALIDATION].spread(context=whole.context, most=1))[None]
        return save_model(
            Path(config.output),
            model,
            self.text.tokenizer,
            card,
            reload=load_causal,
            probe=lambda candidate: block_loss(candidate, probe),
        )

    def _parts(self, step: int) -> Iterator[Part]:
        whole = self.whole
        ids = self.text.splits[TRAIN].batch(step, rows=whole.rows, context=whole.context, seed=self.config.seed)
        most = devices.most_tokens(PASS_TOKENS, [whole.context] * whole.rows)
        for rows, weight in devices.shares(ids.split(max(1, most // whole.context))):
            loss = block_loss(self.model, rows) / (whole.rows * whole.context)
            yield Part(weight * loss, rows[:, 1:].numel() if weight else 0)

    @torch.no_grad()
    def _measure(self, split: str, most_tokens: int | None = None) -> dict[str, float]:
        """Return loss a token, its perplexity, and bits a character, over blocks spread evenly over a split."""
        tokens, context = self.text.splits[split], self.whole.context
        blocks = list(tokens.spread(context=context, most=(most_tokens or len(tokens)) // context + 1))
        if not blocks:
            return {}
        self.model.eval()
        loss = 0.0
        with torch.compiler.set_stance("force_eager"), precision(self.model, self.pace):
            for rows in torch.stack(blocks).split(max(1, PASS_TOKENS // context)):
                self.stop.check()
                loss += block_loss(self.model, rows).item()
        mean = loss / (len(blocks) * context)
        return {
            "loss": mean,
            "perplexity": perplexity(mean),
            "bits_per_character": bits_per_character(mean, tokens),
            "tokens": len(blocks) * context,
        }

    def _before(self) -> dict[str, Any]:
        loss = self._measure(VALIDATION, SAMPLE_TOKENS)["loss"]
        if self.config.start.directory is None:
            self._check_start(loss)
        return {"loss_before": loss, **self._note(0, {})}

    def _check_start(self, loss: float) -> None:
        """Raise ModelError where an untrained model does not guess evenly among all tokens."""
        guess = math.log(len(self.text.tokenizer))
        if abs(loss - guess) > START_TOLERANCE * guess:
            raise ModelError(f"The untrained model's loss is {loss:.3f}; evenly guessed it would be {guess:.3f}.")
        message = (
            f"Before training the loss is {loss:.3f}; a guess among {len(self.text.tokenizer)} tokens: {guess:.3f}."
        )
        self.report("log", level="info", message=message)

    def _note(self, step: int, measured: Mapping[str, Any]) -> dict[str, Any]:
        if step not in self.config.sampled | {self.whole.rounds}:
            return {}
        held_out = self._measure(VALIDATION, SAMPLE_TOKENS)
        text = self._write()
        values = {
            "loss": held_out["loss"],
            "bits_per_character": held_out["bits_per_character"],
            **likeness(text, self.corpus.texts(TRAIN)),
        }
        self.report("sample", step=step, prompt=self.prompt, text=text, values=values)
        sample = {"step": step, "prompt": self.prompt, "text": text, "values": values}
        return {"samples": [*measured.get("samples", []), sample]}

    def _write(self) -> str:
        """Go on from the prompt: the same seed at every round."""
        config = self.config
        sampling = Sampling(config.temperature, 1.0, config.sample_tokens)
        with torch.compiler.set_stance("force_eager"):
            tokenizer = self.text.tokenizer
            prompt = encode_text(tokenizer, self.prompt)
            parts = generation.go_on(self.model, tokenizer, prompt, config.seed, sampling, self.whole.context)
            return decode_text(tokenizer, [token for part in parts for token in part])

    def _identity(self) -> dict[str, Any]:
        return {
            "config": self.config.to_json(),
            "text": digest_of(self.text.index),
            "tokenizer": digest_of(self.text.tokenizer.backend_tokenizer.to_str()),
        }

    def _counts(self) -> dict[str, Any]:
        splits = {
            split: {name: said[name] for name in ("documents", "characters", "tokens")}
            for split, said in self.text.index["splits"].items()
        }
        return {**self.corpus.counts, **splits}

    def _announce(self) -> None:
        tokens = len(self.text.splits[TRAIN])
        self.report(
            "start",
            total_steps=self.whole.rounds,
            trained_tokens_per_epoch=tokens,
            parameters=self.model.num_parameters(),
            counts=self._counts(),
        )
        epochs = self.whole.rounds * self.whole.batch_tokens / tokens
        dial = self.whole.dial
        message = (
            f"Depth {dial.layers}: width {dial.width}, {dial.heads} heads, {self.whole.context} tokens of context, "
            f"{self.whole.batch_tokens:,} tokens a round: the text {epochs:.1f} times. Held out: "
            f"{len(self.text.splits[VALIDATION]):,} tokens, {self.corpus.counts['held_out'].replace('_', ' ')}."
        )
        self.report("log", level="info", message=message)


def bits_per_character(loss: float, tokens: Tokens) -> float:
    """Turn nats a token into bits a character, which tells tokenizers apart from models."""
    return loss * tokens.per_character / math.log(2)


def readable_prompt(prompt: str, tokenizer: PreTrainedTokenizerFast) -> str:
    """Return the prompt, with the quotation marks that the corpus has. Raises UnknownCharacters."""
    try:
        encode_text(tokenizer, prompt)
        return prompt
    except UnknownCharacters as unknown:
        for straight, (opening, closing) in _CURLY.items():
            if straight in unknown.characters:
                prompt = _curled(prompt, straight, opening, closing)
    encode_text(tokenizer, prompt)
    return prompt


def _curled(text: str, straight: str, opening: str, closing: str) -> str:
    """Curl quotation marks: opening ones stand at the start or after a space."""
    before = " " + text
    return "".join(
        (opening if before[place].isspace() else closing) if character == straight else character
        for place, character in enumerate(text)
    )


def _open(config: PretrainConfig, whole: ResolvedPretraining, tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """Return the model that a depth calls for, or the one to go on from."""
    if config.start.directory is None:
        model = build_deep(whole.dial, whole.context, tokenizer, config.seed)
        drop_outputs(model, whole.dropout)
        return model
    if whole.dropout:
        raise ConfigError("dropout: is for a model from scratch; leave it empty.")
    model = load_causal(Path(config.start.directory))
    check_length(model, whole.context)
    return model
