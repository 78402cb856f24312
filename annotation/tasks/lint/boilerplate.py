"""Phrases by which assistants speak of themselves instead of answering: "As an AI language model, I …".

In demonstrations they teach a model to talk so. One entry a language; all are looked for at once, as people write in
one language and paste in another. "Technologies such as AI" is no such phrase: where "as" and "such as" are one
word, an article or the speaker's "I" must tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotation.tasks.lint.shape import Advice, Context

_MAKERS = "OpenAI|Anthropic|Google|DeepMind|Meta|Microsoft|Mistral|DeepSeek|Alibaba|xAI"
PHRASES: dict[str, str] = {
    "en": (
        r"as an? (?:\w+ )?(?:AI|artificial intelligence|language model|virtual assistant)\b"
        r"|I(?:['’]m| am) (?:just |only |merely )?an? (?:\w+ )?(?:AI|artificial intelligence|language model)\b"
        rf"|I(?:['’]m| am| was) (?:an? \w+ )?(?:trained|developed|created|built|made) by (?:{_MAKERS})\b"
        r"|my (?:knowledge cut-?off|training data|last (?:knowledge )?update)\b"
        r"|as of my (?:last|latest|most recent) (?:knowledge |training |data )*(?:update|cut-?off)"
        r"|I (?:do not|don['’]t) have (?:any )?personal (?:opinions?|beliefs?|feelings?|emotions?|experiences?)"
        r"|I (?:cannot|can['’]t|am unable to) (?:fulfill?|comply with|assist with) (?:this|that|your) request"
    ),
    "ar": r"(?:كنموذج|بصفتي نموذج|باعتباري نموذج)\w* (?:لغ|ذكاء)\w*|بصفتي ذكاء",
    "bg": r"като (?:езиков модел|изкуствен интелект)",
    "ca": r"com a (?:model (?:de llenguatge|lingüístic)|intel·ligència artificial|IA)\b",
    "cs": r"jako (?:\w+ )?(?:jazykový model|umělá inteligence)\b",
    "da": r"som (?:(?:en |et )?(?:AI-|stor )?sprogmodel|en AI|en kunstig intelligens)\b",
    "de": (
        r"als (?:eine? )?(?:\w+ )?(?:KI-|AI-)?(?:Sprachmodell|Sprachassistent)\b"
        r"|als (?:eine )?(?:KI|AI|künstliche Intelligenz),? (?:bin|darf|habe|ich|kann|verfüge|weiß)\b"
    ),
    "el": r"ως (?:ένα )?(?:γλωσσικό μοντέλο|μοντέλο γλώσσας|τεχνητή νοημοσύνη)",
    "es": r"como (?:un |una )?(?:modelo (?:de lenguaje|lingüístico))\b|como una (?:inteligencia artificial|IA)\b",
    "fa": r"به ?عنوان (?:یک )?(?:مدل زبان\w*|هوش مصنوعی)",
    "fi": r"(?:tekoäly|kieli)mallina\b|tekoälynä\b",
    "fr": (
        r"en tant qu(?:e |['’])(?:un |une )?"
        r"(?:modèle (?:de langage|linguistique|de langue)|intelligence artificielle|IA|assistante? virtuelle?)\b"
    ),
    "he": r"כמודל שפה|כבינה מלאכותית",
    "hi": r"एक (?:एआई|AI|कृत्रिम बुद्धिमत्ता|भाषा) ?(?:भाषा )?(?:मॉडल )?के रूप में",
    "hu": r"(?:nyelvi modell|mesterséges intelligencia)ként\b",
    "id": r"sebagai (?:sebuah )?(?:model bahasa|kecerdasan buatan|AI)\b",
    "it": (
        r"(?:come|in quanto) (?:un )?modello (?:linguistico|di linguaggio)\b"
        r"|in quanto (?:un['’])?(?:intelligenza artificiale|IA|AI)\b|come un['’](?:intelligenza artificiale|IA)\b"
    ),
    "ja": r"(?:AI|ＡＩ|人工知能|言語モデル)(?:アシスタント|モデル|言語モデル)?(?:として|ですので|なので)",
    "ko": r"(?:AI|인공지능|언어 ?모델)(?: ?(?:언어 ?)?모델| 어시스턴트| 비서)?(?:로서|으로서|이기 때문에)",
    "nb": r"som (?:(?:en |ei |et )?(?:KI-|AI-|stor )?språkmodell|en (?:KI|AI)|en kunstig intelligens)\b",
    "nl": r"als (?:een )?(?:AI-|groot )?taalmodel\b|als een (?:AI|kunstmatige intelligentie)\b",
    "pl": r"jako (?:\w+ )?(?:model językowy|sztuczna inteligencja)\b",
    "pt": r"como (?:um )?modelo (?:de linguagem|linguístico)\b|como uma (?:inteligência artificial|IA)\b",
    "ro": r"(?:ca|în calitate de) (?:un )?(?:model (?:de limbaj|lingvistic)|inteligență artificială)",
    "ru": r"как (?:\w+ )?(?:языковая модель|искусственный интеллект)\b",
    "sv": r"som (?:(?:en |ett )?(?:AI-|stor )?språkmodell|en AI|en artificiell intelligens)\b",
    "th": r"ในฐานะ(?:ที่เป็น)?(?:โมเดลภาษา|ปัญญาประดิษฐ์|AI)",
    "tr": r"bir (?:yapay zek[aâ]|dil model)\w*(?: \w+){0,2} olarak\b",
    "uk": r"як (?:\w+ )?(?:мовна модель|штучний інтелект)\b",
    "vi": r"(?:là|với tư cách là) (?:một )?(?:mô hình ngôn ngữ|trí tuệ nhân tạo|AI)\b",
    "zh": r"作[为為](?:一[个個名款])?(?:大型|大)?(?:AI|人工智能|人工智慧|语言模型|語言模型)",
}
# These put no space between words: nothing shows where one begins.
_UNSPACED = ("ja", "ko", "th", "zh")
_spaced = "|".join(phrase for code, phrase in PHRASES.items() if code not in _UNSPACED)
_any = re.compile("|".join([rf"\b(?:{_spaced})", *(PHRASES[code] for code in _UNSPACED)]), re.IGNORECASE)


def assistant_boilerplate(text: str, context: Context) -> Iterator[Advice]:
    message = "This is how assistants speak of themselves: say what you would say to the person who asks."
    for match in _any.finditer(text):
        yield Advice("assistant_boilerplate", message, *match.span(), {"phrase": match[0]})
