"""demo_score: a second person grades a demonstration from 1 to 7.

Source: Ouyang et al. 2022 (arXiv:2203.02155), appendix B.1: demonstrations are rated on a Likert scale of 7.
"""

from annotation.projects.presets.shape import Preset

GUIDELINE = """\
# Score a demonstration

You are shown a prompt and an answer that a colleague wrote as an example for the model. Say how good an example it is.
You never get an answer of your own.

| Score | It means |
|---|---|
| 7 | I would change nothing. |
| 6 | Very good: a word or two could be better. |
| 5 | Good: does what was asked, with small faults that harm nobody. |
| 4 | Usable: a part is missing, clumsy or longer than it need be. |
| 3 | Weak: misses an instruction, or leaves out something important. |
| 2 | Bad: mostly wrong, off the subject or badly written. |
| 1 | Harmful or useless: the model must not learn this. |

Read the prompt first and decide what a good answer would contain; then read the answer. Check what can be checked:
sums, names, code, whether a summary says what the text says. A wrong fact in a well-written answer is worth at most 3.

Do not reward length. Do not punish an answer that differs from the one you would have given if it is as good.

Give a reason below 5: its author reads it.
"""

PRESET = Preset(
    key="demo_score",
    kind="score",
    name="Score demonstrations",
    description="A second person grades each demonstration from 1 to 7; nobody grades their own.",
    guideline=GUIDELINE,
    config={
        "instruction": "How good an example is this answer?",
        "scale": 7,
        "flags": ["factual_error", "ignores_instruction", "harmful", "seems_pasted"],
    },
)
