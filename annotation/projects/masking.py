"""Hide what a completion says of who made it: a judge who reads a name is no longer blind. Pure.

Only where a text speaks of itself ("I am …", "as … , trained by …"): an answer about a company keeps its names.
The vote that was cast on a leaked name cannot be mended afterwards, so the words go before it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "▇▇▇"

_NAMES = (
    "AI2", "Alibaba(?: Cloud)?", "Alpaca", "Anthropic", "Baidu", "Bard", "Bing(?: Chat)?", "ByteDance", "ChatGLM",
    "Chat ?GPT(?:-?\\d(?:\\.\\d)?)?", "Claude(?: \\w+)?", "Cohere", "Command R\\+?", "Copilot", "DeepMind",
    "DeepSeek(?:-\\w+)?", "Dolly", "Doubao", "ERNIE(?: Bot)?", "Falcon", "Gemini(?: \\w+)?", "Gemma", "GitHub",
    "Google(?: AI| DeepMind| Research)?", "GPT-?\\d?(?:\\.\\d)?(?:-\\w+)?", "Grok", "Hugging ?Face", "Kimi", "Koala",
    "LaMDA", "LLaMA(?: ?\\d)?", "LMSYS", "Meta(?: AI)?", "Microsoft", "Mi[sx]tral(?: AI)?", "Moonshot(?: AI)?", "OASST",
    "OLMo", "Open ?Assistant", "OpenAI", "PaLM(?: ?2)?", "Perplexity", "Pythia", "Qwen(?:-?\\w+)?", "Stability ?AI",
    "StableLM", "Tongyi Qianwen", "T[üu]lu", "Vicuna", "xAI", "Zephyr",
)  # fmt: skip
# Without one of these in it a text names nobody: nearly all are done with that, at a hundredth of the patterns' cost.
_STEMS = (
    "ai2", "alibaba", "alpaca", "anthropic", "baidu", "bard", "bing", "bytedance", "chatglm", "gpt", "claude", "cohere",
    "command r", "copilot", "deepmind", "deepseek", "dolly", "doubao", "ernie", "falcon", "gemini", "gemma", "github",
    "google", "grok", "hugging", "kimi", "koala", "lamda", "llama", "lmsys", "meta", "microsoft", "mistral", "mixtral",
    "moonshot", "oasst", "olmo", "openassistant", "open assistant", "openai", "palm", "perplexity", "pythia", "qwen",
    "stability", "stablelm", "tongyi", "tulu", "tülu", "vicuna", "xai", "zephyr",
)  # fmt: skip
_NAME = rf"(?:{'|'.join(_NAMES)})"
# What stands before a name where a text speaks of itself, in the languages in which assistants mostly do so: what it
# is, and then, in a sentence about itself, who made it.
_KIND = r"(?:an? |the )?(?:(?:AI|large|language|chat|virtual|helpful) )*(?:model|assistant|bot|chatbot|AI)?,? ?"
_IS = (
    rf"(?:I am|I'm|I’m|my name is|call me|I am known as) {_KIND}(?:called |named )?",
    r"as an? (?:(?:AI|large|language|chat|virtual|helpful|model|assistant|chatbot) ?)+,? ?(?:called|named) ",
    r"(?:ich bin|ich heiße|mein Name ist|je suis|je m'appelle|soy|me llamo|jeg er|jeg heter|sono) ",
)
_BY = (
    r"(?:trained|developed|created|made|built|designed|fine-?tuned|powered|provided) by (?:researchers (?:at|from) )?",
    r"(?:entwickelt|trainiert|erstellt) von ",
    r"(?:développé|créé|entraîné) par ",
    r"(?:desarrollado|creado|entrenado) por ",
)
_ITSELF = r"\b(?:I|I'm|I’m|me|model|assistant|chatbot|AI|ich|je|soy|jeg)\b[^.!?\n]{0,80}?"
_LEAKS = (
    re.compile(rf"(?P<before>\b(?:{'|'.join(_IS)}))(?P<name>{_NAME})\b", re.IGNORECASE),
    re.compile(rf"(?P<before>{_ITSELF}(?:{'|'.join(_BY)}))(?P<name>{_NAME})\b", re.IGNORECASE),
)


def names_nobody(texts: Iterable[str]) -> bool:
    """Return whether none of the texts can hold a name: one look for all of them."""
    return not any(map("\n".join(texts).lower().__contains__, _STEMS))


def as_shown(texts: Mapping[int, str], config: Mapping[str, Any]) -> dict[int, str]:
    """Return the texts as a judge sees them who works by this configuration."""
    if not config.get("mask_identity") or names_nobody(texts.values()):
        return dict(texts)
    return {pk: masked(text)[0] for pk, text in texts.items()}


def masked(text: str) -> tuple[str, list[str]]:
    """Return the text as it is shown to a judge, and the words that were hidden, in their order."""
    if names_nobody([text]):
        return text, []
    hidden: list[str] = []

    def hide(found: re.Match[str]) -> str:
        hidden.append(found["name"])
        return found["before"] + MASK

    for leak in _LEAKS:
        text = leak.sub(hide, text)
    return text, hidden
