"""Frozen, typed configuration of every stage: what may be set, between which bounds, and what it does.

How it is read and described says `settings.py`. Standard library only.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit

from training.depth import ELIZABETH, PRETRAIN_PRESETS, TOKENIZERS, ResolvedPretraining, dial_of
from training.settings import Config, ConfigError, Setting, Start, describe_field


@dataclass(frozen=True, kw_only=True)
class Preset:
    """The shape of a model trained from scratch."""

    help: str
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int


PRESETS: Mapping[str, Preset] = {
    "tiny": Preset(
        help="For tests and demonstrations: trains in seconds, says nothing.",
        vocabulary=512, hidden=48, layers=2, heads=2, feed_forward=128, positions=512,
    ),
    "small": Preset(
        help="For a laptop without an accelerator: minutes on two cores.",
        vocabulary=4096, hidden=128, layers=2, heads=4, feed_forward=352, positions=1024,
    ),
    "medium": Preset(
        help="For a workstation: hours on a processor, minutes on an accelerator.",
        vocabulary=8192, hidden=512, layers=8, heads=8, feed_forward=1376, positions=2048,
    ),
}  # fmt: skip


# What a filter starts from that is no language model: counted pieces of words, see ngrams.py.
NGRAMS = "ngrams"

KEEP = ("last", "best")
LEARN = ("every_turn", "last_turn")
PRECISIONS = ("float32", "bfloat16")
RANKING_LOSSES = ("pairs", "plackett_luce", "rao_kupper", "davidson", "soft")
ANNOTATOR_TERMS = ("nothing", "reliability", "reliability_and_biases")
DPO_LOSSES = ("dpo", "ipo", "kto")
RL = ("rloo", "grpo", "ppo")
ENSEMBLES = ("mean", "minimum", "mean_minus_spread")


@dataclass(frozen=True, kw_only=True)
class StageConfig(Config):
    def check_start(self) -> None:
        """Raise ConfigError where the stage has no preset of that name."""
        preset = getattr(self, "start", Start()).preset
        names = presets_of(self.stage)
        if preset is not None and names and preset not in names:
            raise ConfigError(f"start: preset {preset!r} is not one of {', '.join(names)}.")


@dataclass(frozen=True, kw_only=True)
class LoopConfig(StageConfig):
    """What the training loop reads, whatever it trains on."""

    output: Annotated[str, Setting("Directory that the model, its card and its checkpoints are written to.")]
    start: Annotated[Start, Setting("A preset trained from scratch, or the directory of a model.")]
    seed: Annotated[int, Setting("Same release, configuration and seed: same model.", 0, 2**31 - 1)] = 0
    learning_rate: Annotated[float, Setting("Highest step size; warmed up to, then lowered to a tenth.", 1e-8, 1)] = (
        1e-3
    )
    warmup_share: Annotated[float, Setting("Share of the steps that warm the learning rate up.", 0, 0.9)] = 0.1
    weight_decay: Annotated[float, Setting("Pull of the weights towards zero (AdamW).", 0, 10)] = 0.1
    checkpoint_every: Annotated[int, Setting("Steps between checkpoints.", 1)] = 100
    evaluate_every: Annotated[int, Setting("Steps between looks at the validation split.", 1)] = 50
    keep: Annotated[
        str,
        Setting("Which weights become the model: the last, or the best by the validation split.", choices=KEEP),
    ] = "last"
    patience: Annotated[
        int | None, Setting("Stop after so many looks at the validation split without a better one.", 1, 1000)
    ] = None
    precision: Annotated[
        str,
        Setting("Numbers of the forward pass; weights and optimizer stay float32.", choices=PRECISIONS),
    ] = "float32"
    compile: Annotated[bool, Setting("Compile the model first: a minute's wait, then faster steps.")] = False
    recompute: Annotated[bool, Setting("Compute activations twice instead of keeping them: less memory.")] = False
    threads: Annotated[int | None, Setting("Processor threads; empty leaves it to torch.", 1, 1024)] = None


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(LoopConfig):
    """What every stage that learns from the rows of a release has."""

    release: Annotated[str, Setting("Directory of the frozen release to train on.")]
    train_share: Annotated[float, Setting("Share of the train split's prompts that is learned from.", 0.001, 1)] = 1.0
    epochs: Annotated[int, Setting("How often every row is seen.", 1, 1000)] = 3
    max_steps: Annotated[int | None, Setting("Stop after this many steps, whatever the epochs say.", 1)] = None
    batch_tokens: Annotated[int, Setting("Tokens of one step.", 16, 2**22)] = 4096
    max_length: Annotated[int, Setting("Longest row in tokens; a longer prompt loses its oldest.", 16, 2**17)] = 512
    forward_tokens: Annotated[int, Setting("Tokens of one forward pass: lower it if memory runs out.", 16, 2**22)] = (
        4096
    )
    token_dropout: Annotated[float, Setting("Share of input tokens blanked while training.", 0, 0.9)] = 0.0

    def check(self) -> None:
        if self.start.preset is not None:
            positions = PRESETS[self.start.preset].positions
            if self.max_length > positions:
                raise ConfigError(
                    f"max_length: preset {self.start.preset!r} reads at most {positions} tokens; lower it to that."
                )
        if self.batch_tokens < self.max_length:
            raise ConfigError("batch_tokens: a step must hold the longest row; raise it to max_length or more.")


@dataclass(frozen=True, kw_only=True)
class PretrainConfig(LoopConfig):
    """Next-token prediction on raw text, from nothing: one dial, the depth, and what follows from it.

    What is left empty follows from the preset, then from the depth: `resolved` fills it in.
    """

    stage: ClassVar[str] = "pretrain"
    text: Annotated[
        str | None, Setting("A folder of .txt and .jsonl files with `text`, or one such file; or give a release.")
    ] = None
    release: Annotated[str | None, Setting("Directory of a frozen release, whose every text is learned.")] = None
    shards: Annotated[str | None, Setting("Where the tokens are kept; empty: beside the model, until it is saved.")] = (
        None
    )
    depth: Annotated[int | None, Setting("Layers; width, heads, context, batch and step size follow.", 1, 64)] = None
    rounds: Annotated[int | None, Setting("Steps of training.", 1)] = None
    context: Annotated[int | None, Setting("Tokens read at a time.", 8, 2**16)] = None
    batch_tokens: Annotated[int | None, Setting("Tokens of one round.", 8, 2**22)] = None
    tokenizer: Annotated[
        str | None, Setting("What a token is: a character, or a piece of a word.", choices=TOKENIZERS)
    ] = None
    vocabulary: Annotated[int | None, Setting("Most tokens to tell apart, where they are pieces.", 300, 2**18)] = None
    dropout: Annotated[
        float | None, Setting("Share of each layer's outputs blanked, against learning by heart.", 0, 0.9)
    ] = None
    held_out_share: Annotated[float, Setting("Share of the text that is only tested on.", 0.001, 0.5)] = 0.1
    learning_rate: Annotated[float, Setting("Highest step size; 0 follows the depth.", 0, 1)] = 0.0
    warmup_share: Annotated[float, Setting("Share of the rounds that warm the learning rate up.", 0, 0.9)] = 0.01
    checkpoint_every: Annotated[int, Setting("Rounds between checkpoints.", 1)] = 500
    evaluate_every: Annotated[int, Setting("Rounds between looks at the held-out text.", 1)] = 250
    prompt: Annotated[str, Setting("What the samples on the way go on from.")] = ELIZABETH
    sample_rounds: Annotated[str, Setting("Rounds after which a sample is written.")] = "0 250 500 5000 30000"
    sample_tokens: Annotated[int, Setting("Length of a sample in tokens.", 1, 2**15)] = 400
    temperature: Annotated[float, Setting("0 always takes the likeliest token; 1 samples as learned.", 0, 10)] = 0.8

    def check(self) -> None:
        if (self.text is None) == (self.release is None):
            raise ConfigError("text: give either text or a release to learn from.")
        if not re.fullmatch(r"\d+( \d+)*", self.sample_rounds):
            raise ConfigError("sample_rounds: whole numbers with one space between, as in 0 250 500.")
        whole = self.resolved()
        if whole.batch_tokens < whole.context:
            raise ConfigError("batch_tokens: a round must hold one context; raise it to that or more.")

    def resolved(self) -> ResolvedPretraining:
        """Fill in what follows from the preset and the depth."""
        recipe = PRETRAIN_PRESETS[self.start.preset or "demo"]
        dial = dial_of(self.depth or recipe.depth)
        return ResolvedPretraining(
            dial=dial,
            rounds=self.rounds or recipe.rounds,
            context=self.context or dial.context,
            batch_tokens=self.batch_tokens or max(dial.batch_tokens, self.context or 0),
            tokenizer=self.tokenizer or recipe.tokenizer,
            vocabulary=self.vocabulary or recipe.vocabulary,
            dropout=recipe.dropout if self.dropout is None else self.dropout,
            learning_rate=self.learning_rate or dial.learning_rate,
        )

    @property
    def sampled(self) -> frozenset[int]:
        return frozenset(map(int, self.sample_rounds.split()))


@dataclass(frozen=True, kw_only=True)
class SFTConfig(TrainingConfig):
    """Imitation of the ideal answers: loss on the answer, never on the prompt."""

    stage: ClassVar[str] = "sft"
    learn: Annotated[
        str,
        Setting("What a conversation teaches: every turn of the assistant, or its last alone.", choices=LEARN),
    ] = "every_turn"
    lora_rank: Annotated[
        int | None, Setting("Train low-rank additions of this rank, not the weights; empty trains all.", 1, 1024)
    ] = None
    lora_alpha: Annotated[int, Setting("Scale of the additions, divided by their rank.", 1, 4096)] = 32
    judge: Annotated[
        str | None,
        Setting("Directory of a reward model whose scores say which look is the best; empty: the loss says it."),
    ] = None
    judge_prompts: Annotated[int, Setting("Validation prompts answered for the judge at each look.", 1, 10_000)] = 64
    judge_tokens: Annotated[int, Setting("Longest answer written for the judge, in tokens.", 1, 2**15)] = 128

    def check(self) -> None:
        super().check()
        if self.judge is not None and self.keep != "best" and self.patience is None:
            raise ConfigError("judge: says which look is best; set keep to best, or a patience, or leave it empty.")
        if self.lora_rank is not None and self.start.preset is not None:
            raise ConfigError("lora_rank: a model from scratch has nothing to add to; start from a model or leave it.")


@dataclass(frozen=True, kw_only=True)
class RewardConfig(TrainingConfig):
    """A score that orders completions as people did."""

    stage: ClassVar[str] = "reward"
    epochs: Annotated[int, Setting("How often every row is seen; more than a few are learned by heart.", 1, 1000)] = 2
    token_dropout: Annotated[float, Setting("Share of input tokens blanked while training.", 0, 0.9)] = 0.35
    prompts_per_batch: Annotated[int, Setting("Rankings of one step; the pairs of one stay together.", 1, 4096)] = 32
    batch_tokens: Annotated[int, Setting("Tokens of one step at most.", 16, 2**22)] = 32768
    score_penalty: Annotated[float, Setting("Pull of the scores towards zero, which pairs leave free.", 0, 1)] = 0.001
    loss: Annotated[str, Setting("How a ranking is read; see training/ranking_losses.py.", choices=RANKING_LOSSES)] = (
        "pairs"
    )
    margin: Annotated[
        float, Setting("How far apart a judgement of full strength puts two scores (loss pairs).", 0, 100)
    ] = 0.0
    annotators: Annotated[
        str,
        Setting("What is learned of each annotator beside the scores, and not served.", choices=ANNOTATOR_TERMS),
    ] = "nothing"
    annotator_spread: Annotated[
        float, Setting("How far annotators are thought to differ; less shrinks more.", 0.01, 10)
    ] = 0.5
    folds: Annotated[
        int | None, Setting("Parts of the annotators, one of which is not learned from but tested on.", 2, 100)
    ] = None
    fold: Annotated[int, Setting("Which part is held out, from 0.", 0, 99)] = 0
    heads: Annotated[int, Setting("Readouts that vote, each of which weighs the rankings by chance.", 1, 64)] = 1
    judged_by: Annotated[
        str, Setting("What makes one look at the validation split better than another.", choices=("loss", "accuracy"))
    ] = "loss"

    def check(self) -> None:
        super().check()
        if self.folds is not None and self.fold >= self.folds:
            raise ConfigError(f"fold: {self.fold} is not one of {self.folds} folds; they are numbered from 0.")
        if self.margin and self.loss != "pairs":
            raise ConfigError("margin: only the loss pairs has margins; choose it or set margin to 0.")
        if self.loss == "soft" and self.annotators != "nothing":
            raise ConfigError("annotators: the loss soft makes all annotators one; choose another loss or nothing.")


@dataclass(frozen=True, kw_only=True)
class ModerationConfig(TrainingConfig):
    """A filter that says what a text should be moderated for, learned from people's labels."""

    stage: ClassVar[str] = "moderation"
    start: Annotated[Start, Setting("Counted n-grams from scratch, a preset, or the directory of a model.")] = Start(
        preset=NGRAMS
    )
    epochs: Annotated[int, Setting("How often every text is seen.", 1, 1000)] = 20
    weight_decay: Annotated[float, Setting("Pull of the weights towards zero; 0 follows the start.", 0, 10)] = 0.0
    learning_rate: Annotated[float, Setting("Highest step size; 0 follows the start.", 0, 100)] = 0.0
    false_positive_rate: Annotated[
        float, Setting("Share of the validation texts without a category that its threshold may flag.", 0, 0.5)
    ] = 0.05
    buckets: Annotated[int, Setting("Buckets for n-grams; each costs a weight a category.", 2, 2**22)] = 2**18
    hidden: Annotated[int, Setting("Width of the layer above the n-grams; 0 for none.", 0, 4096)] = 0
    texts_per_batch: Annotated[int, Setting("Texts of one step at most.", 1, 4096)] = 64
    batch_tokens: Annotated[int, Setting("Tokens or n-grams of one step at most.", 16, 2**22)] = 2**17
    forward_tokens: Annotated[int, Setting("Tokens or n-grams of one pass: lower it to save memory.", 16, 2**22)] = (
        2**15
    )

    @property
    def counts_ngrams(self) -> bool:
        return self.start.preset == NGRAMS

    def check(self) -> None:
        if not self.counts_ngrams:
            super().check()

    def resolved(self) -> Self:
        """Fill in what follows from the start: one layer takes larger steps and a weaker pull than a deep model."""
        ngrams, scratch = self.counts_ngrams, self.start.preset is not None
        return replace(
            self,
            learning_rate=self.learning_rate or (5.0 if ngrams else 1e-3 if scratch else 1e-4),
            weight_decay=self.weight_decay or (1e-5 if ngrams else 0.1),
        )


