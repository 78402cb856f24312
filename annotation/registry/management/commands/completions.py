"""Print what a model wrote, one JSON line a completion: manage.py completions BATCH."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.registry.models import CompletionBatch, SampledCompletion

_ROWS_AT_ONCE = 1000


class Command(BaseCommand):
    help = "Print the completions of a batch as JSON lines: prompt, messages, text, model, finish_reason."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("batch", type=int, help="The batch's number.")
        parser.add_argument("--json", action="store_true", help="As without it: the output is JSON lines in any case.")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        row = CompletionBatch.objects.select_related("model").filter(pk=batch).first()
        if row is None:
            raise CommandError(f"There is no batch {batch}.")
        for line in _lines(row):
            self.stdout.write(json.dumps(line, ensure_ascii=False))


def _lines(batch: CompletionBatch) -> Iterator[dict[str, Any]]:
    """Yield what was written and not taken back since, prompt by prompt."""
    rows = SampledCompletion.objects.filter(batch=batch, completion__withdrawal=None)
    rows = rows.select_related("completion__prompt").order_by("completion__prompt", "completion")
    for row in rows.iterator(_ROWS_AT_ONCE):
        yield {
            "prompt": row.completion.prompt_id,
            "messages": row.completion.prompt.messages,
            "text": row.completion.text,
            "model": batch.model.name,
            "finish_reason": row.finish_reason,
        }
