from __future__ import annotations

import pytest

from annotation.tasks.lint import Context
from annotation.tasks.lint.boilerplate import PHRASES, assistant_boilerplate

# At least one a language, as assistants have written it.
SAID = {
    "en": "As an AI language model, I cannot browse the web.",
    "ar": "كنموذج لغوي، لا أستطيع ذلك.",
    "bg": "Като езиков модел не мога да помогна.",
    "ca": "Com a model de llenguatge, no puc fer-ho.",
    "cs": "Jako jazykový model nemám názory.",
    "da": "Som en sprogmodel har jeg ingen meninger.",
    "de": "Als KI-Sprachmodell habe ich keine Meinung.",
    "el": "Ως γλωσσικό μοντέλο, δεν έχω απόψεις.",
    "es": "Como modelo de lenguaje, no tengo opiniones.",
    "fa": "به عنوان یک مدل زبانی نظری ندارم.",
    "fi": "Kielimallina minulla ei ole mielipiteitä.",
    "fr": "En tant que modèle de langage, je n’ai pas d’avis.",
    "he": "כמודל שפה, אין לי דעות.",
    "hi": "एक एआई भाषा मॉडल के रूप में, मेरी कोई राय नहीं है।",
    "hu": "Nyelvi modellként nincs véleményem.",
    "id": "Sebagai model bahasa, saya tidak punya pendapat.",
    "it": "In quanto modello linguistico, non ho opinioni.",
    "ja": "AI言語モデルとして、私には意見がありません。",
    "ko": "AI 언어 모델로서 저는 의견이 없습니다.",
    "nb": "Som en språkmodell har jeg ingen meninger.",
    "nl": "Als taalmodel heb ik geen mening.",
    "pl": "Jako model językowy nie mam opinii.",
    "pt": "Como modelo de linguagem, não tenho opiniões.",
    "ro": "Ca model de limbaj, nu am opinii.",
    "ru": "Как языковая модель, я не имею мнения.",
    "sv": "Som en AI-språkmodell har jag inga åsikter.",
    "th": "ในฐานะโมเดลภาษา ฉันไม่มีความเห็น",
    "tr": "Bir yapay zeka dil modeli olarak fikrim yok.",
    "uk": "Як мовна модель, я не маю думки.",
    "vi": "Là một mô hình ngôn ngữ, tôi không có ý kiến.",
    "zh": "作为一个人工智能语言模型，我没有个人观点。",
}


def phrases_in(text: str) -> list[str]:
    return [text[advice.start : advice.end] for advice in assistant_boilerplate(text, Context())]


def test_every_language_is_heard() -> None:
    assert SAID.keys() == PHRASES.keys()
    assert {code: len(phrases_in(text)) for code, text in SAID.items()} == dict.fromkeys(SAID, 1)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Well, as a large language model I …", "as a large language model"),
        ("I’m just an AI, so", "I’m just an AI"),
        ("I was developed by OpenAI.", "I was developed by OpenAI"),
        ("My knowledge cutoff is 2021.", "My knowledge cutoff"),
        ("As of my last knowledge update in 2021", "As of my last knowledge update"),
        ("I don't have personal opinions.", "I don't have personal opinions"),
        ("I cannot fulfill your request.", "I cannot fulfill your request"),
        ("Als KI habe ich", "Als KI habe"),
        ("En tant qu’IA, je", "En tant qu’IA"),
    ],
)
def test_the_passage_is_the_phrase(text: str, phrase: str) -> None:
    assert phrases_in(text) == [phrase]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I have an opinion on AI: as an aid to doctors it is fine.",
        "A language model is trained on text.",
        "She works as an aide.",
        "Tecnologías como IA cambian el mundo.",
        "System som AI förändrar världen.",
        "Was man als KI bezeichnet, ist Statistik.",
        "The model was trained by a coach.",
        "人工智能是一门学科。",
    ],
)
def test_to_speak_of_such_things_is_no_boilerplate(text: str) -> None:
    assert phrases_in(text) == []


def test_each_place_is_named() -> None:
    assert len(phrases_in("As an AI, I pause. " * 3)) == 3
