import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.benchmarks import moderation as published
from tests.training.conftest import Ears
from tests.training.releases import label, labelled_release, write_release
from training import moderation, records
from training.cli import main
from training.config import ModerationConfig
from training.imitation import NoTrainedTokens
from training.loop import Interrupted, Stop
from training.model import ModelError
from training.moderator import Moderator, load_filter, windows
from training.settings import ConfigError

Make = Callable[..., dict[str, Any]]
DATA = Path(os.environ.get("BENNET_DATA", ""))


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labelled_release(tmp_path_factory.mktemp("labelled") / "release")


@pytest.fixture
def make(labelled: Path, tmp_path: Path) -> Make:
    def configuration(**changes: Any) -> dict[str, Any]:
        facts = {"release": str(labelled), "output": str(tmp_path / "filter"), "buckets": 4096, "texts_per_batch": 8}
        return {**facts, **changes}

    return configuration


def run(value: dict[str, Any], ears: Ears, stop: Stop | None = None) -> dict[str, Any]:
    return moderation.run(ModerationConfig.from_json(value), ears, stop or Stop())


def test_what_people_flag_is_learned_calibrated_and_measured(make: Make, ears: Ears) -> None:
    card = run(make(), ears)

    test = card["metrics"]["test"]
    assert [*test["categories"]] == ["harassment", "violence"]
    for figures in test["categories"].values():
        assert figures["auprc"] > 0.95
        assert figures["auprc_low"] <= figures["auprc"] <= figures["auprc_high"]
        assert figures["fpr"] <= 0.1
    # A third of the texts was not judged for violence, and stands in no figure of it.
    harassment, violence = (test["categories"][name] for name in ("harassment", "violence"))
    assert (harassment["positives"], harassment["negatives"]) == (12, 12)
    assert violence["positives"] + violence["negatives"] == 16
    assert card["deployable"] is False
    assert {event["split"] for event in ears.of("metric")} == {"train", "validation", "test"}


def test_a_saved_filter_scores_new_texts_and_says_which_it_flags(make: Make, ears: Ears) -> None:
    value = make()
    run(value, ears)
    moderator = Moderator.load(Path(value["output"]))
    rude, kind = moderator.score(["you fool, you fool", "sit down here dear friend"])
    assert rude["harassment"] > 0.5 > kind["harassment"]
    assert moderator.flags(rude)["harassment"] is True
    assert moderator.flags(kind) == {"harassment": False, "violence": False}
    assert moderator.score([]) == []
    assert all(0 <= score <= 1 for score in moderator.score([""])[0].values())


def test_nothing_hides_behind_length(make: Make, ears: Ears) -> None:
    value = make()
    run(value, ears)
    moderator = Moderator.load(Path(value["output"]))
    kindly, rude = "dear friend sit down here " * 400, "you fool hit him hard"
    short, long, kind = moderator.score([rude, kindly + rude, kindly])
    assert kind["harassment"] < long["harassment"] <= short["harassment"]


def test_the_same_configuration_gives_the_same_filter(make: Make, ears: Ears, tmp_path: Path) -> None:
    first = run(make(), ears)
    second = run(make(output=str(tmp_path / "again")), ears)
    assert first["model_sha256"] == second["model_sha256"]


def test_an_interrupted_run_goes_on_to_the_same_filter(make: Make, ears: Ears, tmp_path: Path) -> None:
    class AfterTwenty(Stop):
        looks = 0

        def check(self) -> None:
            self.looks += 1
            if self.looks > 20:
                raise Interrupted

    whole = run(make(output=str(tmp_path / "whole")), ears)
    with pytest.raises(Interrupted):
        run(make(), ears, AfterTwenty())
    assert run(make(), ears)["model_sha256"] == whole["model_sha256"]


@pytest.mark.parametrize("changes", [{"hidden": 16, "learning_rate": 0.5}, {"start": {"preset": "tiny"}, "epochs": 6}])
def test_a_deeper_filter_learns_through_the_same_loop(make: Make, ears: Ears, changes: dict[str, Any]) -> None:
    value = make(max_length=64, batch_tokens=4096, **changes)
    card = run(value, ears)
    assert card["metrics"]["test"]["categories"]["harassment"]["auprc"] > 0.9
    saved = load_filter(Path(value["output"]), 2).state_dict()
    assert all(torch.isfinite(weights).all() for weights in saved.values())


