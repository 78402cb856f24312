import { ActionIcon, Group, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { RunPreviewFound } from "@/shared/api/types";
import classes from "./PreviewRows.module.css";

type Row = RunPreviewFound["rows"][number];
type Part = Row["parts"][number];
type TokenRun = Part["runs"][number];

const STATES = ["learned", "scored", "read", "cut"] as const;

/** Rows as they are learned, one at a time: every token, marked by what becomes of it. */
export function PreviewRows({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [place, setPlace] = useState(0);
  const row = rows[place];
  if (!row) return null;
  const shown = new Set(rows.flatMap((one) => one.parts).flatMap((part) => part.runs.map((run) => run.state)));
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Group gap="xs">
          <ActionIcon
            variant="default"
            aria-label={t("run_preview.previous")}
            disabled={place === 0}
            onClick={() => setPlace(place - 1)}
          >
            <IconChevronLeft size={17} />
          </ActionIcon>
          <Text aria-live="polite">
            {t("run_preview.row_of", {
              place: format.integer(place + 1),
              all: format.integer(rows.length),
              tokens: format.integer(row.tokens),
            })}
          </Text>
          <ActionIcon
            variant="default"
            aria-label={t("run_preview.next")}
            disabled={place === rows.length - 1}
            onClick={() => setPlace(place + 1)}
          >
            <IconChevronRight size={17} />
          </ActionIcon>
        </Group>
        <Group component="ul" gap="md" className={classes.legend}>
          {STATES.filter((state) => shown.has(state)).map((state) => (
            <li key={state}>
              <span className={classes[state]}>{t(`run_preview.state.${state}`)}</span>
            </li>
          ))}
        </Group>
      </Group>
      {row.parts.map((part, number) => (
        <PartView key={number} part={part} number={number} pairs={row.pairs} />
      ))}
    </Stack>
  );
}

/** A conversation; or of a ranking the prompt, which is the first part, and each completion with what it was preferred to. */
function PartView({ part, number, pairs }: { part: Part; number: number; pairs: readonly number[][] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const worse = pairs.filter(([better]) => better === number - 1).map(([, other]) => String((other ?? 0) + 1));
  return (
    <figure className={classes.part} aria-label={t(`run_preview.part.${part.kind}`, { number: String(number) })}>
      {part.kind !== "text" && (
        <Text component="figcaption" size="sm" c="dimmed" mb={4}>
          {t(`run_preview.part.${part.kind}`, { number: String(number) })}
          {worse.length > 0 && ` · ${t("run_preview.preferred_to", { others: format.list(worse) })}`}
        </Text>
      )}
      <div className={classes.tokens}>
        {part.runs.map((run, at) => (
          <RunOfTokens key={at} run={run} />
        ))}
      </div>
    </figure>
  );
}

function RunOfTokens({ run }: { run: TokenRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className={classes[run.state]}>
      <VisuallyHidden>{t(`run_preview.state.${run.state}`)}: </VisuallyHidden>
      {run.tokens.map((token, at) => (
        <Fragment key={at}>
          {run.hidden > 0 && at === run.hidden_at && <Hidden tokens={format.integer(run.hidden)} />}
          <span className={classes.token}>{token.replaceAll("\n", "⏎\n")}</span>
        </Fragment>
      ))}
    </span>
  );
}

function Hidden({ tokens }: { tokens: string }) {
  const { t } = useTranslation();
  return <em className={classes.hidden}> {t("run_preview.hidden", { tokens })} </em>;
}
