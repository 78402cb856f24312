"""prompt_write: people write prompts, plain, few-shot or for a use case; others then answer them.

Source: Ouyang et al. 2022 (arXiv:2203.02155), section 3.2; use cases: table 1.
"""

from annotation.projects.presets.shape import Preset

USE_CASES = (
    "generation",
    "open_qa",
    "brainstorming",
    "chat",
    "rewrite",
    "summarization",
    "classification",
    "closed_qa",
    "extract",
    "other",
)

GUIDELINE = """\
# Write a prompt

Write something that a person could really ask an assistant. Somebody else will answer it, so it must stand by itself.

## The three styles

- **Plain.** Any task you like. Aim for variety: do not write the same kind of prompt twice in a row.
- **Few-shot.** An instruction, and pairs of a query with its completion that show how the instruction is meant. The
  last query is what will be answered; your own completion for it is kept to compare with.
- **Use case.** The task says what people want an assistant for. Write a prompt that one of them might send.

## A good prompt

- has an answer: somebody can say whether one answer is better than another;
- says all that is needed, the text to be summarised included;
- is as long, short, careful or sloppy as real prompts are: not every user writes whole sentences;
- comes from your own life and knowledge, not from a list on the web.

## Please do not

- copy prompts from elsewhere, or have a chatbot write them;
- put in names, addresses, health or other personal data of real people;
- write what nobody should answer, unless this project asks for such prompts.
"""

PRESET = Preset(
    key="prompt_write",
    kind="prompt",
    name="Write prompts",
    description="People write prompts: plain, few-shot or for a use case. Everybody else may then answer them.",
    guideline=GUIDELINE,
    config={"instruction": "Write a prompt that somebody else can answer.", "use_cases": list(USE_CASES)},
    follow_up="demo_write",
)
