from __future__ import annotations

import pytest

from annotation.tasks.lint import Context
from annotation.tasks.lint.personal_data import personal_data


def found(text: str, language: str = "") -> list[tuple[str, str]]:
    advice = personal_data(text, Context(language=language))
    return [(one.values["kind"], text[one.start : one.end]) for one in advice]


@pytest.mark.parametrize(
    ("text", "kind", "passage"),
    [
        ("Write to ola.nordmann+work@posten.no!", "email", "ola.nordmann+work@posten.no"),
        ("(a_b@sub.domain.co.uk)", "email", "a_b@sub.domain.co.uk"),
        ("Pay to GB82 WEST 1234 5698 7654 32 now", "iban", "GB82 WEST 1234 5698 7654 32"),
        ("NO9386011117947", "iban", "NO9386011117947"),
        ("card 4111 1111 1111 1111, please", "payment_card", "4111 1111 1111 1111"),
        ("378282246310005", "payment_card", "378282246310005"),
        ("ping 8.8.8.8", "ip_address", "8.8.8.8"),
        ("at 2001:4860:4860::8888", "ip_address", "2001:4860:4860::8888"),
        ("Ring +47 22 11 22 33.", "phone", "+47 22 11 22 33"),
        ("call +1 (415) 555-2671 today", "phone", "+1 (415) 555-2671"),
    ],
)
def test_what_points_to_a_person_is_found(text: str, kind: str, passage: str) -> None:
    assert found(text) == [(kind, passage)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Write to you@example.com or somebody@host.test.",
        "@mention and user@localhost, a@b",
        "GB83 WEST 1234 5698 7654 32",
        "4111 1111 1111 1112",
        "In 1984 there were 1234567890123456 grains.",
        "127.0.0.1, 192.168.1.20, 10.0.0.1, 192.0.2.7 and ::1 are nobody's",
        "999.1.1.1 and 1.2.3.4.5 are no addresses",
        "At 12:30:45 std::vector<int> was full",
        "The population is 1,350,850,467 and pi is 3.14159265358979",
        "from 2019-01-01 to 2024-12-31, pages 100-200",
        "call 22 11 22 33",
    ],
)
def test_what_points_to_nobody_is_left(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("language", "text"), [("nb", "Ring 22 11 22 33."), ("en", "(415) 555-2671"), ("de-AT", "030 23125000")]
)
def test_a_number_without_its_countrys_prefix_is_known_by_the_language(language: str, text: str) -> None:
    assert [kind for kind, _ in found(text, language)] == ["phone"]
    assert found(text) == []


def test_one_passage_is_one_kind() -> None:
    assert found("4111111111111111", "en") == [("payment_card", "4111111111111111")]
    assert len(found("a@posten.no 8.8.8.8 +4722112233 GB82WEST12345698765432")) == 4


@pytest.mark.parametrize("text", ["1" * 20_000, "1 2 3 4 5 6 7 " * 1500, "a@" * 10_000, "a." * 10_000, ":" * 20_000])
@pytest.mark.timeout(20)
def test_no_text_takes_long(text: str) -> None:
    assert found(text, "en") == []
