"""People's labels of texts: what each said yes and no to, put together for every text.

Nobody's silence is a no: a category that nobody judged on a text is unknown there, in training and in every figure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training import parquet
from training.categories import in_order
from training.fields import RecordError
from training.records import JudgementRecord

KIND = "moderation_label"


@dataclass
class LabelledText:
    """A text with its prompt group and, by category, how many people said yes and how many no."""

    text: str
    group: str
    votes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def target(self, category: str) -> float | None:
        """Return the share of people who said yes, None where nobody said anything."""
        yes, no = self.votes.get(category, (0, 0))
        return yes / (yes + no) if yes + no else None

    def majority(self, category: str) -> bool | None:
        """Return what most said; None where nobody did, or as many said no as yes."""
        yes, no = self.votes.get(category, (0, 0))
        return None if yes == no else yes > no


def read_labels(release: Path, split: str) -> tuple[list[LabelledText], int]:
    """Return a split's labelled texts in the order first met, and how many answers they come from.

    Raises RecordError naming file and row.
    """
    texts: dict[str, LabelledText] = {}
    answers = 0
    for record in parquet.read_judgements(release, split):
        if record.judgement == KIND:
            answers += 1
            text = text_of(record)
            _add(texts.setdefault(text, LabelledText(text, record.group)), verdicts_of(record))
    return list(texts.values()), answers


def text_of(record: JudgementRecord) -> str:
    """Return what was judged: the completion where one was shown, else the last turn of the prompt."""
    return record.completions[0].text if record.completions else record.messages[-1].content


def verdicts_of(record: JudgementRecord) -> Mapping[str, bool]:
    """Return what a person said yes and no to. Raises RecordError on a payload without it."""
    verdicts = record.payload.get("verdicts")
    if not isinstance(verdicts, Mapping) or not all(value in (True, False) for value in verdicts.values()):
        raise RecordError(f"{record.record_id}: payload.verdicts must say true or false by category.")
    return verdicts


def categories_of(texts: Iterable[LabelledText]) -> tuple[str, ...]:
    """Return what can be learned from these texts: categories that most said yes to on one and no to on another."""
    said: dict[str, set[bool | None]] = {}
    for text in texts:
        for name in text.votes:
            said.setdefault(name, set()).add(text.majority(name))
    return in_order(name for name, verdicts in said.items() if {True, False} <= verdicts)


def unlearned(texts: Iterable[LabelledText], learned: Iterable[str]) -> tuple[str, ...]:
    """Return the categories that somebody judged and nothing can be learned of."""
    return in_order({name for text in texts for name in text.votes} - {*learned})


def _add(text: LabelledText, verdicts: Mapping[str, bool]) -> None:
    for name, holds in verdicts.items():
        yes, no = text.votes.get(name, (0, 0))
        text.votes[name] = (yes + holds, no + (not holds))


def rows_by(texts: Iterable[LabelledText], category: str) -> Iterator[tuple[LabelledText, bool]]:
    """Yield the texts on which most agree whether a category holds, with whether it does."""
    for text in texts:
        majority = text.majority(category)
        if majority is not None:
            yield text, majority
