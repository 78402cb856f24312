"""blind_pair: which of two models' answers is better, for people who know of neither who wrote it.

Source: Stiennon et al. 2020 (arXiv:2009.01325), section 4: human preference against a reference, position shuffled.
"""

from annotation.projects.presets.shape import Preset

GUIDELINE = """\
# Which answer would you rather have?

Read the prompt, then both answers to their end, and choose the one you would rather have got.

- **Who wrote them is hidden**, and which of the two stands first is chance. Do not guess: judge what you read.
- **Helpful and honest** come before polished. Long is not better, and neither is a list.
- **A tie** is an answer, too: take it where you would not mind which of the two you got.
- **Both bad** means that neither should be given to anybody. You may still say which is worse.
- If you would have to check a fact to decide, check it.
"""

PRESET = Preset(
    key="blind_pair",
    kind="comparison",
    name="Compare two models blind",
    description="Choose the better of two models' answers, without knowing whose they are; tie and both bad.",
    guideline=GUIDELINE,
    config={
        "instruction": "Which answer would you rather have?",
        "strength_levels": 1,
        "allow_ties": True,
        "allow_edit": False,
        "mask_identity": True,
    },
    columns={"required_answers": 2},
)
