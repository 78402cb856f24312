from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.releases import demonstration, ranking, write_release
from training import data, ranking_rows
from training.chat import Chat, chat_for
from training.data import Counts, TextRow
from training.ranking_rows import RankingRow
from training.records import Message, RankedCompletion
from training.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def chat(release_dir: Path) -> Chat:
    return chat_for(train_tokenizer(data.texts(release_dir, "train"), 512))


def test_the_loss_is_on_the_answer_only(chat: Chat, tmp_path: Path) -> None:
    earlier = (Message("user", "Hello."), Message("assistant", "A former answer."), Message("user", "And now?"))
    write_release(tmp_path, [demonstration(1, messages=earlier, completion="The ideal answer.")])

    ((row,), counts) = data.read_demonstrations(tmp_path, "train", chat, 128, learn="last_turn")

    flat = data.flat_texts([row])
    assert chat.tokenizer.decode(flat.ids[flat.read + 1]) == "The ideal answer.<|end|>"
    assert row.trained_tokens == len(flat.read)
    assert counts.to_json() == {"rows_in": 1, "rows_used": 1, "left_out": {}, "truncated": 0}


def test_every_turn_of_the_assistant_is_learned_in_one_row(chat: Chat, tmp_path: Path) -> None:
    earlier = (Message("user", "Hello."), Message("assistant", "A former answer."), Message("user", "And now?"))
    write_release(tmp_path, [demonstration(1, messages=earlier, completion="The ideal answer.")])

    ((row,), _) = data.read_demonstrations(tmp_path, "train", chat, 128)

    flat = data.flat_texts([row])
    assert chat.tokenizer.decode(flat.ids[flat.read + 1]) == "A former answer.<|end|>The ideal answer.<|end|>"
    assert row.trained_tokens == len(flat.read)
    # Cut into its first answer, the row learns the second alone; cut before it, both.
    places = [row.turns[0][1], row.turns[0][0] - 1]
    cut = [data.read_demonstrations(tmp_path, "train", chat, len(row.ids) - place + 1)[0][0] for place in places]
    learned = [chat.tokenizer.decode(flat.ids[flat.read + 1]) for flat in (data.flat_texts([one]) for one in cut)]
    assert learned == ["The ideal answer.<|end|>", "A former answer.<|end|>The ideal answer.<|end|>"]


def test_every_row_that_is_cut_or_left_out_is_counted(chat: Chat, tmp_path: Path) -> None:
    long = "word " * 200
    write_release(
        tmp_path,
        [
            demonstration(1),
            demonstration(2, completion=" \n"),
            demonstration(3, completion=long),
            demonstration(4, messages=(Message("user", long),)),
        ],
    )

    rows, counts = data.read_demonstrations(tmp_path, "train", chat, 64)

    assert counts.to_json() == {
        "rows_in": 4,
        "rows_used": 2,
        "left_out": {"completion_too_long": 1, "empty_completion": 1},
        "truncated": 1,
    }
    assert [len(row.ids) <= 64 for row in rows] == [True, True]


def test_a_prompt_that_is_too_long_loses_its_oldest_tokens(chat: Chat, tmp_path: Path) -> None:
    prompt = (Message("user", "old " * 100 + "newest words"),)
    write_release(tmp_path, [demonstration(1, messages=prompt, completion="The whole answer.")])

    ((row,), _) = data.read_demonstrations(tmp_path, "train", chat, 40)

    text = chat.tokenizer.decode(row.ids)
    assert len(row.ids) == 40
    assert text.startswith("<|begin|>")
    assert text.endswith("newest words<|end|><|assistant|>The whole answer.<|end|>")
    assert chat.tokenizer.decode(row.ids[row.prompt_length :]) == "The whole answer.<|end|>"


def test_a_ranking_becomes_rows_and_strict_pairs(chat: Chat, tmp_path: Path) -> None:
    write_release(tmp_path, rankings=[ranking(1)])

    ((row,), counts) = ranking_rows.read_rankings(tmp_path, "train", chat, 128)

    texts = [chat.tokenizer.decode(one.ids[one.prompt_length : -1]) for one in row.rows]
    assert [text.split()[0] for text in texts] == ["Go", "Gladly,", "Gladly,"]
    assert row.pairs == [(1, 0), (2, 0)]
    assert row.characters == [len(text) for text in texts]
    assert counts.rows_used == 1


