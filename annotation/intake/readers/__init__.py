"""One file per format. Each reader turns lines into checked rows, rows turned away and what it skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import (
    alpaca,
    autoj,
    bennet,
    chats,
    columns,
    davidson,
    doccano,
    fastchat,
    gsm8k,
    hatecheck,
    hh_rlhf,
    label_studio,
    llama_factory,
    moderation,
    nemo,
    openassistant,
    pandalm,
    text,
    trl,
    tulu,
    ultrafeedback,
)
from annotation.intake.rows import Outcome

Reader = Callable[[Iterator[Line], Options], Iterator[Outcome]]

READERS: dict[str, Reader] = {
    "bennet": bennet.read,
    "csv": columns.read_csv,
    "jsonl": columns.read_json_lines,
    "hh_rlhf": hh_rlhf.read,
    "openassistant": openassistant.read,
    "label_studio": label_studio.read,
    "pandalm": pandalm.read,
    "tulu": tulu.read,
    "davidson": davidson.read,
    "trl_sft": trl.read,
    "trl_prompt": trl.read,
    "trl_preference": trl.read_preference,
    "trl_unpaired": trl.read_unpaired,
    "openai_chat": chats.read,
    "openai_preference": chats.read_preference,
    "sharegpt": chats.read,
    "alpaca": alpaca.read,
    "llama_factory_preference": llama_factory.read,
    "nemo_preference": nemo.read,
    "ultrafeedback": ultrafeedback.read,
    "autoj": autoj.read,
    "gsm8k_solutions": gsm8k.read,
    "hatecheck": hatecheck.read,
    "openai_moderation": moderation.read,
    "doccano": doccano.read,
    "doccano_pairs": doccano.read_pairs,
    "mt_bench": fastchat.read,
    "text": text.read,
}

# What a protocol that an import has to make is called after.
TITLES = {
    "hh_rlhf": "HH-RLHF",
    "openassistant": "Open-Assistant",
    "label_studio": "Label Studio",
    "pandalm": "PandaLM",
    "tulu": "Tulu",
    "davidson": "Davidson",
    "trl_unpaired": "Good or bad",
    "autoj": "Auto-J",
    "hatecheck": "HateCheck",
    "openai_moderation": "OpenAI's moderation set",
    "mt_bench": "MT-bench",
}

# What a protocol's configuration must say for the judgements of a format to fit it, by kind.
NEEDS: dict[str, Mapping[str, Mapping[str, Any]]] = {
    "label_studio": label_studio.NEEDS,
    "pandalm": pandalm.NEEDS,
    "tulu": tulu.NEEDS,
    "davidson": davidson.NEEDS,
    "trl_unpaired": trl.NEEDS,
    "autoj": autoj.NEEDS,
    "hatecheck": hatecheck.NEEDS,
    "openai_moderation": moderation.NEEDS,
    "mt_bench": fastchat.NEEDS,
}