@dataclass(frozen=True, kw_only=True)
class DPOConfig(TrainingConfig):
    """A language model learns from rankings at once, without a reward model between."""

    stage: ClassVar[str] = "dpo"
    loss: Annotated[str, Setting("How preferences are learned; see training/policy_losses.py.", choices=DPO_LOSSES)] = (
        "dpo"
    )
    beta: Annotated[
        float, Setting("How strongly it is held to where it started; less lets it go further.", 1e-4, 10)
    ] = 0.1
    smoothing: Annotated[
        float, Setting("Share of the judgements that are thought to be wrong (loss dpo).", 0, 0.49)
    ] = 0.0
    epochs: Annotated[int, Setting("How often every row is seen.", 1, 1000)] = 1
    learning_rate: Annotated[float, Setting("Highest step size; warmed up to, then lowered to a tenth.", 1e-8, 1)] = (
        1e-5
    )
    prompts_per_batch: Annotated[
        int, Setting("Rankings of one step; the completions of one stay together.", 1, 4096)
    ] = 16
    batch_tokens: Annotated[int, Setting("Tokens of one step at most.", 16, 2**22)] = 32768

    def check(self) -> None:
        super().check()
        if self.start.preset is not None:
            raise ConfigError("start: preferences refine a model that answers; start from an SFT model's directory.")
        if self.smoothing and self.loss != "dpo":
            raise ConfigError("smoothing: only the loss dpo has it; choose that or set smoothing to 0.")


