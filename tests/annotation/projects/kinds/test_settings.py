from __future__ import annotations

import pytest

from annotation.projects.kinds.settings import Choice, InvalidConfig, Names, Number, Setting, Switch, Text

SWITCH = Switch(name="field", about="")
NUMBER = Number(name="field", about="", default=3, minimum=2, maximum=9)
TEXT = Text(name="field", about="", maximum_characters=5)
CHOICE = Choice(name="field", about="", default="a", choices=("a", "b"))
NAMES = Names(name="field", about="", minimum=1, maximum=3)
CLOSED = Names(name="field", about="", choices=("a", "b"))


@pytest.mark.parametrize(
    ("setting", "value", "stored"),
    [
        (SWITCH, True, True),
        (NUMBER, 9, 9),
        (TEXT, "12345", "12345"),
        (CHOICE, "b", "b"),
        (NAMES, ["gives_harmful_advice", "Ærlig"], ["gives_harmful_advice", "Ærlig"]),
        (CLOSED, ["b"], ["b"]),
        (CLOSED, [], []),
    ],
)
def test_what_fits_is_stored(setting: Setting, value: object, stored: object) -> None:
    assert setting.check(value) == stored


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        (SWITCH, 1, "true or false"),
        (SWITCH, None, "true or false"),
        (NUMBER, True, "a whole number"),
        (NUMBER, 2.0, "a whole number"),
        (NUMBER, 1, "between 2 and 9"),
        (NUMBER, 10, "between 2 and 9"),
        (TEXT, None, "must be a text"),
        (TEXT, "123456", "at most 5"),
        (CHOICE, "c", "one of a, b"),
        (CHOICE, ["a"], "one of a, b"),
        (NAMES, "a", "list of names"),
        (NAMES, [1], "list of names"),
        (NAMES, [], "at least 1"),
        (NAMES, ["a", "b", "c", "d"], "at most 3"),
        (NAMES, ["a", "b", "a"], "twice"),
        (NAMES, [""], "1 to 80"),
        (NAMES, [" a"], "1 to 80"),
        (NAMES, ["a\nb"], "1 to 80"),
        (NAMES, ["x" * 81], "1 to 80"),
        (CLOSED, ["c"], "one of a, b"),
    ],
)
def test_what_does_not_is_refused_with_its_remedy(setting: Setting, value: object, remedy: str) -> None:
    with pytest.raises(InvalidConfig, match=remedy) as error:
        setting.check(value)
    assert error.value.field == "field"
