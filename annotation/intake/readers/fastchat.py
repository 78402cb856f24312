"""FastChat's evaluations: questions of MT-bench or Vicuna, models' answers, reviews of two answers, and battles.

They come as files of their own that belong together, so one import takes them as one: the lines of all files, in any
order. A review is a comparison by its reviewer; which answer is better its scores tell, how much better they are is
left out. Answers to a question that nobody reviewed wait to be ranked. A battle holds both conversations itself. Only
the first turn of a question with several is asked here, since each model goes on from what it said itself.
Source: Zheng et al. 2023, arXiv:2306.05685; github.com/lm-sys/FastChat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import turns
from annotation.intake.rows import BadFile, BadRow, Outcome, Row, Skipped, rejected
from annotation.intake.strict_json import load_object
from annotation.tasks.messages import Message

SOURCE = "fastchat"
NEEDS = {"comparison": checks.comparison_needs(strength_levels=1)}
# What belongs together is known only once all of it has been read.
MAXIMUM_BYTES = 64 * 2**20
_BATTLE = frozenset({"model_a", "model_b", "winner", "conversation_a", "conversation_b"})
_REVIEW = frozenset({"review_id", "answer1_id", "answer2_id", "score"})
_WINNERS: dict[str, list[list[int]]] = {"model_a": [[0], [1]], "model_b": [[1], [0]]}
_DESCRIPTIONS = {
    "model_description": frozenset({"model_id", "model_name"}),
    "reviewer_description": frozenset({"reviewer_id", "prompt_id"}),
}


@dataclass(frozen=True, slots=True)
class Question:
    line: Line
    messages: list[Message]
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    line: Line
    question_id: str
    model: str
    text: str


@dataclass(slots=True)
class Gathered:
    """What has been read of each kind, by id."""

    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    reviews: list[tuple[Line, dict[str, Any]]] = field(default_factory=list)
    bytes: int = 0


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    gathered = Gathered()
    for line in lines:
        if not line.raw.strip():
            continue
        try:
            yield from _take(line, load_object(line.text()), gathered, options)
        except BadRow as error:
            yield rejected(line.number, error, line.raw)
    reviewed: set[str] = set()
    yield from _reviews(gathered, options, reviewed)
    yield from _unreviewed(gathered, options, reviewed)


def is_line(given: Mapping[str, Any]) -> bool:
    """Tell a line of any of the files."""
    names = given.keys()
    is_asked_or_answered = "question_id" in names and bool({"turns", "category", "answer_id"} & names)
    is_known = names >= _BATTLE or names >= _REVIEW or any(names >= known for known in _DESCRIPTIONS.values())
    return is_asked_or_answered or is_known


def _take(line: Line, given: dict[str, Any], gathered: Gathered, options: Options) -> Iterator[Outcome]:
    names = given.keys()
    if names >= _BATTLE:
        yield from _battle(line.number, given, options)
        return
    gathered.bytes += len(line.raw)
    if gathered.bytes > MAXIMUM_BYTES:
        limit = MAXIMUM_BYTES // 2**20
        raise BadFile(f"Questions, answers and reviews may be {limit} MiB together. Import fewer questions at a time.")
    if names >= _REVIEW:
        gathered.reviews.append((line, given))
    elif "answer_id" in given:
        yield from _take_answer(line, given, gathered)
    elif "question_id" in given and ("turns" in given or "text" in given):
        yield from _take_question(line, given, gathered)
    else:
        reason = next((reason for reason, described in _DESCRIPTIONS.items() if names >= described), None)
        if reason is None:
            raise BadRow("", "unknown_line", "The line is no question, answer, review or battle.")
        yield Skipped(line.number, reason)


def _take_question(line: Line, given: dict[str, Any], gathered: Gathered) -> Iterator[Outcome]:
    name = _id(given.get("question_id"), "question_id")
    text, *later = _turns(given, "text")
    category = checks.label(given.get("category"), "category", limit=60)
    messages = checks.conversation([{"role": "user", "content": checks.text(text, "question")}])
    _once(name, gathered.questions, "question_id")
    gathered.questions[name] = Question(line, messages, [category] if category else [])
    yield from (Skipped(line.number, "later_turn") for _ in later)
    known = frozenset({"question_id", "text", "turns", "category"})
    yield from turns.left_out(line.number, given, known)


def _take_answer(line: Line, given: dict[str, Any], gathered: Gathered) -> Iterator[Outcome]:
    name = _id(given.get("answer_id"), "answer_id")
    text, *later = _turns(_first_choice(given), "text")
    answer = Answer(
        line,
        _id(given.get("question_id"), "question_id"),
        checks.text(given.get("model_id"), "model_id", limit=200),
        checks.text(text, "text", may_be_empty=True),
    )
    _once(name, gathered.answers, "answer_id")
    gathered.answers[name] = answer
    yield from (Skipped(line.number, "later_turn") for _ in later)


def _first_choice(given: dict[str, Any]) -> dict[str, Any]:
    choices = given.get("choices")
    if choices is None:
        return given
    if isinstance(choices, list) and len(choices) == 1 and isinstance(choices[0], dict):
        return choices[0]
    raise BadRow("choices", "several_choices", "choices must hold one object with turns. Keep one of them.")


def _turns(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get("turns")
    if value is None:
        return [given.get(name)]
    if not isinstance(value, list) or not value:
        raise BadRow("turns", "wrong_type", "turns must be a list of at least one text.")
    return value


def _reviews(gathered: Gathered, options: Options, reviewed: set[str]) -> Iterator[Outcome]:
    for line, given in gathered.reviews:
        try:
            yield _review(line.number, given, gathered, options, reviewed)
        except BadRow as error:
            yield rejected(line.number, error, line.raw)


def _review(line: int, given: dict[str, Any], gathered: Gathered, options: Options, reviewed: set[str]) -> Row:
    ids = [_id(given.get(name), name) for name in ("answer1_id", "answer2_id")]
    for name, pk in zip(("answer1_id", "answer2_id"), ids, strict=True):
        if pk not in gathered.answers:
            message = f"{name} names no answer in the file. Put answers and reviews into one file or archive."
            raise BadRow(name, "missing_answer", message)
    first, second = (gathered.answers[pk] for pk in ids)
    if first.question_id != second.question_id:
        raise BadRow("answer2_id", "unequal_prompts", "The two answers are to different questions.")
    question = _question_of(first, gathered)
    completions = [[answer.text, answer.model] for answer in (first, second)]
    checks.distinct_completions(completions, "answers")
    tiers = _verdict(given.get("score"))
    reviewed.update(ids)
    return Row(
        line=line,
        kind="comparison",
        messages=question.messages,
        language=options.language,
        tags=question.tags,
        source=options.source or SOURCE,
        annotator=_id(given.get("reviewer_id"), "reviewer_id"),
        completions=completions,
        tiers=tiers,
        strength=int(len(tiers) > 1),
        order_is_known=True,
        rationale=checks.text(given.get("text") or "", "text", limit=5_000, may_be_empty=True),
    )


def _verdict(score: Any) -> list[list[int]]:
    """Return who is better by two scores; a review without them has -1 twice."""
    is_pair = isinstance(score, list) and len(score) == 2
    if not is_pair or any(isinstance(s, bool) or not isinstance(s, int | float) or s < 0 for s in score):
        raise BadRow("score", "no_score", "score must hold two numbers from 0 on, one for each answer.")
    if score[0] == score[1]:
        return [[0, 1]]
    return [[0], [1]] if score[0] > score[1] else [[1], [0]]


def _unreviewed(gathered: Gathered, options: Options, reviewed: set[str]) -> Iterator[Outcome]:
    """Yield a row for each question that no review has made one for: its answers, else itself."""
    answers_of = defaultdict(list)
    done = {gathered.answers[pk].question_id for pk in reviewed}
    for pk, answer in gathered.answers.items():
        try:
            _question_of(answer, gathered)
        except BadRow as error:
            yield rejected(answer.line.number, error, answer.line.raw)
            continue
        if answer.question_id in done:
            yield from () if pk in reviewed else (Skipped(answer.line.number, "unreviewed_answer"),)
        else:
            answers_of[answer.question_id].append(answer)
    for name, question in gathered.questions.items():
        if name not in done:
            yield from _waiting(question, answers_of[name], options)


def _waiting(question: Question, answers: list[Answer], options: Options) -> Iterator[Outcome]:
    completions = [[answer.text, answer.model] for answer in answers]
    try:
        if len(answers) > 1:
            checks.completion_count(len(answers), "answers")
            checks.distinct([text for text, _ in completions], "answers")
        yield Row(
            line=question.line.number,
            kind="completions" if len(answers) > 1 else "prompt",
            messages=question.messages,
            language=options.language,
            tags=question.tags,
            source=options.source or SOURCE,
            completions=completions if len(answers) > 1 else [],
        )
    except BadRow as error:
        yield rejected(question.line.number, error, question.line.raw)
        return
    if len(answers) == 1:
        yield Skipped(answers[0].line.number, "single_reply")


def _battle(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    tiers = _winner(given.get("winner"))
    sides = [_side(given, side) for side in "ab"]
    (asked, _), (other, _) = sides
    if asked != other and given.get("turn") != 1 and len(asked) > 1:
        yield Skipped(line, "later_turn")
        return
    if asked != other:
        raise BadRow("conversation_b", "unequal_prompts", "The two conversations do not answer the same prompt.")
    completions = [
        [reply, checks.text(given.get(f"model_{side}"), f"model_{side}", limit=200)]
        for side, (_, reply) in zip("ab", sides, strict=True)
    ]
    checks.distinct_completions(completions, "conversations")
    yield Row(
        line=line,
        kind="comparison",
        messages=checks.conversation(asked),
        language=options.language,
        source=options.source or SOURCE,
        annotator=_judge(given.get("judge")),
        completions=completions,
        tiers=tiers,
        strength=int(len(tiers) > 1),
        all_bad=given["winner"] == "tie (bothbad)",
        order_is_known=True,
    )
    yield from turns.left_out(line, given, _BATTLE | {"question_id", "judge", "turn"})


def _winner(value: Any) -> list[list[int]]:
    """Return who won; a tie may say in brackets of what kind it is."""
    if isinstance(value, str) and value.startswith("tie"):
        return [[0, 1]]
    if not isinstance(value, str) or value not in _WINNERS:
        raise BadRow("winner", "unknown_label", "winner must be model_a, model_b or a tie.")
    return _WINNERS[value]


def _side(given: dict[str, Any], side: str) -> tuple[list[Message], str]:
    """Return prompt and reply of the turn that was judged: the conversation may go on after it."""
    name = f"conversation_{side}"
    said, turn = turns.dialogue(given.get(name), name), given.get("turn")
    if isinstance(turn, int) and turn > 0:
        said.messages = said.messages[: 2 * turn]
    return turns.asked_and_answered(said, name)


def _judge(value: Any) -> str:
    """Return who judged: a name, or a model and its prompt in a list."""
    name = value[0] if isinstance(value, list) and value else value
    return checks.label(name, "judge", limit=200)


def _question_of(answer: Answer, gathered: Gathered) -> Question:
    if answer.question_id not in gathered.questions:
        message = "question_id names no question in the file. Put questions and answers into one file or archive."
        raise BadRow("question_id", "missing_question", message)
    return gathered.questions[answer.question_id]


def _id(value: Any, name: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return str(value)
    return checks.text(value, name, limit=200)


def _once(pk: str, there: Mapping[str, Any], name: str) -> None:
    if pk in there:
        raise BadRow(name, "duplicate_id", f"{name} {pk[:60]!r} stands twice. Keep one.")
