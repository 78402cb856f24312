"""demo_write: the ideal answer, in one turn or several; a second person scores it.

Source: Ouyang et al. 2022 (arXiv:2203.02155), sections 3.2 and 3.4, and appendix B.
"""

from annotation.projects.presets.shape import Preset

GUIDELINE = """\
# Write the ideal answer

You are shown a prompt. Write the answer that an expert with plenty of time, who wants the best for the person asking,
would give. The model learns to write as you do, so every careless sentence comes back a thousand times.

## What counts, in this order

1. **It helps.** Work out what the person wants, also where they put it badly, and do exactly that. Keep to the length,
   form and language they asked for. Where the prompt is ambiguous, take the likeliest reading and say which, or ask.
2. **It is true.** Write nothing that you do not know or have not looked up. Say what is uncertain. For a question
   about a text in the prompt, add nothing that the text does not say.
3. **It does no harm.** Where an answer would help somebody hurt people, say in a sentence what you will not do and
   offer what you can. Do not lecture.

## How it should read

- Begin with the answer, then what supports it. No introduction that repeats the question.
- As short as it can be without losing anything that the person needs.
- Plain words, whole sentences; lists and headings only where they make it easier to read.
- Code that runs; figures with their units.

## Please do not

- paste what a chatbot wrote: the model must not learn from a model;
- write phrases such as “As an AI language model” or “Great question!”;
- put in names, addresses or numbers of real private persons.

## Several turns

Where you may write more than one turn, you play both: what the user says next, and what the assistant answers. End
with an answer of the assistant.

## When to skip

Skip a prompt in a language you do not write well, on a subject where you could not tell right from wrong, or that you
would rather not read. A skipped prompt costs you nothing.
"""

PRESET = Preset(
    key="demo_write",
    kind="demonstration",
    name="Write demonstrations",
    description="People write the ideal answer to each prompt; a second person scores it from 1 to 7.",
    guideline=GUIDELINE,
    config={"instruction": "Write the answer you would want to get.", "multi_turn": True},
    columns={"lease_seconds": 3600},
    follow_up="demo_score",
)
