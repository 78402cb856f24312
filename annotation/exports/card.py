"""A release's data card: README.md in the format of Hugging Face's dataset cards, written when it is frozen. Pure but
for the file.

Source: huggingface.co/docs/hub/datasets-cards, the YAML block's fields; the sections follow its template.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from annotation.exports.plots import bars
from training.records import SPLITS, FileEntry, Manifest

NAME = "README.md"
# The names of dataset sizes on the hub, by the number of rows up to which each goes.
SIZES = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10**7, "1M<n<10M"),
)  # fmt: skip
LARGER = "10M<n<100M"
# ISO 639 codes, with a region or script behind: anything else is no language to the hub.
_IS_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*").fullmatch

SPLIT_RULES = {
    "prompt": "by conversation tree or first human turn: no prompt group and no cluster of near-duplicate prompts "
    "stands in two splits",
    "annotator": "by a hash of the annotator: no annotator and no prompt group stands in two splits",
}
LIMITS = (
    "What people judged is their judgement under one guideline, not the truth.",
    "Annotators stand here under keyed pseudonyms that are the same throughout the project's releases.",
    "Texts are as they were written: nothing was searched for personal data before it was frozen.",
)


def write(work: Path, manifest: Manifest) -> FileEntry:
    """Write the card into a release's directory and return what the manifest says of it."""
    text = render(manifest).encode()
    (work / NAME).write_bytes(text)
    return FileEntry(NAME, 0, len(text), hashlib.sha256(text).hexdigest())


def render(manifest: Manifest) -> str:
    return "\n".join([*_front_matter(manifest), "", *_sections(manifest)]) + "\n"


def _front_matter(manifest: Manifest) -> Iterator[str]:
    rows = sum(sum(splits.values()) for splits in manifest.counts.values())
    languages = [name for name in manifest.extra["distributions"]["languages"] if _IS_LANGUAGE(name)]
    yield "---"
    yield f"pretty_name: {json.dumps(_line(manifest.name), ensure_ascii=False)}"
    if languages:
        yield "language:"
        yield from (f"- {json.dumps(name)}" for name in languages)
    yield "size_categories:"
    yield f"- {next((name for most, name in SIZES if rows < most), LARGER)}"
    yield "tags:"
    yield "- human-feedback"
    yield "configs:"
    for kind, splits in manifest.counts.items():
        # A configuration without a row would be refused by the loader.
        if any(splits.values()):
            yield f"- config_name: {kind}"
            yield "  data_files:"
            for split in (split for split in SPLITS if splits[split]):
                yield f"  - split: {split}"
                yield f"    path: {split}/{kind}.parquet"
    yield "---"


def _sections(manifest: Manifest) -> Iterator[str]:
    yield f"# {_text(manifest.name)}"
    yield ""
    yield (
        f"Human feedback collected in the project {_text(manifest.project)} and frozen on {manifest.created_at}. "
        f"Digest of the records: `{manifest.digest_sha256}`."
    )
    yield from _records(manifest)
    yield from _protocols(manifest.extra["protocols"])
    yield from _agreement(manifest.extra["agreement"])
    yield from _languages(manifest.extra["distributions"])
    yield from _left_out(manifest.left_out)
    yield from _plots(manifest.extra["distributions"])
    yield from ("", "## Known limits", "", *(f"- {limit}" for limit in LIMITS))


def _records(manifest: Manifest) -> Iterator[str]:
    yield from ("", "## Records", "", "| kind | " + " | ".join(SPLITS) + " |", "|---|" + "---:|" * len(SPLITS))
    for kind, splits in manifest.counts.items():
        yield f"| {kind} | " + " | ".join(f"{splits[split]:,}" for split in SPLITS) + " |"
    yield ""
    yield f"Split {SPLIT_RULES[manifest.selection.get('split_by', 'prompt')]}."
    yield ""
    yield f"Selection: `{json.dumps(manifest.selection)}`."
    yield ""
    yield f"Pairs, where a view makes them of rankings, by default: `{json.dumps(manifest.extra['pair_rule'])}`."


def _protocols(protocols: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Protocols", "", "| protocol | kind | versions | guideline versions | answers |")
    yield "|---|---|---|---|---:|"
    for key, said in protocols.items():
        if said["answers"]:
            versions, guidelines = (_numbers(said[name]) for name in ("versions", "guideline_versions"))
            named = f"{_text(said['name'])} (`{key}`)"
            yield f"| {named} | {said['kind']} | {versions} | {guidelines} | {said['answers']:,} |"


def _agreement(agreement: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Agreement", "")
    if not agreement:
        yield "Not measured: no two people answered the same task."
        return
    yield "| split | kind | tasks | answers | agreement | 95 % interval |"
    yield "|---|---|---:|---:|---:|---|"
    for split, kinds in agreement.items():
        for kind, said in kinds.items():
            share = _share(said["agreement"]) if said["is_measured"] else "not measured"
            between = f"{_share(said['agreement_low'])} to {_share(said['agreement_high'])}"
            interval = between if said["is_measured"] else ""
            yield f"| {split} | {kind} | {said['tasks']:,} | {said['answers']:,} | {share} | {interval} |"
    yield ""
    yield "Shares of pairs, or of values, that two people judged alike. Fewer than 50 tasks are called not measured."


def _languages(distributions: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Languages", "")
    for name, count in distributions["languages"].items():
        yield f"- {_text(name) or 'not said'}: {count:,} of {distributions['of']:,} records looked at"


def _left_out(left_out: Mapping[str, int]) -> Iterator[str]:
    yield from ("", "## Left out", "")
    if not left_out:
        yield "Nothing that the selection names."
    for reason, number in left_out.items():
        yield f"- {reason.replace('_', ' ')}: {number:,}"


def _plots(distributions: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Plots", "", f"Of {distributions['of']:,} records.")
    lengths = [(f"{one['from']:,}+ characters", one["count"]) for one in distributions["lengths"]]
    shown = {
        "Lengths of completions": lengths,
        "Completions in a ranking": list(distributions["k"].items()),
        "Ties in a ranking": list(distributions["ties"].items()) if distributions["k"] else [],
        "Records by annotator": [(one["annotator"], one["count"]) for one in distributions["annotators"][:20]],
    }
    for title, counts in shown.items():
        if counts:
            yield from ("", f"### {title}", "", bars(title, counts))


def _numbers(values: list[int]) -> str:
    return ", ".join(map(str, values)) or "none"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _text(text: str) -> str:
    """Return somebody's text so that it is nothing but text in Markdown."""
    return escape(re.sub(r"([\\`*_{}\[\]()#+!|-])", r"\\\1", _line(text)), quote=False)
