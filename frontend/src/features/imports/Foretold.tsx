import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Figures } from "@/shared/components/Figures";
import { isFinal } from "@/shared/api/live";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Import } from "@/shared/api/types";
import { ImportProgress } from "./ImportProgress";

const ALWAYS = ["read", "prompts", "rejected"] as const;
const IF_ANY = [
  "known_prompts",
  "waiting",
  "demonstrations",
  "rankings",
  "comparisons",
  "labels",
  "documents",
  "skipped",
] as const;

/** What an import would bring, as far as the file has been read; nothing of a file that cannot be. */
export function Foretold({ row, asOf }: { row: Import; asOf: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = [...ALWAYS, ...IF_ANY.filter((name) => row.counts[name])];
  return (
    <>
      <ImportProgress row={row} asOf={asOf} />
      {row.state !== "failed" && (
        <Figures
          figures={shown.map((name) => ({
            label: t(`dry_run.count.${name}`),
            value: format.integer(row.counts[name] ?? 0),
          }))}
        />
      )}
      {!isFinal(row.state) && (
        <Text size="sm" c="dimmed">
          {t("dry_run.still_reading")}
        </Text>
      )}
    </>
  );
}
