"""Messages to token ids and the loss mask: the only chat template in the house.

A model made here speaks a format of six special tokens, rendered by code and saved as a transformers chat
template too. A foreign model that brings its own template is rendered through that, turn by turn, and refused
where an earlier turn would read differently once a later one follows: its loss mask could not be trusted.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerFast

from training.records import Message
from training.tokenizer import ASSISTANT, BEGIN, END, PAD, ROLE_TOKENS, SPECIALS, UnknownCharacters, encode_text

# The same rendering as OwnChat, in the language transformers reads; the generation marks are TRL's loss mask.
CHAT_TEMPLATE = (
    f"{{{{- '{BEGIN}' -}}}}"
    "{%- for message in messages -%}"
    "{{- '<|' + message['role'] + '|>' -}}"
    "{%- if message['role'] == 'assistant' -%}"
    f"{{%- generation -%}}{{{{- message['content'] + '{END}' -}}}}{{%- endgeneration -%}}"
    f"{{%- else -%}}{{{{- message['content'] + '{END}' -}}}}{{%- endif -%}}"
    "{%- endfor -%}"
    f"{{%- if add_generation_prompt -%}}{{{{- '{ASSISTANT}' -}}}}{{%- endif -%}}"
)


class ChatError(ValueError):
    """A conversation that cannot be rendered; `reason` is what it is counted under."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class TemplateRefused(ValueError):
    """A foreign chat template that no conversation can be trained through."""


@dataclass(frozen=True)
class Rendered:
    """Token ids of a prompt and its answer; everything before `prompt_length` is context.

    turns: [start, end) of the assistant's earlier turns in that context, each with the token that ends it.
    cut: what stood after the first token and was taken out for want of room.
    """

    ids: list[int]
    prompt_length: int
    turns: tuple[tuple[int, int], ...] = ()
    cut: tuple[int, ...] = ()

    @property
    def trained(self) -> list[bool]:
        """Mark what the assistant says, in this turn and the earlier ones."""
        spoken = {place for start, end in self.turns for place in range(start, end)}
        return [place >= self.prompt_length or place in spoken for place in range(len(self.ids))]


class Chat(Protocol):
    """How one model reads conversations."""

    tokenizer: PreTrainedTokenizerFast
    stop_ids: frozenset[int]
    has_new_tokens: bool

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Encode a conversation up to the point where the assistant begins to write."""
        ...

    def render(self, messages: Sequence[Message], completion: str) -> Rendered:
        """Encode a conversation with the assistant's completion and the token that ends it."""
        ...


def chat_for(tokenizer: PreTrainedTokenizerFast) -> Chat:
    """Choose the rendering a tokenizer calls for; one without a chat template learns ours.

    May add our special tokens to the tokenizer: resize the model's embedding to it afterwards.
    Raises TemplateRefused for a foreign template that is not prefix-stable.
    """
    if tokenizer.chat_template and tokenizer.chat_template != CHAT_TEMPLATE:
        return ForeignChat(tokenizer)
    missing = [token for token in SPECIALS if token not in tokenizer.get_vocab()]
    if missing:
        tokenizer.add_special_tokens({"extra_special_tokens": missing}, replace_extra_special_tokens=False)
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token = BEGIN, END, PAD
    return OwnChat(tokenizer, has_new_tokens=bool(missing))


def barred_ids(chat: Chat) -> frozenset[int]:
    """Name the tokens that an answer never holds: those that open another speaker's turn."""
    return frozenset(chat.tokenizer.all_special_ids) - chat.stop_ids


