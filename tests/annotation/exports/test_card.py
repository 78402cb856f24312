"""The data card: front matter that a YAML reader takes, and nobody's text as markup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from annotation.exports import card
from annotation.exports.models import Release
from annotation.exports.plots import bars
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer
from training.records import Manifest

Freeze = Callable[..., Release]


def front_matter(text: str) -> dict[str, Any]:
    _, head, _ = text.split("---\n", 2)
    return dict(yaml.safe_load(head))


def test_a_release_has_a_card(media: Path, answers: dict[str, Answer], freeze: Freeze) -> None:
    Answer.objects.filter(pk=answers["lease"].pk).update(is_spare=True)
    release = freeze("Spring “1”")
    text = (media / "releases" / release.digest_sha256 / "README.md").read_text()
    head = front_matter(text)
    assert (head["pretty_name"], head["size_categories"]) == ("Spring “1”", ["n<1K"])
    assert {config["config_name"] for config in head["configs"]} == {"demonstrations", "rankings"}
    for config in head["configs"]:
        for file in config["data_files"]:
            assert release.counts[config["config_name"]][file["split"]]
            assert (media / "releases" / release.digest_sha256 / file["path"]).is_file()
    for said in (
        "## Protocols",
        "## Agreement",
        "Not measured",
        "## Languages",
        "- spare answer: 1",
        "## Known limits",
    ):
        assert said in text
    assert "Rank completions" in text


def test_nobodys_text_is_markup(
    media: Path, answers: dict[str, Answer], freeze: Freeze, project: Project, ranking_protocol: Protocol
) -> None:
    Project.objects.filter(pk=project.pk).update(name="<script>alert(1)</script>")
    type(ranking_protocol).objects.filter(pk=ranking_protocol.pk).update(name="a | b [c](javascript:d)")
    release = freeze("one: # two\u2028---")
    text = (media / "releases" / release.digest_sha256 / "README.md").read_text()
    assert front_matter(text)["pretty_name"] == "one: # two ---"
    assert "<script" not in text
    assert "](javascript" not in text
    assert "a \\| b" in text


@pytest.mark.parametrize(
    ("rows", "size"), [(999, "n<1K"), (1_000, "1K<n<10K"), (5_000_000, "1M<n<10M"), (10**8, "10M<n<100M")]
)
def test_sizes_have_the_hubs_names(rows: int, size: str) -> None:
    extra = {
        "distributions": {"of": 0, "languages": {"en": 1, "": 2, "not a code!": 1}, "lengths": [], "k": {}, "ties": {},
                          "annotators": []},
        "protocols": {}, "agreement": {}, "pair_rule": {},
    }  # fmt: skip
    manifest = Manifest(
        digest_sha256="d", name="n", project="p", selection={}, left_out={}, files=(), extra=extra,
        counts={"rankings": {"train": rows, "validation": 0, "test": 0}},
    )  # fmt: skip
    head = front_matter(card.render(manifest))
    assert (head["size_categories"], head["language"]) == ([size], ["en"])


def test_bars_are_svg_whatever_they_name() -> None:
    drawn = bars("Ties & such", [("<b>", 3), ("none", 0), ('"quoted"', 1.5)])
    tree = ElementTree.fromstring(drawn)
    texts = [node.text for node in tree.iter() if node.text]
    assert texts[:3] == ["Ties & such", "<b>", "3"]
    assert bars("nothing", []).startswith("<svg")
