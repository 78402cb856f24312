"""What points to a person: addresses, telephone numbers, accounts, cards, machines.

Each is found by its form and then held against what only a real one fulfils: a country's numbering plan, a check
digit, a public network. Addresses kept free for examples (RFC 2606, RFC 5737) belong to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import phonenumbers

from annotation.tasks.lint.shape import Advice, Context

_EMAIL = re.compile(r"(?<![\w.%+-])[\w%+-][\w.%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b", re.IGNORECASE)
_FOR_EXAMPLES = re.compile(r"[@.](?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
# The first digits say which network issued it.
_CARD = re.compile(r"(?<![\d.,-])[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?![\d-])")
_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?![\w:]|\.\d)", re.I)
# Asking for a number is dear; a text without seven digits near each other holds none.
_SEVEN_DIGITS = re.compile(r"\d(?:[^\w\n]{0,4}\d){6}")
_PHONE_TRIES = 100
# Whose numbers are written without their country's prefix, by the language of the text.
_REGIONS = {
    "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "en": "US", "es": "ES", "fi": "FI", "fr": "FR", "he": "IL",
    "hu": "HU", "it": "IT", "ja": "JP", "ko": "KR", "nb": "NO", "nl": "NL", "nn": "NO", "no": "NO", "pl": "PL",
    "pt": "PT", "ro": "RO", "ru": "RU", "sv": "SE", "tr": "TR", "uk": "UA", "vi": "VN", "zh": "CN",
}  # fmt: skip

Spans = Iterator[tuple[int, int]]


def personal_data(text: str, context: Context) -> Iterator[Advice]:
    """Yield what was found; where two kinds claim the same passage, the first in FINDERS has it."""
    taken: list[tuple[int, int]] = []
    for kind, (find, name) in FINDERS.items():
        for start, end in find(text, context):
            if all(end <= other_start or start >= other_end for other_start, other_end in taken):
                taken.append((start, end))
                message = f"This looks like {name}: leave out what belongs to a real person."
                yield Advice("personal_data", message, start, end, {"kind": kind})


def _emails(text: str, context: Context) -> Spans:
    return (match.span() for match in _EMAIL.finditer(text) if not _FOR_EXAMPLES.search(match[0]))


def _ibans(text: str, context: Context) -> Spans:
    return (match.span() for match in _IBAN.finditer(text) if _is_iban(match[0].replace(" ", "")))


def _cards(text: str, context: Context) -> Spans:
    return (match.span() for match in _CARD.finditer(text) if _is_card(re.sub(r"\D", "", match[0])))


def _ip_addresses(text: str, context: Context) -> Spans:
    return (match.span() for match in _IP.finditer(text) if _is_public(match[0]))


def _phones(text: str, context: Context) -> Spans:
    if not _SEVEN_DIGITS.search(text):
        return
    region = _REGIONS.get(context.language.split("-")[0].lower())
    leniency = phonenumbers.Leniency.VALID
    for match in phonenumbers.PhoneNumberMatcher(text, region, leniency, max_tries=_PHONE_TRIES):
        yield match.start, match.end


FINDERS: dict[str, tuple[Callable[[str, Context], Spans], str]] = {
    "email": (_emails, "an e-mail address"),
    "iban": (_ibans, "a bank account"),
    "payment_card": (_cards, "a payment card"),
    "ip_address": (_ip_addresses, "a machine's address on the Internet"),
    "phone": (_phones, "a telephone number"),
}


def _is_iban(account: str) -> bool:
    """Source: ISO 13616: the first four characters moved to the end, letters as 10 … 35, leave 1 when divided by 97."""
    moved = account[4:] + account[:4]
    return 15 <= len(account) <= 34 and int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _is_card(digits: str) -> bool:
    """Source: ISO/IEC 7812: every second digit from the right doubled, the digits' sum is divisible by 10 (Luhn)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(sum(divmod(number, 10)) for number in doubled) % 10 == 0


def _is_public(text: str) -> bool:
    try:
        return ip_address(text).is_global
    except ValueError:
        return False
