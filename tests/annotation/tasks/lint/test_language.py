from __future__ import annotations

import pytest

from annotation.tasks.lint import Context, Shown
from annotation.tasks.lint.language import identify, wrong_language

TEXTS = {
    "no": "Hei! Jeg lurer på om du kan hjelpe meg med å forstå denne leieavtalen, som jeg fikk i går.",
    "en": "A lease is a contract by which one person lets another use a house for a time and a price.",
    "es": "Un contrato de alquiler permite que una persona use la casa de otra durante un tiempo.",
    "de": "Ein Mietvertrag erlaubt einer Person, das Haus einer anderen für eine Zeit zu nutzen.",
    "ja": "賃貸借契約とは、ある人が他の人に家を貸すための契約です。",
    "uk": "Договір оренди дозволяє одній людині користуватися будинком іншої за плату.",
    "ar": "عقد الإيجار يسمح لشخص باستخدام منزل شخص آخر لمدة معينة مقابل ثمن.",
    "zh": "租赁合同允许一个人在一定时间内使用另一个人的房屋，并支付租金。",
}


def told(text: str, language: str = "", prompt: str = "") -> list[dict[str, str]]:
    shown = [Shown("prompt", prompt)] if prompt else []
    return [dict(advice.values) for advice in wrong_language(text, Context(shown, language))]


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_in_its_tasks_language_is_left(code: str) -> None:
    assert identify(TEXTS[code])[0] == code
    assert told(TEXTS[code], code) == told(TEXTS[code], prompt=TEXTS[code]) == []


@pytest.mark.parametrize("code", [code for code in TEXTS if code != "en"])
def test_a_text_in_another_language_is_told(code: str) -> None:
    assert told(TEXTS[code], "en") == told(TEXTS[code], prompt=TEXTS["en"]) == [{"found": code, "expected": "en"}]


@pytest.mark.parametrize("language", ["nb", "nn", "nb-NO", "no", "da", "NB_no"])
def test_codes_of_one_language_are_the_same(language: str) -> None:
    assert told(TEXTS["no"], language) == []


@pytest.mark.parametrize(
    "text",
    ["", "Ja.", "Oui, bien sûr.", "42", "x = f(x) + 1\n" * 20, "```\n" + TEXTS["de"] + "\n```", "😀" * 50],
)
def test_too_little_prose_says_nothing(text: str) -> None:
    assert told(text, "nb") == []


def test_a_text_in_two_languages_is_in_none() -> None:
    assert told(f"{TEXTS['de']} {TEXTS['uk']}", "nb") == []


def test_a_prompt_that_names_the_language_has_asked_for_it() -> None:
    prompt = "Translate into Spanish: " + TEXTS["en"]
    assert told(TEXTS["es"], prompt=prompt) == []
    assert told(TEXTS["de"], prompt=prompt) == [{"found": "de", "expected": "en"}]


def test_the_passage_is_the_text_without_its_margins() -> None:
    (advice,) = wrong_language(f"\n  {TEXTS['de']}\n", Context(language="en"))
    assert (advice.start, advice.end) == (3, 3 + len(TEXTS["de"]))


@pytest.mark.parametrize("text", ["\x00\x01\x7f\x85\ufffe\ud800" * 30 + TEXTS["en"], "\u202e" * 500, "w" * 20_000])
@pytest.mark.timeout(20)
def test_no_code_point_breaks_it(text: str) -> None:
    identify(text)
