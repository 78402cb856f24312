"""pair_strength: A or B, and how much better; a tie, both bad, a reason, and the better one edited.

Sources: Bai et al. 2022 (arXiv:2204.05862), section 2 and appendix D.2; Touvron et al. 2023 (arXiv:2307.09288), 3.2.
"""

from annotation.projects.presets.shape import Preset

GUIDELINE = """\
# Which of two answers is better?

Read the prompt, then both answers to their end. Then say which one you would rather have, and how sure you are:

| Strength | It means |
|---|---|
| 3 | Much better: nobody would choose the other. |
| 2 | Better: most people would agree. |
| 1 | Slightly better: I had to think about it. |
| tie | As good as each other, or too different to compare. |

- **Both bad** means that neither should be given to anybody. You may still say which is worse.
- **Helpful and honest** come before polished: a clumsy right answer is better than a smooth wrong one.
- Which answer stands on which side is chance. Long is not better, and neither is a list.
- If you would have to check a fact to decide, check it.

## The reason

A sentence that names what decided it: “B invents a date”, “A keeps to 50 words, B does not”.

## The edit

If the better answer has a fault you can mend in a minute or two, edit it until you would be glad to get it. The edited
text counts as better than both. Leave it alone where it is good enough already.
"""

PRESET = Preset(
    key="pair_strength",
    kind="comparison",
    name="Compare two answers",
    description="Choose the better of two answers and say how much better; tie, both bad, a reason and an edit.",
    guideline=GUIDELINE,
    config={
        "instruction": "Which answer is better, and by how much?",
        "strength_levels": 3,
        "allow_ties": True,
        "allow_edit": True,
    },
)