@dataclass(frozen=True, kw_only=True)
class Endpoint(Config):
    """A server in OpenAI's shapes that writes a run's answers instead of the run itself.

    It serves the run's start and follows the run's weights (`publish`), or falls behind, and its answers are weighed.
    """

    stage: ClassVar[str] = "endpoint"
    url: Annotated[str, Setting("Address of the server, with /v1; /completions below it is asked.")]
    model: Annotated[str, Setting("What the server calls the model.")]
    key_variable: Annotated[
        str | None, Setting("Name of the environment variable that holds the server's key; empty: it has none.")
    ] = None
    publish: Annotated[
        str | None,
        Setting("Directory that newer weights are published into and the server follows; empty: it does not."),
    ] = None
    publish_every: Annotated[int, Setting("Rounds from one publishing to the next.", 1)] = 1
    most_ratio: Annotated[float, Setting("Most that an answer drawn by other weights may weigh.", 1, 100)] = 2.0
    concurrency: Annotated[int, Setting("Answers that are asked for at a time.", 1, 4096)] = 64
    timeout_seconds: Annotated[float, Setting("How long an answer, or the newer weights, may take.", 0.1, 3600)] = 120.0
    retries: Annotated[int, Setting("How often a request is sent again where the server is gone or busy.", 0, 100)] = 6

    def check(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"url: {self.url!r} is no address; give one like http://localhost:8000/v1.")
        if self.key_variable is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.key_variable):
            raise ConfigError("key_variable: give the name of an environment variable, never the key itself.")

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class RLConfig(LoopConfig):
    """An assistant refined against what judges its answers: reward models, or a function that checks them.

    Defaults follow Ouyang et al. 2022 (arXiv:2203.02155), appendix C.4, and for RLOO Ahmadian et al. 2024.
    """

    stage: ClassVar[str] = "rl"
    release: Annotated[str, Setting("Directory of the frozen release whose prompts are answered.")]
    reward_models: Annotated[
        tuple[str, ...], Setting("Directories of the reward models that judge; several are an ensemble.")
    ] = ()
    reward_function: Annotated[
        str | None, Setting("Name of an installed entry point of the group bennet.rewards that judges, too.")
    ] = None
    ensemble: Annotated[
        str, Setting("What several reward models say together; see training/rewarding.py.", choices=ENSEMBLES)
    ] = "mean"
    gold_model: Annotated[
        str | None, Setting("Directory of a reward model of other data and seed, never learned from: the monitor's.")
    ] = None
    algorithm: Annotated[
        str,
        Setting("How answers are weighed: against their prompt's others, in deviations, or by a critic.", choices=RL),
    ] = "rloo"
    rounds: Annotated[int, Setting("How often answers are written and learned from.", 1)] = 200
    prompts_per_round: Annotated[int, Setting("Prompts answered in a round.", 1, 4096)] = 8
    samples: Annotated[int, Setting("Answers to each prompt.", 1, 1024)] = 4
    passes: Annotated[int, Setting("How often a round's answers are gone through.", 1, 16)] = 1
    minibatches: Annotated[int, Setting("Steps that a pass is cut into.", 1, 64)] = 1
    max_new_tokens: Annotated[int, Setting("Longest answer in tokens.", 1, 2**15)] = 128
    max_length: Annotated[
        int, Setting("Longest prompt and answer in tokens; a longer prompt is left out.", 8, 2**17)
    ] = 512
    temperature: Annotated[float, Setting("Sampling temperature of the answers.", 0.05, 10)] = 1.0
    learning_rate: Annotated[float, Setting("Highest step size; warmed up to, then lowered to a tenth.", 1e-8, 1)] = (
        1e-5
    )
    kl_coefficient: Annotated[float, Setting("Price of moving away from the start, in reward a nat.", 0, 100)] = 0.05
    kl_target: Annotated[
        float | None, Setting("Nats an answer to move away; the price follows it. Empty: the price stays.", 0.01, 1000)
    ] = None
    kl_horizon: Annotated[int, Setting("Answers over which the price finds its target.", 1)] = 10_000
    clip: Annotated[float, Setting("How far a step may move a probability, as a share (PPO's clip).", 0.01, 1)] = 0.2
    advantage_decay: Annotated[float, Setting("How far the critic's advantages look ahead (lambda).", 0, 1)] = 0.95
    value_coefficient: Annotated[float, Setting("Weight of the critic's loss beside the policy's.", 0, 10)] = 0.1
    ptx_coefficient: Annotated[
        float, Setting("Weight of the demonstrations' own loss in every step (PPO-ptx); 0 for none.", 0, 100)
    ] = 0.0
    ptx_rows: Annotated[int, Setting("Demonstrations of a step.", 1, 4096)] = 8
    unfinished_penalty: Annotated[
        float, Setting("Reward taken from an answer that does not end by itself.", 0, 100)
    ] = 1.0
    token_penalty: Annotated[float, Setting("Reward taken for every token of an answer.", 0, 10)] = 0.0
    gold_loss: Annotated[
        float,
        Setting("Share of what the gold model had gained that may be lost; a sure half of it ends the run.", 0.001, 1),
    ] = 0.05
    evaluate_prompts: Annotated[int, Setting("Prompts of the validation split that every look answers.", 1, 4096)] = 32
    evaluate_answers: Annotated[
        int, Setting("Answers to each of them: more make a look surer, and what a gold model says of it.", 1, 64)
    ] = 4
    shown_prompts: Annotated[int, Setting("Prompts whose answers are shown beside the start's.", 0, 64)] = 4
    forward_tokens: Annotated[int, Setting("Tokens of one forward pass: lower it if memory runs out.", 16, 2**22)] = (
        8192
    )
    evaluate_every: Annotated[int, Setting("Steps between looks at the validation split.", 1)] = 20
    endpoint: Annotated[
        Endpoint | None, Setting("A server that writes the answers of the rounds; empty: the run writes them itself.")
    ] = None

    @property
    def steps_per_round(self) -> int:
        return self.passes * self.minibatches

    def check(self) -> None:
        if self.start.directory is None:
            raise ConfigError("start: reinforcement refines a model that answers; start from an SFT model's directory.")
        if not self.reward_models and self.reward_function is None:
            raise ConfigError("reward_models: nothing judges the answers; give a reward model or a reward function.")
        if self.algorithm != "ppo" and self.samples < 2:
            raise ConfigError(f"samples: {self.algorithm} compares a prompt's answers; give it 2 or more.")
        if self.minibatches > self.prompts_per_round:
            raise ConfigError("minibatches: there are no more of them than prompts_per_round.")
        if self.max_new_tokens >= self.max_length:
            raise ConfigError("max_new_tokens: leave room for the prompt; lower it or raise max_length.")
        if self.endpoint is not None and self.algorithm == "ppo":
            raise ConfigError("algorithm: a critic learns from its own policy's answers; choose rloo or grpo.")
        # Some servers tell log-probabilities before the temperature, some after it: at 1 they are the same.
        if self.endpoint is not None and self.temperature != 1:
            raise ConfigError("temperature: an endpoint's log-probabilities are those of temperature 1; set it to 1.")

    def to_json(self) -> dict[str, Any]:
        """Leave out a later field while it is empty, so that what was stored before it reads as it did."""
        plain = super().to_json()
        plain.pop("endpoint")
        return plain if self.endpoint is None else {**plain, "endpoint": self.endpoint.to_json()}


