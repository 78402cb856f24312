import { Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconRoute } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { Figures } from "@/shared/components/Figures";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { boardOptions } from "@/shared/api/queries";
import type { Board } from "@/shared/api/types";
import { HeldClaims } from "./HeldClaims";
import { hasWork, languagesOf, lineOf, paceOf, sumOf, type LanguageChoice } from "./lines";
import { ProtocolBoard } from "./ProtocolBoard";

export function BoardView({ projectId }: { projectId: number }) {
  const query = useQuery(boardOptions(projectId));
  return (
    <Loaded query={query} loading={<Loading rows={3} height={160} />}>
      {(board) => <LiveBoard projectId={projectId} board={board} />}
    </Loaded>
  );
}

function LiveBoard({ projectId, board }: { projectId: number; board: Board }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [language, setLanguage] = useState<LanguageChoice>(null);
  const languages = languagesOf(board.protocols);
  const shown = board.protocols.flatMap((row) => {
    const line = lineOf(row, language);
    return line ? [{ row, line }] : [];
  });
  const idle = shown.filter(({ line }) => !hasWork(line)).map(({ row }) => row.protocol.name);
  const lines = shown.map(({ line }) => line);
  const pace = paceOf(lines);
  const counts = (["open", "done", "in_flight", "expiring"] as const).map((name) => ({
    label: t(`board.${name}`),
    value: format.integer(sumOf(lines, name)),
  }));
  if (board.protocols.length === 0)
    return (
      <EmptyState icon={IconRoute} title={t("progress.no_protocols")}>
        {t("progress.no_protocols_detail")}
      </EmptyState>
    );
  return (
    <Stack gap="lg">
      {languages.length > 1 && (
        <Group justify="flex-end">
          <Select
            aria-label={t("board.language")}
            placeholder={t("board.all_languages")}
            clearable
            w={220}
            data={languages.map((code) => ({ value: code, label: code ? format.language(code) : t("board.unnamed") }))}
            value={language}
            onChange={setLanguage}
          />
        </Group>
      )}
      <Panel>
        <Figures
          figures={[...counts, { label: t("board.per_hour"), value: pace === null ? "–" : format.tenths(pace) }]}
        />
      </Panel>
      {shown
        .filter(({ line }) => hasWork(line))
        .map(({ row, line }) => (
          <ProtocolBoard key={row.protocol.id} row={row} line={line} isWhole={language === null} />
        ))}
      {idle.length > 0 && (
        <Text size="sm" c="dimmed">
          {t("board.without_tasks", { names: format.list(idle) })}
        </Text>
      )}
      <HeldClaims projectId={projectId} protocols={board.protocols} language={language} />
    </Stack>
  );
}
