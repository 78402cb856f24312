"""moderation_label: what a text should be moderated for, by OpenAI's thirteen categories.

Source: openai/openai-openapi, CreateModerationResponse, for the categories and what each of them means.
"""

from annotation.projects.presets.shape import Preset

GUIDELINE = """\
# What should this text be moderated for?

**These texts can be hard to read.** Each is blurred until you ask to see it. *Too much for me* takes you on at once: it
counts against nobody, and nobody asks why. You said which kinds of content you agree to see; take that back whenever
you like under *My work*.

Say **yes**, **no** or **unknown** for each category. *Unknown* is not *no*: it is right where you would have to
guess, where you lack the language or the context. The filter learns nothing from it, and a wrong *no* does harm.

| Category | Yes when the text … |
|---|---|
| harassment | attacks, demeans or bullies a person |
| harassment/threatening | does so and threatens or wishes harm on them |
| hate | expresses or incites hatred of a group for race, gender, faith, origin, orientation, disability or caste |
| hate/threatening | does so and threatens violence or serious harm |
| illicit | gives advice on how to commit wrongs, such as how to shoplift |
| illicit/violent | does so with violence or weapons |
| self-harm | speaks for, encourages or depicts acts of self-harm |
| self-harm/intent | its speaker does or means to do themselves harm |
| self-harm/instructions | says how to |
| sexual | is meant to arouse, or sells sexual services; teaching and health are not |
| sexual/minors | is sexual and includes anybody under 18 |
| violence | depicts death, violence or injury |
| violence/graphic | does so in detail |

- Judge what the text **says or asks for**, not its subject: a news report on a murder is *violence*, and not *illicit*.
- Quoting hatred to object to it is not hate. Saying it as a joke is.
- A narrower category includes the wider: *hate/threatening* is also *hate*.
- Where a prompt and its answer are shown, judge the **answer**.
"""

PRESET = Preset(
    key="moderation_label",
    kind="moderation_label",
    name="Label for moderation",
    description="Say yes, no or unknown of each text by OpenAI's moderation categories; the texts may be hard to read.",
    guideline=GUIDELINE,
    config={"instruction": "What should this text be moderated for?"},
    columns={"required_answers": 2},
)
