"""What `python -m training sample` and `score` do, without a model: `python slow_child.py CONFIG SECONDS`.

It writes its file line by line, says how far it is, and takes so many seconds over each line after the first half.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

config: dict[str, Any] = json.loads(Path(sys.argv[1]).read_bytes())
is_judge = config["stage"] == "score"
given = [json.loads(line) for line in Path(config["items" if is_judge else "prompts"]).read_text().splitlines()]


def line_for(row: dict[str, Any]) -> dict[str, Any]:
    if is_judge:
        scores = [[float(len(text)), 1.0] for text in row["completions"]]
        return {"item_id": row["item_id"], "scores": scores}
    text = f"{config['model']} says so of {row['prompt_id']}."
    fixed = {"finish_reason": "stop", "seed": 0, "temperature": 0.8, "top_p": 0.95}
    return {"prompt_id": row["prompt_id"], "index": 0, "text": text, **fixed}


def say(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


with Path(config["output"]).open("w") as output:
    for number, row in enumerate(given, 1):
        output.write(json.dumps(line_for(row)) + "\n")
        output.flush()
        say(event="progress", done=number, total=len(given))
        if number >= len(given) / 2:
            time.sleep(float(sys.argv[2]))
say(event="done", path=config["output"])
