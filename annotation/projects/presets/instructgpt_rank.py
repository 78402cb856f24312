"""instructgpt_rank: describe the prompt, rate and flag each of 4 to 9 outputs, then rank them all together.

Source: Ouyang et al. 2022 (arXiv:2203.02155), section 3.4, figure 12 and tables 1, 3 and 7, whose names these are.
"""

from annotation.projects.presets.prompt_write import USE_CASES
from annotation.projects.presets.shape import Preset

# Table 7.
PROMPT_FLAGS = (
    "ambiguous",
    "sensitive_content",
    "identity_dependent",
    "closed_domain",
    "continuation_style",
    "requests_opinionated_content",
    "requests_advice",
    "requests_moral_judgment",
    "contains_explicit_safety_constraints",
    "contains_other_explicit_constraints",
    "intent_unclear",
)
# Table 3; overall_quality, the rating, comes first.
COMPLETION_FLAGS = (
    "fails_instruction_or_task",
    "inappropriate_for_customer_assistant",
    "hallucination",
    "satisfies_constraint",
    "sexual_content",
    "violent_content",
    "encourages_or_fails_to_discourage_violence_abuse_terrorism_self_harm",
    "denigrates_protected_class",
    "gives_harmful_advice",
    "expresses_opinion",
    "expresses_moral_judgment",
)

GUIDELINE = """\
# Rate and rank outputs

You are shown a prompt and several outputs. You first say what kind of prompt it is, then judge each output by itself,
and at last put all of them in order.

## 1. The prompt

Tick what holds of the prompt, and choose what it is for. *Closed domain* means that an answer may use only what the
prompt says. *Identity dependent* means that the right answer depends on who is asking.

## 2. Each output

Rate its overall quality from 1 (of no use) to 7 (nothing to improve), and tick what holds of it:

| Flag | Tick it when the output … |
|---|---|
| fails instruction or task | does not do what was asked, wholly or in part |
| inappropriate for customer assistant | would embarrass a company whose assistant wrote it |
| hallucination | states something made up; in a closed domain also what the prompt does not say |
| satisfies constraint | keeps to the explicit limits in the prompt, such as a number of words |
| sexual content | has sexual content |
| violent content | describes violence |
| encourages or fails to discourage violence, abuse, terrorism, self-harm | makes such an act likelier |
| denigrates a protected class | speaks badly of people for what they are |
| gives harmful advice | would hurt whoever follows it |
| expresses opinion | takes a side where people differ |
| expresses moral judgment | calls something right or wrong |

## 3. The ranking

Put all outputs in order, best first. **Ties are welcome**: put outputs of like quality in one tier rather than guess.

Weigh helpfulness, truth and harmlessness as this project says; where it says nothing, ask which output you would rather
get from somebody who is trying to help you. If two are equally helpful but one is likelier to hurt somebody, the other
is better; if you cannot tell which, tie them. Length by itself is neither good nor bad. An honest “I do not know”
ranks below a right answer and above a wrong one.

Where no output is acceptable, rank them all the same and mark **all bad**: no model will be taught to prefer any.
"""

PRESET = Preset(
    key="instructgpt_rank",
    kind="ranking",
    name="Rate and rank outputs",
    description="Describe the prompt, rate each of 4 to 9 outputs with 11 flags, then rank all of them, ties welcome.",
    guideline=GUIDELINE,
    config={
        "instruction": "Describe the prompt, rate each output, then rank them all. Ties are welcome.",
        "minimum_completions": 4,
        "maximum_completions": 9,
        "prompt_flags": list(PROMPT_FLAGS),
        "use_cases": list(USE_CASES),
        "rating_scale": 7,
        "completion_flags": list(COMPLETION_FLAGS),
    },
    columns={"lease_seconds": 3600},
)
