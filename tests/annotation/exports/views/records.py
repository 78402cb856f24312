"""Records for views to be tried on: some by hand, and any that Hypothesis thinks of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from training.records import DemonstrationRecord, Message, RankedCompletion, RankingRecord

CONVERSATION = (
    Message("system", "Be brief."),
    Message("user", "Hello?"),
    Message("assistant", "Yes."),
    Message("user", "Name a bird."),
)
SHARED: dict[str, Any] = {"record_id": "1", "prompt_id": "2", "group": "g", "split": "train", "messages": CONVERSATION}
DEMONSTRATION = DemonstrationRecord(**SHARED, completion="A wren.\u2028Small.")
RANKING = RankingRecord(
    **SHARED,
    completions=tuple(RankedCompletion(pk, f"text {pk}", "model", "secret") for pk in "abcd"),
    tiers=(("b",), ("a", "d"), ("c",)),
)
ALL_BAD = RankingRecord(**SHARED, completions=RANKING.completions, tiers=RANKING.tiers, all_bad=True)
COMPARISON = RankingRecord(
    **SHARED,
    completions=(*RANKING.completions[:2], RankedCompletion("a-edit-1", "text a, edited", "person", "", "a")),
    tiers=(("a-edit-1",), ("a",), ("b",)),
    strength=2,
    strength_levels=3,
)

TURNS = [{"role": turn.role, "content": turn.content} for turn in CONVERSATION]
QUESTION = ({"role": "user", "content": "Name a bird."},)

# What may stand in a text: anything but lone surrogates, which no file holds; often words that formats look for.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(["", " ", "=1+1", "\n\nHuman: Hi", "\n\nAssistant: Hi", "'quoted'", 'a,"b"\r\nc', "\u2028", "\0"]),
    st.text(max_size=3, alphabet="ab").map(lambda text: text * 5_000),
)
ROLES = st.sampled_from(["system", "user", "assistant"])


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Message, ...]:
    """Mostly as people talk, in turn and begun by the user; sometimes in any order."""
    if draw(st.booleans()):
        spoken = draw(st.lists(TEXTS, min_size=1, max_size=5).filter(lambda texts: len(texts) % 2))
        turns = [Message("assistant" if place % 2 else "user", text) for place, text in enumerate(spoken)]
        return (*([Message("system", draw(TEXTS))] if draw(st.booleans()) else []), *turns)
    some = st.lists(st.builds(Message, ROLES, TEXTS), max_size=4)
    return (*draw(some), Message("user", draw(TEXTS)))


@st.composite
def shared(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "record_id": str(draw(st.integers(1, 999))),
        "prompt_id": str(draw(st.integers(1, 9))),
        "group": draw(st.sampled_from(["g", "h"])),
        "split": "train",
        "messages": draw(conversations()),
        "annotator": draw(st.sampled_from(["", "a-1"])),
        "language": draw(st.sampled_from(["", "en"])),
        "seconds": draw(st.none() | st.floats(0, 1e6)),
        "created_at": draw(st.none() | st.just("2026-01-02T03:04:05.000000Z")),
    }


@st.composite
def demonstrations(draw: st.DrawFn) -> DemonstrationRecord:
    return DemonstrationRecord(**draw(shared()), completion=draw(TEXTS))


@st.composite
def rankings(draw: st.DrawFn) -> RankingRecord:
    """Two to nine completions in tiers of any size, sometimes a comparison with its strength or an edit."""
    names = [f"c{number}" for number in range(draw(st.integers(2, 9)))]
    cuts = sorted(draw(st.sets(st.integers(1, len(names) - 1))))
    tiers = tuple(tuple(names[begin:end]) for begin, end in zip([0, *cuts], [*cuts, len(names)], strict=True))
    completions = tuple(RankedCompletion(name, draw(TEXTS), "model", "secret") for name in names)
    if draw(st.booleans()) and len(names) < 9:
        completions += (RankedCompletion("edit", draw(TEXTS), "person", "", names[0]),)
        tiers = (("edit",), *tiers)
    levels = draw(st.sampled_from([None, 3, 8]))
    return RankingRecord(
        **draw(shared()),
        completions=completions,
        tiers=tiers,
        all_bad=draw(st.booleans()) and draw(st.booleans()),
        rationale=draw(TEXTS),
        strength=levels and draw(st.integers(0, levels)),
        strength_levels=levels,
    )
