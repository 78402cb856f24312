"""What a person says of an appeal teaches the next filter: the text that the filter read becomes a prompt of the
project's protocol for moderation, and the verdict its judge's answer.

Whoever appeals is told so. The text is theirs to take back as what they consented to is: with the conversation, or
with its consent. What nobody judged stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from annotation.assignment.out_of_turn import answer_out_of_turn
from annotation.chat.models import Appeal, ContributedPrompt, ModerationDecision, Side
from annotation.people.models import User
from annotation.projects.actions import NameTaken, found_protocol
from annotation.projects.models import Project, Protocol, ProtocolState
from annotation.projects.presets import PRESETS
from annotation.projects.protocol import whole_config
from annotation.tasks.actions import add_prompt, config_of, open_task
from annotation.tasks.messages import BadMessages
from annotation.tasks.models import Answer, Prompt, Source
from annotation.tasks.recording import AnswerSealed
from training.categories import CATEGORIES, in_order

PRESET = "moderation_label"
SOURCE_LABEL = "appeal"


def teach(appeal: Appeal, *, judge: User, now: datetime) -> Answer | None:
    """Store what the judge said of an appeal as their answer; return it, None where there is nothing to learn.

    That is where the house knows none of the categories, and where the same text was taken back before.
    The caller holds the rows of the conversation and the appeal.
    """
    labels = {name: holds for name, holds in appeal.labels.items() if name in CATEGORIES}
    prompt = _prompt_of(appeal, now) if labels else None
    if prompt is None or prompt.withdrawal_id:
        return None
    protocol = _protocol_for(appeal.project, labels, judge, now)
    task, _ = open_task(protocol=protocol, prompt=prompt, required_answers=1, now=now)
    before = Answer.objects.filter(task=task, annotator=judge).first()
    try:
        return answer_out_of_turn(task=task, actor=judge, payload=_said(labels, before), now=now)
    except AnswerSealed:
        # What they said of the same text before stands in a release, or was struck: it takes no other form.
        return before


def _prompt_of(appeal: Appeal, now: datetime) -> Prompt | None:
    """Return the text that the filter read as a prompt; one that is there already is somebody else's, and stays so."""
    decision: ModerationDecision = appeal.decision
    turn = decision.turn
    try:
        prompt, is_new = add_prompt(
            project=appeal.project,
            messages=[{"role": "user", "content": decision.text}],
            author=appeal.person,
            now=now,
            group_key=f"chat-{turn.conversation_id}",
            source_kind=Source.PERSON if decision.side == Side.INPUT else Source.MODEL,
            source_label=SOURCE_LABEL,
        )
    except BadMessages:
        # A model may write what nobody can be asked about, such as control characters.
        return None
    if is_new:
        ContributedPrompt.objects.create(turn=turn, prompt=prompt, at=now)
    return prompt


def _protocol_for(project: Project, categories: Iterable[str], actor: User, now: datetime) -> Protocol:
    """Return where these categories are judged: the oldest protocol for texts of one turn that asks them all."""
    wanted = {*categories}
    found = _there(project, wanted)
    if found is not None:
        return found
    asked = whole_config(PRESET, PRESETS[PRESET].config)["categories"]
    try:
        return found_protocol(
            project=project, preset=PRESET, config={"categories": [*in_order({*asked, *wanted})]}, actor=actor, now=now
        )
    except NameTaken:
        # Somebody who decided another appeal at the same time was first.
        found = _there(project, wanted)
        if found is None:
            raise
        return found


def _there(project: Project, wanted: set[str]) -> Protocol | None:
    """Look among the project's protocols, active ones before paused ones."""
    rows = Protocol.objects.filter(project=project, kind=PRESET).exclude(state=ProtocolState.ARCHIVED)
    return next((row for row in rows.order_by("state", "pk") if _fits(config_of(row), wanted)), None)


def _fits(config: Mapping[str, Any], wanted: set[str]) -> bool:
    return config["subject"] == "prompt" and not config["require_rationale"] and wanted <= {*config["categories"]}


def _said(labels: Mapping[str, bool], before: Answer | None) -> dict[str, Any]:
    """Return the answer's payload: what the judge said of the text before, where that is not said otherwise now."""
    old: Mapping[str, Any] = before.payload if before is not None else {}
    verdicts = {**old.get("verdicts", {}), **labels}
    return {
        "verdicts": verdicts,
        "severity": {name: level for name, level in old.get("severity", {}).items() if verdicts[name]},
        "spans": [span for span in old.get("spans", []) if verdicts[span["category"]]],
        "rationale": old.get("rationale", ""),
    }