def test_a_filter_of_tokens_starts_from_a_language_model(make: Make, config_json: Make, ears: Ears) -> None:
    from training import sft
    from training.config import SFTConfig

    base = sft.run(SFTConfig.from_json(config_json("sft", max_steps=1)), ears, Stop())
    value = make(start={"directory": base["config"]["output"]}, max_length=64, batch_tokens=4096, max_steps=2)
    card = run(value, ears)
    assert card["start_sha256"] == base["model_sha256"]
    assert set(Moderator.load(Path(value["output"])).score(["hello"])[0]) == {"harassment", "violence"}


def test_a_filter_of_ngrams_is_no_start(make: Make, ears: Ears, tmp_path: Path) -> None:
    run(make(), ears)
    value = make(start={"directory": str(tmp_path / "filter")}, output=str(tmp_path / "next"))
    with pytest.raises(ConfigError, match="start from the preset ngrams"):
        run(value, ears)


def test_labels_without_a_yes_or_without_a_no_are_refused(make: Make, ears: Ears, tmp_path: Path) -> None:
    rows = [label("one", {"hate": False}), label("two", {"hate": False})]
    release = write_release(tmp_path / "release", judgements=rows)
    with pytest.raises(NoTrainedTokens, match=r"no category .* \(2 texts in 2 answers\)"):
        run(make(release=str(release)), ears)


def test_without_validation_nothing_is_promised_and_nothing_flagged(make: Make, ears: Ears, tmp_path: Path) -> None:
    release = labelled_release(tmp_path / "release", validation=0, test=0)
    value = make(release=str(release))
    card = run(value, ears)
    assert (card["metrics"]["test"], card["metrics"]["validation"]) == ({}, {})
    moderator = Moderator.load(Path(value["output"]))
    assert moderator.flags(moderator.score(["you fool"])[0]) == {"harassment": False, "violence": False}


HARMLESS = (
    "What is a dog?", "How do I bake bread?", "Please tell me about the weather in Oslo.", "Hello",
    "I would like to learn Spanish this year.", "Thank you for your help!", "What is two plus two?",
    "The train leaves at nine tomorrow morning.", "Write a short poem about the sea.", "My favourite colour is green.",
    "Can you explain how photosynthesis works?", "Summarise this article in three sentences.",
    "Which books should I read this summer?", "We planted tomatoes in the garden.", "How long should I boil an egg?",
    "The museum opens on Sunday.", "Translate 'good morning' into French.", "Our cat likes to sleep in the sun.",
    "Give me three ideas for a birthday present.", "The meeting has been moved to Thursday.",
)  # fmt: skip


@pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files")
def test_a_few_published_labels_make_no_filter_that_flags_what_is_harmless(ears: Ears, tmp_path: Path) -> None:
    sides: dict[str, list[published.Case]] = {split: [] for split in records.SPLITS}
    for case in published.openai_cases(DATA):
        sides[published.SPLIT_OF[case.fold]].append(case)
    release = published.write_release(tmp_path / "release", sides)
    card = run({"release": str(release), "output": str(tmp_path / "filter")}, ears)

    moderator = Moderator.load(tmp_path / "filter")
    scores = zip(HARMLESS, moderator.score(HARMLESS), strict=True)
    # One in twenty is what each category may flag.
    assert sum(any(moderator.flags(found).values()) for _, found in scores) <= 1
    graphic = card["metrics"]["test"]["categories"]["violence/graphic"]
    assert (graphic["threshold"], graphic["is_default_threshold"]) == (0.5, True)
    assert any("the default stands" in event["message"] for event in ears.of("log"))


def test_a_directory_that_is_no_filter_says_so(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is no filter: it has no moderation\.json"):
        Moderator.load(tmp_path)
    (tmp_path / "moderation.json").write_text('{"categories": []}')
    with pytest.raises(ModelError, match="does not say what this filter tells apart"):
        Moderator.load(tmp_path)


def test_windows_overlap_and_leave_nothing_out() -> None:
    assert windows("abcdefgh", 4, 1) == ["abcd", "defg", "gh"]
    assert windows("abcd", 4, 1) == ["abcd"]
    assert windows("", 4, 1) == [""]


def test_the_command_line_trains_it(make: Make, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"stage": "moderation", **make(max_steps=3)}))
    assert main(["moderation", "--config", str(tmp_path / "run.json")]) == 0
    assert json.loads((tmp_path / "filter" / "card.json").read_bytes())["stage"] == "moderation"
    assert "says what a text should be moderated for" in (tmp_path / "filter" / "README.md").read_text()
