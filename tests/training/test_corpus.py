import json
from pathlib import Path

import pytest

from tests.training.releases import DIGEST, demonstration, document, ranking, write_release
from training import corpus
from training.config import PretrainConfig
from training.corpus import CorpusError, likeness, open_corpus


def of(path: Path, **changes: object) -> PretrainConfig:
    return PretrainConfig.from_json({"text": str(path), "output": "x", "start": {"preset": "demo"}, **changes})


def of_release(path: Path) -> PretrainConfig:
    return PretrainConfig.from_json({"release": str(path), "output": "x", "start": {"preset": "demo"}})


def test_a_folder_is_read_in_the_order_of_names_and_what_cannot_be_is_counted(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.txt").write_bytes("\ufeff".encode() + b"second\r\nline\r\n" * 3)
    (tmp_path / "a.txt").write_text("first line\n" * 5)
    (tmp_path / "sub" / "same.txt").write_text("first line\n" * 5)
    (tmp_path / "latin.txt").write_bytes("caf\u00e9".encode("latin-1"))
    (tmp_path / "notes.md").write_text("not read")
    lines = [
        json.dumps({"text": "third text here"}),
        "",
        "{broken",
        json.dumps({"label": 1}),
        json.dumps({"text": " "}),
    ]
    (tmp_path / "lines.jsonl").write_text("\n".join(lines))

    found = open_corpus(of(tmp_path))

    assert found.counts["rows_in"] == 8
    assert found.counts["rows_used"] == 3
    assert found.counts["left_out"] == {"duplicate": 1, "empty": 1, "no_text": 1, "not_json": 1, "not_utf8": 1}
    texts = list(found.texts("train"))
    assert texts[0].startswith("first line\n")
    assert texts[1].startswith("second\nline\n")
    assert list(found.pieces()) == list(open_corpus(of(tmp_path)).pieces())


def test_of_few_documents_the_end_of_each_is_held_out_at_the_end_of_a_line(tmp_path: Path) -> None:
    lines = [f"line number {number}\n" for number in range(100)]
    (tmp_path / "one.txt").write_text("".join(lines))

    found = open_corpus(of(tmp_path, held_out_share=0.2))
    (learned,), (held_out,) = list(found.texts("train")), list(found.texts("validation"))

    assert found.counts["held_out"] == corpus.BY_END
    assert learned + held_out == "".join(lines)
    assert learned.endswith("\n")
    assert 0.18 < len(held_out) / len(learned + held_out) < 0.22


def test_of_many_documents_whole_ones_are_held_out(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(json.dumps({"text": f"document {number}"}) for number in range(400)))

    found = open_corpus(of(path))
    learned, held_out = set(found.texts("train")), set(found.texts("validation"))

    assert found.counts["held_out"] == corpus.BY_DOCUMENT
    assert len(learned) + len(held_out) == 400
    assert not learned & held_out
    assert 20 <= len(held_out) <= 60


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path / "nowhere", "there is no file or folder"),
        (lambda path: path, "holds no text to learn"),
    ],
)
def test_what_holds_no_text_is_refused(make: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=message):
        open_corpus(of(make(tmp_path)))  # type: ignore[operator]


def test_a_release_gives_its_documents_and_conversations_by_their_stored_splits(tmp_path: Path) -> None:
    bad = ranking(1, all_bad=True)
    release = write_release(
        tmp_path,
        [demonstration(0), demonstration(1, "test")],
        [ranking(0), bad],
        documents=[document(0), document(1, "validation")],
    )

    found = open_corpus(of_release(release))

    assert found.digest_sha256 == DIGEST
    assert found.counts["rows_used"] == 5
    assert found.counts["left_out"] == {"all_bad": 1}
    assert found.counts["held_out"] == corpus.BY_DOCUMENT
    learned = list(found.texts("train"))
    assert learned[0] == document(0).text
    assert learned[1] == "Say something about the river.\n\nThe river is near the winter."
    assert learned[2].startswith("Tell me about the river.\n\nGo away")
    assert len(list(found.texts("test"))) == 1


def test_a_release_that_holds_nothing_out_gives_the_ends_of_what_is_learned_but_never_of_the_test(
    tmp_path: Path,
) -> None:
    release = write_release(tmp_path, documents=[document(0), document(1, "test")])

    found = open_corpus(of_release(release))

    assert found.counts["held_out"] == corpus.BY_END
    assert "".join(found.texts("train", "validation")) == document(0).text
    assert list(found.texts("test")) == [document(1).text]


def test_a_release_with_nothing_to_learn_says_what_to_do(tmp_path: Path) -> None:
    release = write_release(tmp_path, documents=[document(0, "test")])

    with pytest.raises(CorpusError, match="Import the text in smaller documents"):
        open_corpus(of_release(release))


def test_likeness_counts_known_words_and_copied_runs_of_eight() -> None:
    training = ["It is a truth universally acknowledged, that a single man is in want.", "Quiet lamps"]

    # Ten words, nine known; of three runs of eight, the first two stand in the training text.
    said = likeness("IT is a truth universally acknowledged that a single zog", training)

    assert said == {"words": 10, "known_words": 0.9, "copied_8_grams": 0.6667}
    assert likeness("?k9", training) == {"words": 1, "known_words": 0.0, "copied_8_grams": 0.0}
    assert likeness("", training) == {"words": 0, "known_words": 0.0, "copied_8_grams": 0.0}
