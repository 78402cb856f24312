"""The file that is brought in: rankings of four completions, about 2 KB each, the same at every run."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

K, JUDGES = 4, 50
_SENTENCES = 4_000
_WORDS = (
    "acre ball carriage daughter estate fortune garden handsome income journey kindness letter marriage neighbour "
    "opinion pride quarrel regiment sister temper uncle visit walk youth anxious bright civil dear eager fine great "
    "happy idle just keen lively mild neat open plain quiet rich silent tender useful vain warm young agrees brings "
    "calls dances enters follows gives hopes invites judges knows laughs meets notices offers plays replies smiles"
)


def lines(count: int) -> Iterator[bytes]:
    """Yield so many rankings, one a line. No two share a prompt."""
    chance = random.Random(count)
    sentences = [_sentence(chance) for _ in range(_SENTENCES)]
    places = [f"c{place}" for place in range(K)]
    for number in range(count):
        said = chance.choices(sentences, k=18)
        chance.shuffle(places)
        row = {
            "kind": "ranking",
            "text": f"Question {number} of {count}: {' '.join(said[:4])}",
            "completions": [
                {"id": f"c{place}", "text": f"{place}. {' '.join(said[4 + 3 * place : 7 + 3 * place])}"}
                for place in range(K)
            ],
            # Every fourth ranking has a tie.
            "tiers": [places[:2], *([name] for name in places[2:])] if number % 4 == 0 else [[n] for n in places],
            "annotator": f"judge-{number % JUDGES}",
            "rationale": said[16],
            "language": "en",
        }
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def write(path: Path, count: int) -> int:
    """Write the file and return its size in bytes."""
    with path.open("wb") as file:
        file.writelines(lines(count))
    return path.stat().st_size


def _sentence(chance: random.Random) -> str:
    """About a hundred characters; now and then a line feed, a quotation mark or letters beyond ASCII."""
    words = chance.choices(_WORDS.split(), k=17)
    end = chance.choice([".", ".", "!", "?", ".\n", " — “so it is”.", " på norsk: å, ø, æ.", ' or "not at all".'])
    return " ".join(words).capitalize() + end
