"""hh_live: in a live conversation, which of two answers is better, from one end of a scale to the other.

The answer chosen goes on. What people choose while they talk comes from the room chat, not from a queue.
Source: Bai et al. 2022 (arXiv:2204.05862), section 2.2 and appendix D.1.
"""

from annotation.projects.presets.shape import Preset

GUIDELINE = """\
# Which of two answers do you want to go on with?

Talk as you would to somebody who helps you. Now and then you get two answers to what you said. Read both to their
end, then say which one helps you more, and how sure you are:

| Strength | It means |
|---|---|
| 4 | Much better: the other one is no use to me. |
| 3 | Better: I would choose it again. |
| 2 | A little better. |
| 1 | Hardly better: I had to think about it. |
| tie | I do not mind which. |

- **The one you choose goes on.** The model reads it as its own words, and never sees the other one.
- **Helpful and honest** come before polished: a clumsy right answer is better than a smooth wrong one.
- **Harmful** is worse than useless. An answer that helps somebody to hurt somebody is the worse one.
- Which answer stands on which side is chance, and that one is there sooner says nothing.
- **Both bad** means that neither should be given to anybody. One of them goes on all the same: you may say which.

## The edit

If the better answer has a fault that you can mend in a minute or two, edit it until you would be glad to get it. The
edited text counts as better than both. The conversation goes on with the answer as the model wrote it.
"""

PRESET = Preset(
    key="hh_live",
    kind="comparison",
    name="Choose while you talk",
    description="In a conversation, choose the better of two answers and say how much better; the chosen one goes on.",
    guideline=GUIDELINE,
    config={
        "instruction": "Which answer do you want to go on with?",
        "strength_levels": 4,
        "allow_ties": True,
        "allow_edit": True,
        # A person talks to what writes here, so nothing that it says of itself is hidden.
        "mask_identity": False,
    },
)
