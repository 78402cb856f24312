"""The loop on real data, as a user runs it: make loop-real DATA=folder.

Imports HH-RLHF, Open-Assistant and 1,000 GSM8K demonstrations over HTTP, freezes a release, trains the small
presets through the product's own workers, has the SFT model write completions, and then measures the reward
model's recipe on HH-RLHF by cross-validation (hh_cross_validation). Prints tables, and one JSON object last.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from annotation.processes import postgres
from tests.journeys.site import ROOT, Person, Site, run_manage, running_site

SOURCES = (
    ("hh_rlhf", "hh_rlhf_harmless/harmless-base_test.part.jsonl.gz", {}),
    ("openassistant", "openassistant/en_100_tree.part.jsonl", {"demonstrations": "best"}),
    (
        "jsonl",
        "gsm8k/train.jsonl",
        {"prompt_column": "question", "completion_column": "answer", "limit_rows": 1000, "source": "gsm8k"},
    ),
)
MINUTES = 60.0
PASSWORD = "netherfield-park"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path, help="folder with hh_rlhf_harmless, openassistant and gsm8k")
    asked.add_argument("--no-cross-validation", action="store_true", help="only the loop itself")
    given = asked.parse_args()
    # Asked to stop, it stops its site too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="bennet-loop-") as folder:
        figures = walk(given.data.absolute(), Path(folder))
    if not given.no_cross_validation:
        figures["hh_cross_validation"] = cross_validate(given.data.absolute())
    print(json.dumps(figures))


def walk(data: Path, folder: Path) -> dict[str, Any]:
    """Run the loop once on a site of its own; return the figures that it prints."""
    started_at = time.monotonic()
    with postgres.running(postgres.Server.under(folder / "var")) as server:
        environment = {"VAR_ROOT": str(folder / "var"), "DATABASE_URL": server.url}
        prepare(environment)
        with running_site(server.url, folder) as site:
            owner = arrive(site)
            project = owner.post("/api/projects/", {"name": "The loop on real data"}, expect=201)
            here = f"/api/projects/{project['id']}"
            imports = bring_in(owner, here, data)
            release = freeze(owner, here)
            models = {stage: train(owner, here, release["id"], stage) for stage in ("sft", "reward")}
            written = write(owner, here, models["sft"]["id"])
    minutes = (time.monotonic() - started_at) / MINUTES
    print(f"The loop took {minutes:.1f} minutes on {os.cpu_count()} cores.")
    return {
        "imports": imports,
        "release": release["counts"],
        **models,
        "written": written,
        "minutes": round(minutes, 1),
    }


def prepare(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "prepare"]
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)


def arrive(site: Site) -> Person:
    """Sign in by the link that the first start prints."""
    link = run_manage(site, "welcome").strip().rsplit("/", 1)[1]
    owner = Person(site)
    owner.post("/api/sign-in-links/redeem/", {"token": link})
    return owner


def bring_in(owner: Person, here: str, data: Path) -> dict[str, Any]:
    figures = {}
    print(f"{'source':<15}{'rows in':>9}{'prompts':>9}{'demos':>7}{'rankings':>10}{'left out':>10}  by reason")
    for name, path, options in SOURCES:
        content = (data / path).read_bytes()
        fields = {"format": "auto", "options": json.dumps(options)}
        sent = owner.upload(f"{here}/imports/", Path(path).name, content, **fields)
        done = owner.until_ended(f"{here}/imports/{sent['id']}/", seconds=300)
        counts, reasons = done["counts"], done["rejected_by_reason"]
        print(
            f"{name:<15}{counts['read']:>9,}{counts['prompts']:>9,}{counts['demonstrations']:>7,}"
            f"{counts['rankings']:>10,}{counts['rejected']:>10,}  {reasons or '–'}"
        )
        figures[name] = {**counts, "rejected_by_reason": reasons}
    return figures


def freeze(owner: Person, here: str) -> Any:
    sent = owner.post(f"{here}/releases/", {"name": "Real data", "selection": {}}, expect=202)
    release = owner.until_ended(f"{here}/releases/{sent['id']}/", seconds=300)
    print(f"\nrelease {release['digest_sha256'][:12]}: {release['counts']}, left out: {release['left_out'] or 'none'}")
    return release


def train(owner: Person, here: str, release: int, stage: str) -> Any:
    began = time.monotonic()
    order = {"release": release, "stage": stage, "start": {"preset": "small"}, "config": {}}
    run = owner.post(f"{here}/runs/", order, expect=202)
    ended = owner.until_ended(f"{here}/runs/{run['id']}/", seconds=40 * MINUTES)
    model = owner.get(f"{here}/models/{ended['model']['id']}/")
    minutes, test = (time.monotonic() - began) / MINUTES, model["metrics"]["test"]
    print(f"\n{stage}: {minutes:.1f} minutes, {ended['progress_total']} steps; rows {ended['counts']}")
    if stage == "sft":
        print(f"  test loss {test['loss_before']:.3f} before, {test['loss']:.3f} after")
    else:
        baselines = model["metrics"]["baselines"]["test"]
        for name, row in {"reward model": test, **baselines}.items():
            low, high = row.get("accuracy_low", row.get("low")), row.get("accuracy_high", row.get("high"))
            print(f"  {name:<14}{row['accuracy']:.3f}  [{low:.3f}, {high:.3f}]")
    return {"id": model["id"], "metrics": model["metrics"], "counts": ended["counts"], "minutes": round(minutes, 1)}


def write(owner: Person, here: str, model: int) -> Any:
    """Have the model write completions for a few prompts of the test split, as new ranking tasks."""
    rows = owner.get(f"{here}/protocols/")["results"]
    protocol = next(row["id"] for row in rows if row["kind"] == "ranking")
    order = {"protocol": protocol, "prompts": {"limit": 10, "split": "test"}, "n": 3, "max_new_tokens": 64, "seed": 0}
    batch = owner.post(f"{here}/models/{model}/completions/", order, expect=202)
    counts = owner.until_ended(f"{here}/completion-batches/{batch['id']}/", seconds=600)["counts"]
    print(f"\nthe SFT model wrote: {counts}")
    return counts


def cross_validate(data: Path) -> Any:
    command = [sys.executable, "-m", "tests.benchmarks.hh_cross_validation"]
    environment = os.environ | {"BENNET_DATA": str(data)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        last = ""
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
    if process.returncode:
        sys.exit("The cross-validation failed; its lines above say why.")
    return json.loads(last)


if __name__ == "__main__":
    main()
