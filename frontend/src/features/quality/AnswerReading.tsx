import { Badge } from "@mantine/core";
import { AnswerReading as Reading } from "@/shared/components/answers/AnswerReading";
import type { AnswerDetail } from "@/shared/api/types";

/** An answer as its author saw it, and beside each completion where it comes from, which its author did not see. */
export function AnswerReading({ answer }: { answer: AnswerDetail }) {
  return (
    <Reading
      kind={answer.protocol.kind}
      payload={answer.payload as Record<string, unknown>}
      completions={inOrderShown(answer)}
    />
  );
}

function inOrderShown({ completions, shown_order }: AnswerDetail) {
  const shown = shown_order.map((id) => completions.find((completion) => completion.id === id));
  return shown
    .filter((completion) => completion !== undefined)
    .map(({ id, text, source_label, source_kind }) => ({
      label: String(id),
      text,
      source: (
        <Badge variant="light" tt="none">
          {source_label || source_kind}
        </Badge>
      ),
    }));
}
