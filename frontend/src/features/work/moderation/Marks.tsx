import { Anchor, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useCategoryName } from "@/shared/components/answers/useCategoryName";
import type { Span } from "@/shared/api/types";
import { characterAt, partOf } from "./verdicts";

interface Props {
  text: string;
  category: string;
  /** Whether the chosen category holds: only what holds stands somewhere. */
  canMark: boolean;
  spans: readonly Span[];
  onChange: (spans: Span[]) => void;
}

/** Where in the text a category holds. A field that cannot be written in: there a keyboard can select as well. */
export function Marks({ text, category, canMark, spans, onChange }: Props) {
  const { t } = useTranslation();
  const named = useCategoryName();
  const field = useRef<HTMLTextAreaElement>(null);
  const mark = () => {
    const { selectionStart = 0, selectionEnd = 0 } = field.current ?? {};
    const span = { category, start: characterAt(text, selectionStart), end: characterAt(text, selectionEnd) };
    const isThere = spans.some((one) => one.category === category && one.start === span.start && one.end === span.end);
    if (span.end > span.start && !isThere) onChange([...spans, span]);
  };
  return (
    <Stack gap="xs">
      <Textarea
        ref={field}
        label={t("moderation.marks")}
        description={t("moderation.mark_hint")}
        value={text}
        readOnly
        dir="auto"
        autosize
        minRows={2}
        maxRows={12}
      />
      <Group>
        <Button variant="default" size="xs" onClick={mark} disabled={!canMark}>
          {t("moderation.mark", { category: named(category) })}
        </Button>
      </Group>
      {spans.map((span) => {
        const part = partOf(text, span.start, span.end);
        return (
          <Group key={`${span.category} ${span.start} ${span.end}`} gap="xs" wrap="nowrap">
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              <b>{named(span.category)}</b> <q dir="auto">{part}</q>
            </Text>
            <Anchor
              component="button"
              type="button"
              size="sm"
              aria-label={t("moderation.unmark", { text: part })}
              onClick={() => onChange(spans.filter((other) => other !== span))}
            >
              ×
            </Anchor>
          </Group>
        );
      })}
    </Stack>
  );
}
