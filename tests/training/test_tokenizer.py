from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training import tokenizer as tokenizers
from training.tokenizer import SPECIALS, TokenizerError, decode_text, encode_text, load_tokenizer, train_tokenizer

TEXTS = ["the river is near the stone", "the lamp is near the garden"] * 5
TOKENIZER = train_tokenizer(TEXTS, 300)


@given(st.text())
@settings(deadline=None)
def test_any_text_survives(text: str) -> None:
    whole = text.rstrip("\ufffd")
    assert decode_text(TOKENIZER, encode_text(TOKENIZER, whole)) == whole


def test_special_tokens_come_first_and_cannot_be_written_by_a_person() -> None:
    assert TOKENIZER.convert_tokens_to_ids(list(SPECIALS)) == [0, 1, 2, 3, 4, 5]
    spelled_out = "".join(SPECIALS)

    ids = encode_text(TOKENIZER, spelled_out)

    assert min(ids) > 5
    assert decode_text(TOKENIZER, ids) == spelled_out


def test_the_same_texts_give_the_same_tokenizer() -> None:
    again = train_tokenizer(iter(TEXTS), 300)
    assert again.backend_tokenizer.to_str() == TOKENIZER.backend_tokenizer.to_str()


def test_the_vocabulary_stays_within_its_bound() -> None:
    assert 256 + len(SPECIALS) < len(TOKENIZER) <= 300


def test_a_saved_tokenizer_reads_alike(tmp_path: Path) -> None:
    TOKENIZER.save_pretrained(tmp_path)
    loaded = load_tokenizer(tmp_path)
    text = "the river <|end|> ø 😀"
    assert encode_text(loaded, text) == encode_text(TOKENIZER, text)
    assert (loaded.pad_token, loaded.bos_token, loaded.eos_token) == (tokenizers.PAD, tokenizers.BEGIN, tokenizers.END)


def test_a_directory_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(TokenizerError, match=r"has no tokenizer \(tokenizer.json\)"):
        load_tokenizer(tmp_path)


def test_a_broken_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(TokenizerError, match="cannot be read"):
        load_tokenizer(tmp_path)


def test_bytes_cut_off_by_a_length_limit_are_not_shown() -> None:
    ids = encode_text(TOKENIZER, "ab😀")
    assert decode_text(TOKENIZER, ids[:-1]) == "ab"
