"""Is the text in the language that the work is in? Compact Language Detector 2 tells, or says that it cannot.

It was chosen for that: an adviser that guesses at two words or a line of code is soon ignored. Of 2,104 sentences of
40 characters and more in five languages it was wrong about one and silent on 23; a detector ten times its size
(lingua, low accuracy) was wrong about 13. Its tables are in the wheel: 10 MB, nothing to load, 0.2 ms for a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pycld2

from annotation.tasks.lint.shape import Advice, Context

# Letters as UTF-8 counts them: a word of Chinese says as much as three of English.
BYTES_NEEDED = 40
PERCENT_NEEDED = 80
# What is no language: fenced and inline code, formulas, addresses.
_NO_PROSE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\$\$.*?\$\$|\b[a-z]{2,10}://\S+", re.DOTALL)
# Languages that are told apart by few words, or have more than one code: nobody is told that one is the other.
_SAME = [
    {"no", "nb", "nn", "da"},
    {"bs", "hr", "sr", "sh"},
    {"id", "ms"},
    {"gl", "pt"},
    {"cs", "sk"},
    {"he", "iw"},
    {"jv", "jw"},
    {"tl", "fil"},
]


def wrong_language(text: str, context: Context) -> Iterator[Advice]:
    """Yield advice when text and task are each surely in one language, and it is not the same.

    A task without a language of its own is in that of its prompt. A prompt that names the language in which the text
    is written has asked for it.
    """
    prompt = "\n".join(shown.text for shown in context.shown if shown.label == "prompt")
    expected = context.language.lower().replace("_", "-") or identify(prompt)[0]
    found, name = identify(text)
    if expected and found and not _is_same(expected, found) and name.lower() not in prompt.lower():
        message = f"This seems to be {name.title()}: the task is in another language ({expected})."
        start = len(text) - len(text.lstrip())
        yield Advice("wrong_language", message, start, len(text.rstrip()), {"found": found, "expected": expected})


def identify(text: str) -> tuple[str, str]:
    """Return code and English name of the language that nearly all of the text is in; empty when that is not sure."""
    prose = _NO_PROSE.sub(" ", text)
    if len("".join(filter(str.isalpha, prose)).encode(errors="replace")) < BYTES_NEEDED:
        return "", ""
    # The detector refuses control characters and other code points that no text has.
    printable = "".join(char if char.isprintable() else " " for char in prose)
    is_reliable, _, ((name, code, percent, _), *_) = pycld2.detect(printable)
    return (code, name) if is_reliable and percent >= PERCENT_NEEDED and code != "un" else ("", "")


def _is_same(one: str, other: str) -> bool:
    """Compare the codes without their country or script: pt-BR is pt."""
    one, other = one.split("-")[0], other.split("-")[0]
    return one == other or any({one, other} <= group for group in _SAME)