@dataclass(frozen=True, kw_only=True)
class SampleConfig(StageConfig):
    """A model writes completions for waiting prompts."""

    stage: ClassVar[str] = "sample"
    model: Annotated[str, Setting("Directory of the model that writes.")]
    prompts: Annotated[str, Setting("JSON lines of prompts: prompt_id and messages.")]
    output: Annotated[str, Setting("File that the completions are written to.")]
    n: Annotated[int, Setting("Completions for each prompt.", 1, 64)] = 4
    temperature: Annotated[float, Setting("0 always takes the likeliest token; 1 samples as learned.", 0, 10)] = 0.8
    top_p: Annotated[float, Setting("Sample from the likeliest tokens that make up this share.", 0.01, 1)] = 0.95
    max_new_tokens: Annotated[int, Setting("Longest completion in tokens.", 1, 2**15)] = 200
    seed: Annotated[int, Setting("Same model, prompt and seed: same completion.", 0, 2**31 - 1)] = 0
    prompts_per_batch: Annotated[int, Setting("Prompts that are written for at a time.", 1, 1024)] = 8
    threads: Annotated[int | None, Setting("Processor threads; empty leaves it to torch.", 1, 1024)] = None


@dataclass(frozen=True, kw_only=True)
class ScoreConfig(StageConfig):
    """Reward models score completions, each member of the ensemble by itself."""

    stage: ClassVar[str] = "score"
    models: Annotated[tuple[str, ...], Setting("Directories of the reward models; several are an ensemble.")]
    items: Annotated[str, Setting("JSON lines of what is scored: item_id, messages and completions.")]
    output: Annotated[str, Setting("File that the scores are written to.")]
    items_per_batch: Annotated[int, Setting("Items that are scored at a time.", 1, 1024)] = 32
    forward_tokens: Annotated[int, Setting("Most tokens in one forward pass.", 1, 2**20)] = 8192
    threads: Annotated[int | None, Setting("Processor threads; empty leaves it to torch.", 1, 1024)] = None

    def check(self) -> None:
        if not self.models:
            raise ConfigError("models: name the directory of a reward model.")


