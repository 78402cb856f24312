"""rank: put 2 to 9 completions in order, and nothing else."""

from annotation.projects.presets.shape import Preset

GUIDELINE = """\
# Rank completions

Read the prompt, then every completion to its end. Put them in order, best first; completions that are as good as each
other share a tier.

Ask which one you would rather get. In this order: does it do what was asked; is it true; could it hurt somebody; is it
clear and no longer than it need be. An honest “I do not know” is worse than a right answer and better than a wrong one.

The order in which they are shown is chance: it says nothing about them.

Mark **all bad** where none should be given to anybody. Rank them even so; no model will learn to prefer any of them.
"""

PRESET = Preset(
    key="rank",
    kind="ranking",
    name="Rank answers",
    description="Put 2 to 9 completions in order, best first, ties allowed.",
    guideline=GUIDELINE,
    config={"instruction": "Put the answers in order, best first."},
)
