"""A row or more of each format as its own project writes it, by the reader's name."""

from __future__ import annotations

from typing import Any

ASK = {"role": "user", "content": "What color is the sky?"}
BLUE = {"role": "assistant", "content": "It is blue."}
GREEN = {"role": "assistant", "content": "It is green."}
HUMAN = {"from": "human", "value": "What color is the sky?"}
GPT = {"from": "gpt", "value": "It is blue."}

SAMPLES: dict[str, list[dict[str, Any]]] = {
    "bennet": [{"kind": "prompt", "text": "What color is the sky?"}],
    "hh_rlhf": [{"chosen": "\n\nHuman: Hi\n\nAssistant: Hello.", "rejected": "\n\nHuman: Hi\n\nAssistant: No."}],
    "openassistant": [{"message_id": "a", "role": "prompter", "text": "Hi", "replies": []}],
    "label_studio": [{"data": {"prompt": "Hi", "answer1": "a", "answer2": "b"}}],
    "pandalm": [{"instruction": "Hi", "response1": "a", "response2": "b", "annotator1": 0}],
    "tulu": [
        {
            "prompt": "Hi", "model_a": "a", "model_b": "b", "completion_a": "A", "completion_b": "B",
            "completion_a_is_acceptable": "yes", "completion_b_is_acceptable": "no", "preference": "tie",
            "evaluator": "yo",
        }
    ],
    "openai_moderation": [{"prompt": "Hi", "S": 0, "H": 1, "H2": 0}],
    "jsonl": [{"prompt": "Hi", "completion": "Hello.", "annotator": "kim"}],
    "trl_sft": [
        {"prompt": "The sky is", "completion": " blue."},
        {"prompt": [ASK], "completion": [BLUE]},
    ],
    "trl_prompt": [{"prompt": "The sky is"}, {"prompt": [ASK]}],
    "trl_preference": [
        {"prompt": "The sky is", "chosen": " blue.", "rejected": " green."},
        {"chosen": "The sky is blue.", "rejected": "The sky is green."},
        {"prompt": [ASK], "chosen": [BLUE], "rejected": [GREEN]},
        {"chosen": [ASK, BLUE], "rejected": [ASK, GREEN]},
        {"prompt": ASK["content"], "chosen": [ASK, BLUE], "rejected": [ASK, GREEN]},
    ],
    "trl_unpaired": [
        {"prompt": "The sky is", "completion": " blue.", "label": True},
        {"prompt": [ASK], "completion": [GREEN], "label": False},
        {"messages": [ASK, BLUE], "label": True},
        {"conversations": [HUMAN, GPT], "kto_tag": True},
        {"instruction": "What color is the sky?", "input": "", "output": "It is green.", "kto_tag": False},
    ],
    "openai_chat": [
        {"messages": [{"role": "system", "content": "Be brief."}, ASK, BLUE]},
        {"messages": [ASK, {**GREEN, "weight": 0}, ASK, {**BLUE, "weight": 1}]},
    ],
    "openai_preference": [
        {"input": {"messages": [ASK], "tools": []}, "preferred_output": [BLUE], "non_preferred_output": [GREEN]}
    ],
    "sharegpt": [
        {"id": "identity_0", "conversations": [HUMAN, GPT]},
        {"conversations": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]},
    ],
    "alpaca": [
        {"instruction": "Name the color.", "input": "The sky", "output": "Blue."},
        {"instruction": "Go on.", "input": "", "output": "Blue.", "system": "Be brief.", "history": [["Hi", "Hello."]]},
        {"id": "seed_task_0", "name": "x", "instruction": "Name it.", "instances": [{"input": "", "output": "Blue."}]},
    ],
    "llama_factory_preference": [
        {"conversations": [HUMAN], "chosen": GPT, "rejected": {"from": "gpt", "value": "It is green."}},
        {"messages": [ASK], "chosen": BLUE, "rejected": GREEN},
        {"instruction": "Name the color.", "input": "The sky", "chosen": "Blue.", "rejected": "Green."},
    ],
    "nemo_preference": [
        {
            "context": [ASK],
            "completions": [{"rank": 1, "completion": [GREEN]}, {"rank": 0, "completion": [BLUE]}],
            "task_name": "preference",
        }
    ],
    "ultrafeedback": [
        {
            "prompt": ASK["content"], "prompt_id": "a1", "chosen": [ASK, BLUE], "rejected": [ASK, GREEN],
            "messages": [ASK, BLUE], "score_chosen": 8.5, "score_rejected": 3.0,
        }
    ],
    "autoj": [
        {"scenario": "chitchat", "label": 1, "prompt": "Hi", "response 1": "No.", "response 2": "Hello."}
    ],
    "doccano": [
        {"text": "Great price.", "label": ["positive"]},
        {"text": "A flight to Tacoma", "entities": [[12, 18, "City"]], "cats": ["flight"]},
    ],
    "text": [{"text": "Once upon a time."}],
    "mt_bench": [
        {"question_id": 81, "category": "writing", "turns": ["Write.", "Rewrite."]},
        {"question_id": 1, "text": "Why?", "category": "generic"},
        {
            "question_id": 81, "model_a": "x", "model_b": "y", "winner": "tie", "judge": "expert_1", "turn": 1,
            "conversation_a": [ASK, BLUE], "conversation_b": [ASK, GREEN],
        },
    ],
    "gsm8k_solutions": [
        {
            "question": "1 + 1?", "ground_truth": "2",
            "6b_finetuning": {"solution": "3", "is_correct": False},
            "175b_verification": {"solution": "2", "is_correct": True},
        }
    ],
}  # fmt: skip