@dataclass(frozen=True, kw_only=True)
class ContinueConfig(StageConfig):
    """A model goes on from a text, letter for letter; it does not answer it."""

    stage: ClassVar[str] = "continue"
    model: Annotated[str, Setting("Directory of the model that writes.")]
    prompt: Annotated[str, Setting("The text to go on from.")]
    temperature: Annotated[float, Setting("0 always takes the likeliest token; 1 samples as learned.", 0, 10)] = 0.8
    top_p: Annotated[float, Setting("Sample from the likeliest tokens that make up this share.", 0.01, 1)] = 1.0
    max_new_tokens: Annotated[int, Setting("Longest continuation in tokens.", 1, 4096)] = 400
    seed: Annotated[int, Setting("Same model, prompt and seed: same continuation.", 0, 2**31 - 1)] = 0
    threads: Annotated[int | None, Setting("Processor threads; empty leaves it to torch.", 1, 1024)] = None


@dataclass(frozen=True, kw_only=True)
class ServeConfig(StageConfig):
    """A model answers over HTTP, many at once, in the shapes of OpenAI's API."""

    stage: ClassVar[str] = "serve"
    model: Annotated[str, Setting("Directory of the model that answers, scores or moderates.")]
    follow: Annotated[
        str | None, Setting("Directory into which a run publishes newer weights: the newest answers. Empty: none.")
    ] = None
    name: Annotated[str, Setting("What requests call the model.")] = "model"
    host: Annotated[str, Setting("Address to listen at.")] = "127.0.0.1"
    port: Annotated[int, Setting("Port to listen at; 0 takes a free one.", 0, 65535)] = 0
    key: Annotated[str | None, Setting("What requests must carry as their bearer token; empty: nothing.")] = None
    at_once: Annotated[int, Setting("Answers written at a time.", 1, 1024)] = 16
    waiting: Annotated[int, Setting("Requests that may wait; one more is told to come again.", 1, 10_000)] = 64
    context: Annotated[
        int | None, Setting("Tokens of prompt and answer; empty: what the model can read.", 8, 2**20)
    ] = None
    max_new_tokens: Annotated[int, Setting("Longest answer in tokens, whatever is asked.", 1, 2**15)] = 1024
    remembered_tokens: Annotated[int, Setting("Tokens whose reading is kept for the next turn.", 0, 2**26)] = 65536
    patience_seconds: Annotated[float, Setting("How long a request waits for its next token.", 1, 3600)] = 60.0
    threads: Annotated[int | None, Setting("Processor threads; empty leaves it to torch.", 1, 1024)] = None