def test_rankings_without_a_pair_are_counted_by_reason(chat: Chat, tmp_path: Path) -> None:
    twins = (RankedCompletion("a", "Same."), RankedCompletion("b", "Same."))
    write_release(
        tmp_path,
        rankings=[
            ranking(1, tiers=(("polite", "short", "rude"),)),
            ranking(2, completions=twins, tiers=(("a",), ("b",))),
            ranking(3, completions=(RankedCompletion("a", "word " * 200), twins[1]), tiers=(("a",), ("b",))),
            ranking(4, completions=(RankedCompletion("a", ""), twins[1]), tiers=(("b",), ("a",))),
            ranking(5, all_bad=True),
        ],
    )

    rows, counts = ranking_rows.read_rankings(tmp_path, "train", chat, 64)

    assert counts.left_out == {"all_tied": 1, "identical_completions": 1, "completion_too_long": 1, "all_bad": 1}
    assert len(rows) == 1
    assert counts.to_json()["pairs"] == {"identical": 1, "tied": 3, "used": 1}


def test_all_completions_of_a_ranking_see_the_same_cut_prompt(chat: Chat, tmp_path: Path) -> None:
    completions = (RankedCompletion("a", "Short."), RankedCompletion("b", "This one is a good deal longer than that."))
    messages = (Message("user", "old " * 100),)
    write_release(tmp_path, rankings=[ranking(1, messages=messages, completions=completions, tiers=(("a",), ("b",)))])

    ((row,), counts) = ranking_rows.read_rankings(tmp_path, "train", chat, 64)

    first, second = row.rows
    assert first.ids[: first.prompt_length] == second.ids[: second.prompt_length]
    assert len(first.ids) < len(second.ids) == 64
    assert counts.truncated == 1


def test_pairs_of_several_rankings_are_numbered_into_one_vector(chat: Chat, tmp_path: Path) -> None:
    write_release(tmp_path, rankings=[ranking(1), ranking(2, tiers=(("rude",), ("short",), ("polite",)))])
    rows, _ = ranking_rows.read_rankings(tmp_path, "train", chat, 128)

    batch = ranking_rows.pair_batch(rows)

    # Completions 0 1 2 are the first ranking's rude, polite, short; 3 4 5 the second's.
    assert batch.better.tolist() == [1, 2, 3, 3, 5]
    assert batch.worse.tolist() == [0, 0, 5, 4, 4]
    assert batch.weight.tolist() == pytest.approx([1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3])


def test_the_edit_of_a_comparison_beats_both_that_were_shown(chat: Chat, tmp_path: Path) -> None:
    texts = ("Go away.", "Gladly.", "Gladly, and well.")
    completions = (*map(RankedCompletion, "ab", texts), RankedCompletion("e", texts[2], "person", edit_of="b"))
    write_release(tmp_path, rankings=[ranking(1, completions=completions, tiers=(("e",), ("b",), ("a",)), strength=1)])

    (row,), _ = ranking_rows.read_rankings(tmp_path, "train", chat, 128)

    assert row.pairs == [(2, 1), (2, 0), (1, 0)]


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 3), st.integers(0, 5))
def test_every_epoch_sees_every_row_once_within_the_bounds(sizes: list[int], epochs: int, seed: int) -> None:
    plan = data.plan_steps(sizes, epochs=epochs, seed=seed, most_tokens=60, most_rows=4)

    assert sorted(index for step in plan for index in step) == sorted(list(range(len(sizes))) * epochs)
    assert all(len(step) <= 4 and (sum(sizes[i] for i in step) <= 60) for step in plan)
    assert plan == data.plan_steps(sizes, epochs=epochs, seed=seed, most_tokens=60, most_rows=4)


def test_a_row_larger_than_a_step_stands_alone() -> None:
    assert data.plan_steps([100], epochs=1, seed=0, most_tokens=10) == [[0]]


def test_another_seed_deals_another_order() -> None:
    plans = [data.plan_steps([1] * 50, epochs=1, seed=seed, most_tokens=50) for seed in (0, 1)]
    assert plans[0] != plans[1]


@given(st.lists(st.integers(1, 50), max_size=40))
def test_micro_batches_hold_every_row_once_and_fit(lengths: list[int]) -> None:
    groups = data.micro_batches(lengths, 100)

    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    assert all(sum(lengths[i] for i in group) <= 100 for group in groups)


