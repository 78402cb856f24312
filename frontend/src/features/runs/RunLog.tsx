import { Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { isFinal } from "@/shared/api/live";
import { Panel } from "@/shared/components/Panel";
import type { Run } from "@/shared/api/types";
import { linesOptions } from "./api";
import classes from "./RunLog.module.css";
import { useGrowing } from "./useGrowing";

const NEAR_END_PIXELS = 40;

interface Props {
  projectId: number;
  run: Run;
}

/** The run's log. Follows its end unless the reader has scrolled up. */
export function RunLog({ projectId, run }: Props) {
  const isLive = !isFinal(run.state);
  const { t, i18n } = useTranslation();
  const lines = useGrowing(linesOptions(projectId, run.id, run.attempt), isLive);
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  const clock = new Intl.DateTimeFormat(i18n.language, { timeStyle: "medium" });
  return (
    <Panel title={t("runs.log")}>
      <div
        ref={box}
        className={classes.log}
        role="log"
        tabIndex={0}
        aria-label={t("runs.log")}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PIXELS;
        }}
      >
        {lines.length === 0 && (
          <Text c="dimmed" size="sm">
            {t("runs.log_empty")}
          </Text>
        )}
        {lines.map((line) => (
          <div key={line.id} className={classes.line} data-level={line.level}>
            <time dateTime={line.at}>{clock.format(new Date(line.at))}</time>
            <span>{line.message}</span>
          </div>
        ))}
      </div>
    </Panel>
  );
}
