"""All rules together: in the order of the text, quick, and quiet on what people really wrote."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotation.tasks.lint import RULES, Context, Shown, advise

DATA = Path(os.environ.get("BENNET_DATA", ""))
MOST_MILLISECONDS = 20


def test_advice_comes_in_the_order_of_the_text() -> None:
    text = "Write to ola@posten.no. As an AI, I cannot. Ring +4722112233."
    rules = ["personal_data", "assistant_boilerplate", "personal_data"]
    assert [advice.rule for advice in advise(text, Context())] == rules


def test_every_rule_speaks_under_its_own_name() -> None:
    spanish = "Como modelo de lenguaje, no tengo opiniones: escriba a ola@posten.no y pregunte a una persona de verdad."
    found = {advice.rule for advice in advise(spanish, Context([Shown("c1", spanish)], "en"))}
    assert found == set(RULES)


def test_two_thousand_characters_are_read_while_one_types() -> None:
    text = ("A lease is a contract, and 415-555-2671 is a telephone number; “it is late”, he said in 2024. " * 25)[
        :2000
    ]
    shown = [Shown("prompt", text[::-1] * 5), *(Shown(f"c{place}", text) for place in range(1, 5))]
    advise(text, Context(shown, "en"))
    taken = []
    for _ in range(5):
        start = time.process_time()
        assert advise(text, Context(shown, "en"))
        taken.append(1000 * (time.process_time() - start))
    assert min(taken) < MOST_MILLISECONDS


def test_no_number_crunching_comes_in_with_it() -> None:
    assert "annotation.tasks.lint.language" in sys.modules
    source = Path(sys.modules["annotation.tasks.lint.language"].__file__ or "").read_text()
    assert "numpy" not in re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE)


def open_assistant() -> Iterator[tuple[str, str]]:
    """Yield (text, what it answers) of every message that answers another."""
    for line in (DATA / "openassistant" / "en_100_tree.part.jsonl").read_text().splitlines():
        waiting: list[dict[str, Any]] = [json.loads(line)["prompt"]]
        while waiting:
            message = waiting.pop()
            for reply in message.get("replies", []):
                yield reply["text"], message["text"]
                waiting.append(reply)


def hh() -> Iterator[tuple[str, str]]:
    """Yield (last turn, all before it) of every chosen conversation."""
    with gzip.open(DATA / "hh_rlhf_harmless" / "harmless-base_test.part.jsonl.gz", "rt") as lines:
        for line in lines:
            before, _, last = json.loads(line)["chosen"].rpartition("\n\nAssistant: ")
            yield last, before


@pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files")
@pytest.mark.parametrize("texts", [open_assistant, hh])
def test_it_is_quiet_on_what_people_really_wrote(texts: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Advice that is mostly wrong is ignored when it is right. The rules were not made by these files."""
    pairs = list(texts())
    found = Counter(
        rule for text, before in pairs for rule in {a.rule for a in advise(text, Context([Shown("prompt", before)]))}
    )
    with capsys.disabled():
        said = ", ".join(f"{rule} {found[rule]}" for rule in RULES)
        sys.stdout.write(f"\nlint on {len(pairs)} texts of {texts.__name__}: {said}\n")
    assert len(pairs) > 500
    # All of these files' texts are English; what the other rules find is really there, and rare.
    assert found["wrong_language"] == 0
    assert all(found[rule] <= 0.03 * len(pairs) for rule in RULES)