def test_texts_lie_end_to_end_and_are_read_before_what_they_learn() -> None:
    rows = [TextRow([5, 6, 7], 1, "a"), TextRow([8], 0, "b"), TextRow([9, 10, 11], 2, "c")]
    flat = data.flat_texts(rows)
    assert flat.ids.tolist() == [5, 6, 7, 8, 9, 10, 11]
    # 6 and 7 are learned, and 11; nothing comes before 8.
    assert flat.ids[flat.read + 1].tolist() == [6, 7, 11]
    assert flat.layout.positions.tolist() == [0, 1, 2, 0, 0, 1, 2]
    assert [row.trained_tokens for row in rows] == [2, 0, 1]


def test_counts_start_at_nothing() -> None:
    assert Counts().to_json() == {"rows_in": 0, "rows_used": 0, "left_out": {}, "truncated": 0}


def test_a_rankings_size_counts_its_prompt_once(chat: Chat, tmp_path: Path) -> None:
    write_release(tmp_path, rankings=[ranking(1)])
    ((row,), _) = ranking_rows.read_rankings(tmp_path, "train", chat, 128)
    assert isinstance(row, RankingRow)
    assert row.tokens == len(row.prompt) + sum(map(len, row.completions))
    assert [row.prompt + one for one in row.completions] == [one.ids for one in row.rows]


def test_ties_count_and_weigh_where_a_loss_reads_them(chat: Chat, tmp_path: Path) -> None:
    write_release(tmp_path, rankings=[ranking(1), ranking(2, tiers=(("polite", "short", "rude"),))])
    assert len(ranking_rows.read_rankings(tmp_path, "train", chat, 128)[0]) == 1
    rows, counts = ranking_rows.read_rankings(tmp_path, "train", chat, 128, with_ties=True)

    pairs, ties = ranking_rows.pairs_and_ties(rows)

    assert counts.left_out == {}
    assert (pairs.better.tolist(), pairs.worse.tolist()) == ([1, 2], [0, 0])
    assert pairs.weight.tolist() == pytest.approx([1 / 3] * 2)
    assert list(zip(ties.better.tolist(), ties.worse.tolist(), strict=True)) == [(1, 2), (4, 5), (4, 3), (5, 3)]
    assert ties.weight.tolist() == pytest.approx([1 / 3] * 4)
    assert [row.tiers for row in rows] == [[[1, 2], [0]], [[1, 2, 0]]]


def test_twins_stand_in_a_ranking_once(chat: Chat, tmp_path: Path) -> None:
    texts = (("a", "Same."), ("b", "Same."), ("c", "Other."))
    completions = tuple(RankedCompletion(*one) for one in texts)
    write_release(tmp_path, rankings=[ranking(1, completions=completions, tiers=(("a", "c"), ("b",)))])

    ((row,), _) = ranking_rows.read_rankings(tmp_path, "train", chat, 128)

    assert (row.tiers, row.ties, row.pairs) == ([[0, 2]], [(0, 2)], [(2, 1)])


def test_several_people_become_one_row_of_shares(chat: Chat, tmp_path: Path) -> None:
    turned = tuple(reversed(ranking(1).completions))
    people = [
        ranking(1, prompt_id="p", tiers=(("polite",), ("short",), ("rude",))),
        ranking(1, prompt_id="p", completions=turned, tiers=(("short",), ("polite",), ("rude",))),
        ranking(1, prompt_id="p", tiers=(("short", "rude"), ("polite",))),
    ]
    write_release(tmp_path, rankings=[*people, ranking(2)])
    rows, _ = ranking_rows.read_rankings(tmp_path, "train", chat, 128, with_ties=True)

    together, alone = ranking_rows.merged(rows)

    # rude 0, polite 1, short 2: short over polite 2 of 3, short over rude 2½ of 3, polite over rude 2 of 3.
    found = dict(zip(together.pairs, together.shares, strict=True))
    assert found == pytest.approx({(1, 0): 2 / 3, (2, 0): 5 / 6, (2, 1): 2 / 3})
    assert dict(zip(alone.pairs, alone.shares, strict=True)) == {(1, 0): 1, (2, 0): 1, (1, 2): 0.5}


def test_a_row_says_who_judged_what_they_saw_and_how_sure_they_were(chat: Chat, tmp_path: Path) -> None:
    one = ranking(
        1,
        completions=ranking(1).completions[:2],
        tiers=(("polite",), ("rude",)),
        shown_order=("polite", "rude"),
        strength=2,
        strength_levels=4,
        annotator="anna",
        language="en",
        source="person",
    )
    write_release(tmp_path, rankings=[one])

    ((row,), _) = ranking_rows.read_rankings(tmp_path, "train", chat, 128)

    assert (row.annotator, row.language, row.source, row.strength) == ("anna", "en", "person", 0.5)
    assert row.shown == [1, 0]
