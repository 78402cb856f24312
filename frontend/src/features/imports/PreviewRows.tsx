import { ActionIcon, Badge, Group, Stack, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Conversation } from "@/shared/components/Conversation";
import { useFormat } from "@/shared/i18n/useFormat";
import type { ImportRow } from "@/shared/api/types";
import { RowFacts } from "./RowFacts";

interface Props {
  rows: readonly ImportRow[];
  desk: (row: ImportRow) => ReactNode;
}

/** One row after the other, each on the desk on which its annotator will have it. */
export function PreviewRows({ rows, desk }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setChosen] = useState(0);
  const place = Math.min(chosen, rows.length - 1);
  const row = rows[place];
  if (!row) return null;
  return (
    <Stack gap="md">
      <Group gap="xs">
        <ActionIcon
          variant="default"
          aria-label={t("dry_run.previous_row")}
          disabled={place === 0}
          onClick={() => setChosen(place - 1)}
        >
          <IconChevronLeft size={17} />
        </ActionIcon>
        <Text aria-live="polite">
          {t("dry_run.row_of", {
            place: format.integer(place + 1),
            all: format.integer(rows.length),
            line: format.integer(row.line),
          })}
        </Text>
        <ActionIcon
          variant="default"
          aria-label={t("dry_run.next_row")}
          disabled={place === rows.length - 1}
          onClick={() => setChosen(place + 1)}
        >
          <IconChevronRight size={17} />
        </ActionIcon>
        <Badge variant="light" tt="none">
          {t(`dry_run.kind.${row.kind}`)}
        </Badge>
      </Group>
      <RowFacts row={row} />
      {row.protocol ? desk(row) : <Conversation messages={row.messages} />}
    </Stack>
  );
}
