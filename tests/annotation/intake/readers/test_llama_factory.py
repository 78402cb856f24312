from __future__ import annotations

from tests.annotation.intake.readers.reading import lines_of, refusals, rows
from tests.annotation.intake.readers.samples import GPT, HUMAN, SAMPLES


def test_three_ways_to_write_a_preference() -> None:
    read = [rows(lines_of(sample))[0] for sample in SAMPLES["llama_factory_preference"]]
    assert {(row.kind, str(row.tiers)) for row in read} == {("ranking", "[[0], [1]]")}
    assert (read[0].messages, read[0].completions) == (read[1].messages, read[1].completions)
    assert read[2].messages[0]["content"] == "Name the color.\n\nThe sky"


def test_sides_that_are_no_replies_are_refused() -> None:
    for side in (HUMAN, {"from": "observation", "value": "4"}, None):
        data = lines_of({"conversations": [HUMAN], "chosen": GPT, "rejected": side})
        ((line, field, _),) = refusals(data, "llama_factory_preference")
        assert (line, field.partition("[")[0]) == (1, "rejected")
