"""label: say what holds of a prompt, from a list."""

from annotation.projects.presets.shape import Preset

GUIDELINE = """\
# Label a prompt

Read the prompt and choose what fits it. Judge what is asked for, not how it is put: a rude question may be harmless,
and a polite one may not be.

| Label | Choose it when the prompt … |
|---|---|
| safe | can be answered as it is |
| sensitive | touches on health, law, money, faith, politics or grief, and needs care |
| harmful | asks for help with something that would hurt people |
| personal_data | holds the name, address, number or health of a real private person |
| unclear | cannot be answered without asking back |

Several may hold at once. Where you hesitate between two, choose both and say why.
"""

PRESET = Preset(
    key="label",
    kind="labels",
    name="Label prompts",
    description="Say what holds of each prompt, from a list that you choose.",
    guideline=GUIDELINE,
    config={
        "instruction": "What holds of this prompt?",
        "options": ["safe", "sensitive", "harmful", "personal_data", "unclear"],
        "multiple": True,
    },
    columns={"required_answers": 2},
)
