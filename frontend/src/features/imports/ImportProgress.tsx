import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { JobProgress } from "@/shared/components/JobProgress";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Import } from "@/shared/api/types";
import { timeLeft } from "./timeLeft";

/** How far a file has been read, and about how long it still takes. `asOf` is when the row was fetched. */
export function ImportProgress({ row, asOf }: { row: Import; asOf: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const left = timeLeft(row, asOf);
  const bytes = t("imports.bytes", {
    done: format.bytes(row.progress_done),
    total: format.bytes(row.progress_total),
  });
  // An import reads its file twice: it is checked to its end before anything of it is written.
  const done = row.is_dry_run || row.state !== "running" ? bytes : t(`imports.phase.${row.phase}`, { bytes });
  const detail = left === undefined ? done : t("dry_run.time_left", { done, time: format.duration(left) });
  return (
    <>
      <JobProgress state={row.state} done={row.progress_done} total={row.progress_total} detail={detail} />
      {row.error && (
        <Text c="red" role="alert">
          {row.error}
        </Text>
      )}
    </>
  );
}