class OwnChat:
    """begin, then for each message its role token, its text and the end token."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, *, has_new_tokens: bool = False) -> None:
        self.tokenizer = tokenizer
        self.has_new_tokens = has_new_tokens
        self._id: dict[str, int] = {token: tokenizer.get_vocab()[token] for token in SPECIALS}
        self.stop_ids = frozenset({self._id[END]})

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        return self._prompt(messages)[0]

    def render(self, messages: Sequence[Message], completion: str) -> Rendered:
        prompt, turns = self._prompt(messages)
        answer = [*self._encode(completion), self._id[END]]
        return Rendered(prompt + answer, len(prompt), turns)

    def _prompt(self, messages: Sequence[Message]) -> tuple[list[int], tuple[tuple[int, int], ...]]:
        ids, turns = [self._id[BEGIN]], []
        for message in messages:
            ids.append(self._id[ROLE_TOKENS[message.role]])
            start = len(ids)
            ids += [*self._encode(message.content), self._id[END]]
            if message.role == "assistant":
                turns.append((start, len(ids)))
        return [*ids, self._id[ASSISTANT]], tuple(turns)

    def _encode(self, text: str) -> list[int]:
        try:
            return encode_text(self.tokenizer, text)
        except UnknownCharacters as error:
            raise ChatError("unknown_character", str(error)) from error


class ForeignChat:
    """A base model's own chat template, rendered turn by turn."""

    has_new_tokens = False

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self.tokenizer = tokenizer
        self.stop_ids = _stop_ids(tokenizer)
        self._specials = [token for token in tokenizer.get_added_vocab() if token.strip()]
        probe = [Message("user", "a"), Message("assistant", "b"), Message("user", "c")]
        try:
            self.render(probe, "d")
        except ChatError as error:
            raise TemplateRefused(f"The model's chat template cannot be trained through: {error}") from error

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        self._refuse_specials(messages)
        return self._ids(self._boundaries(messages))[0]

    def render(self, messages: Sequence[Message], completion: str) -> Rendered:
        answered = [*messages, Message("assistant", completion)]
        self._refuse_specials(answered)
        before = self._boundaries(messages)
        whole = self._apply(answered, opened=False)
        _extend(before, whole)
        ids, starts = self._ids(before)
        # Pieces alternate: what leads up to the assistant, then its turn.
        *turns, (first, last) = [
            (start, self._end_of_turn(ids, start, end)) for start, end in zip(starts[1::2], starts[2::2], strict=True)
        ]
        return Rendered(ids[:last], first, tuple(turns))

    def _end_of_turn(self, ids: Sequence[int], start: int, end: int) -> int:
        """Return the place after the last token of ids[start:end] that ends a turn."""
        ends = [place for place in range(start, end) if ids[place] in self.stop_ids]
        if not ends:
            raise ChatError("template_never_stops", "an answer does not end with an end-of-turn token.")
        return ends[-1] + 1

    def _boundaries(self, messages: Sequence[Message]) -> list[str]:
        """Render every prefix at which the speaker changes to or from the assistant, each extending the last."""
        texts = [""]
        for index, message in enumerate(messages):
            if message.role == "assistant":
                _extend(texts, self._apply(messages[:index], opened=True))
                _extend(texts, self._apply(messages[: index + 1], opened=False))
        _extend(texts, self._apply(messages, opened=True))
        return texts

    def _ids(self, texts: Sequence[str]) -> tuple[list[int], list[int]]:
        """Encode what each text adds to the one before; return all ids, and where each text ends among them."""
        ids: list[int] = []
        ends = [0]
        for before, after in itertools.pairwise(texts):
            ids += self.tokenizer.encode(after[len(before) :], add_special_tokens=False)
            ends.append(len(ids))
        return ids, ends

    def _apply(self, messages: Sequence[Message], *, opened: bool) -> str:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            text = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=opened)
        except TemplateError as error:
            raise ChatError("template_refuses", f"the template refuses the conversation: {error}") from error
        return str(text)

    def _refuse_specials(self, messages: Sequence[Message]) -> None:
        for message in messages:
            for token in self._specials:
                if token in message.content:
                    raise ChatError("special_token_in_text", f"a message spells out the special token {token!r}.")


def _extend(texts: list[str], after: str) -> None:
    if not after.startswith(texts[-1]):
        raise ChatError("template_not_prefix_stable", "an earlier turn reads differently once a later one follows.")
    texts.append(after)


def _stop_ids(tokenizer: PreTrainedTokenizerFast) -> frozenset[int]:
    """Collect the tokens that end a turn: the tokenizer's own end and the well-known ends of chat formats."""
    vocabulary = tokenizer.get_added_vocab()
    known = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|endoftext|>", "</s>")
    ends = {vocabulary[token] for token in known if token in vocabulary}
    if tokenizer.eos_token_id is not None:
        ends.add(tokenizer.eos_token_id)
    return frozenset(ends)