STAGES: Mapping[str, type[Config]] = {
    config.stage: config
    for config in (
        PretrainConfig,
        SFTConfig,
        RewardConfig,
        RLConfig,
        DPOConfig,
        ModerationConfig,
        SampleConfig,
        ScoreConfig,
        ContinueConfig,
        ServeConfig,
    )
}


def from_json(value: object) -> Config:
    """Read a configuration of whichever stage it names. Raises ConfigError."""
    stage = value.get("stage") if isinstance(value, Mapping) else None
    if not isinstance(stage, str) or stage not in STAGES:
        raise ConfigError(f"stage: {stage!r} is not one of {', '.join(STAGES)}.")
    return STAGES[stage].from_json(value)


def describe() -> dict[str, list[dict[str, Any]]]:
    """Describe each stage's fields for a form: name, type, required, default, bounds and help."""
    return {stage: [describe_field(config, spec) for spec in fields(config)] for stage, config in STAGES.items()}


def presets_of(stage: str) -> tuple[str, ...]:
    """Name what a stage can start from, with nothing learned yet."""
    if stage == ModerationConfig.stage:
        return (NGRAMS, *PRESETS)
    if stage in (RLConfig.stage, DPOConfig.stage):
        return ()
    return tuple(PRETRAIN_PRESETS if stage == PretrainConfig.stage else PRESETS)


def describe_presets(stage: str = "sft") -> list[dict[str, Any]]:
    """Describe a stage's presets for a form, with the size of each in parameters."""
    if stage == PretrainConfig.stage:
        return [
            {"name": name, "help": recipe.help, "parameters": dial_of(recipe.depth).parameters(recipe.vocabulary)}
            for name, recipe in PRETRAIN_PRESETS.items()
        ]
    if not presets_of(stage):
        return []
    shapes = [{"name": name, "parameters": _parameters(preset), **asdict(preset)} for name, preset in PRESETS.items()]
    if stage == ModerationConfig.stage:
        about = "Counted words and pieces of words under one layer: seconds on a processor, and quick to serve."
        return [{"name": NGRAMS, "help": about, "parameters": ModerationConfig.buckets}, *shapes]
    return shapes


def _parameters(preset: Preset) -> int:
    """Count the weights of a Llama-shaped model whose output shares the input embedding."""
    attention = 4 * preset.hidden * preset.hidden
    feed_forward = 3 * preset.hidden * preset.feed_forward
    norms = (2 * preset.layers + 1) * preset.hidden
    return preset.vocabulary * preset.hidden + preset.layers * (attention + feed_forward) + norms
