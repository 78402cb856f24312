"""Views read by those they are written for: Hugging Face's loaders, and TRL's trainers, which take one step each.

Everything is local: the model is drawn from a seed, its tokenizer is trained on the rows. The loaders of LLaMA-Factory,
Axolotl, NeMo-RL and OpenAI are not run: test_formats checks the shapes that they document.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotation.exports import view_files
from annotation.exports.views import VIEWS
from tests.annotation.exports.views.records import COMPARISON, DEMONSTRATION, QUESTION, RANKING
from tests.annotation.exports.views.test_views import has_null, stored

pytestmark = pytest.mark.training

ASKED_ONCE = {"messages": list(QUESTION)}
RECORDS = {
    "demonstrations": [stored(DEMONSTRATION), stored(DEMONSTRATION) | ASKED_ONCE],
    "rankings": [stored(RANKING), stored(COMPARISON), stored(COMPARISON) | ASKED_ONCE],
}
# Whose rows a Hugging Face loader reads: all have the same keys, so that it fills in no null.
LINES = [*(name for name, view in VIEWS.items() if view_files.has_columns(view)), "axolotl_chat_template"]
COLUMNS = [name for name, view in VIEWS.items() if view_files.has_columns(view)]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))


def rows_of(name: str, choices: dict[str, Any]) -> list[dict[str, Any]]:
    records = [record for kind in VIEWS[name].kinds for record in RECORDS.get(kind, [])]
    return [row for row in VIEWS[name].stream(records, choices) if not isinstance(row, str)]


def written(place: Path, name: str, **options: Any) -> tuple[str, list[dict[str, Any]]]:
    """Return the path of the view's file, and its rows."""
    view = VIEWS[name]
    choices = view_files.choices_of(view, options)
    rows = rows_of(name, choices)
    assert rows
    path = f"train.{view_files.extension_of(choices)}"
    with view_files.ViewFile(place, path, choices, view.columns(choices)) as file:
        for row in rows:
            file.add(row)
        file.entry()
    return str(place / path), rows


def loaded(builder: str, path: str, place: Path) -> Any:
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    return datasets.load_dataset(builder, data_files={"train": path}, split="train", cache_dir=str(place / "cache"))


@pytest.mark.parametrize("name", LINES)
def test_datasets_loads_the_lines(name: str, tmp_path: Path) -> None:
    path, rows = written(tmp_path, name)
    found = list(loaded("json", path, tmp_path))
    assert found == rows
    assert not has_null(found)


@pytest.mark.parametrize("name", COLUMNS)
def test_datasets_loads_the_columns(name: str, tmp_path: Path) -> None:
    path, rows = written(tmp_path, name, container="parquet")
    found = list(loaded("parquet", path, tmp_path))
    assert found == rows
    assert not has_null(found)


def test_datasets_unpacks_what_is_packed(tmp_path: Path) -> None:
    path, rows = written(tmp_path, "trl_preference", compression="gz")
    assert list(loaded("json", path, tmp_path)) == rows


@pytest.mark.parametrize("name", ["csv_demonstrations", "csv_rankings"])
def test_datasets_loads_the_tables(name: str, tmp_path: Path) -> None:
    path, rows = written(tmp_path, name)
    found = list(loaded("csv", path, tmp_path))
    assert [row["completion"] for row in found] == [row["completion"] for row in rows]
    assert list(found[0]) == list(rows[0])


@pytest.fixture(scope="module")
def trl() -> Iterator[Any]:
    """TRL itself: importing it takes longer than the steps."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE", "TRL_EXPERIMENTAL_SILENCE"):
            patch.setenv(name, "1")
        module = pytest.importorskip("trl")
        # Each is imported when it is first named.
        for name in ("SFT", "Reward", "DPO"):
            getattr(module, f"{name}Trainer"), getattr(module, f"{name}Config")
        yield module


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from training.chat import chat_for
    from training.tokenizer import train_tokenizer

    said = [turn["content"] for record in RECORDS["rankings"] for turn in record["messages"]]
    return chat_for(train_tokenizer([*said, "text a, edited"] * 4, 300)).tokenizer


def settings(config: Any, place: Path) -> Any:
    return config(
        output_dir=str(place / "run"),
        max_steps=1,
        per_device_train_batch_size=2,
        max_length=128,
        report_to="none",
        save_strategy="no",
        logging_steps=1,
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
    )


def one_step(trainer: Any, rows: int) -> float:
    """Train one step and return its loss. TRL drops rows that it cannot use and says nothing."""
    assert len(trainer.train_dataset) == rows
    loss = float(trainer.train().training_loss)
    assert 0 < loss < 100
    return loss


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("trl_sft", {}),
        ("trl_sft_prompt_completion", {}),
        ("trl_sft_prompt_completion", {"form": "standard"}),
    ],
)
def test_trl_fine_tunes_a_step(name: str, options: Any, trl: Any, tokenizer: Any, tmp_path: Path) -> None:
    from training.model import build_causal

    path, rows = written(tmp_path, name, container="parquet", **options)
    trainer = trl.SFTTrainer(
        model=build_causal("tiny", tokenizer, 0),
        args=settings(trl.SFTConfig, tmp_path),
        train_dataset=loaded("parquet", path, tmp_path),
        processing_class=tokenizer,
    )
    one_step(trainer, len(rows))


@pytest.mark.parametrize(
    ("name", "options"),
    [("trl_preference", {}), ("trl_preference", {"form": "standard"}), ("trl_reward_margin", {}), ("hh_rlhf", {})],
)
def test_trl_trains_a_reward_model_a_step(name: str, options: Any, trl: Any, tokenizer: Any, tmp_path: Path) -> None:
    from training.model import build_reward

    path, rows = written(tmp_path, name, **options)
    trainer = trl.RewardTrainer(
        model=build_reward("tiny", tokenizer, 0),
        args=settings(trl.RewardConfig, tmp_path),
        train_dataset=loaded("json", path, tmp_path),
        processing_class=tokenizer,
    )
    one_step(trainer, len(rows))
    assert ("margin" in trainer.train_dataset.column_names) == (name == "trl_reward_margin")


@pytest.mark.parametrize("options", [{}, {"form": "standard"}, {"weights": True}])
def test_trl_prefers_directly_a_step(options: Any, trl: Any, tokenizer: Any, tmp_path: Path) -> None:
    from training.model import build_causal

    path, rows = written(tmp_path, "trl_preference", container="parquet", **options)
    # It loads the model that it compares with from where the other one came from.
    build_causal("tiny", tokenizer, 0).save_pretrained(tmp_path / "model")
    trainer = trl.DPOTrainer(
        model=str(tmp_path / "model"),
        args=settings(trl.DPOConfig, tmp_path),
        train_dataset=loaded("parquet", path, tmp_path),
        processing_class=tokenizer,
    )
    # The model is its own reference yet, so the loss is that of not knowing: ln 2.
    assert one_step(trainer, len(rows)) == pytest.approx(0.6931, abs=1e-3)
