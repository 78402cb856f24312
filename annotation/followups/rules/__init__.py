"""What follows a finished answer, by the answer's kind. A new rule is one file here and one name in this list."""

from annotation.followups.rules import demonstrations, prompts
from annotation.followups.rules.shape import Rule

RULES: dict[str, Rule] = {rule.kind: rule for rule in (demonstrations.RULE, prompts.RULE)}

__all__ = ["RULES", "Rule"]
