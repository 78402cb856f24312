import { Group, NativeSelect, Text } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { EmptyText } from "@/shared/components/answers/EmptyText";
import { Loading } from "@/shared/components/Loading";
import { whenWanted } from "@/shared/hooks/whenWanted";
import classes from "./CompareView.module.css";
import type { ViewProps } from "./CompletionReader";
import { readingCommands } from "./readingCommands";
import type { Readable } from "./useReading";
import type { Piece } from "./wordDiff";

const useWordDiff = whenWanted(() => import("./wordDiff"));

/** Two texts word by word: what stands in one of them only is marked. The second is the selected one. */
export function CompareView({ reading, nameOf, noteOf }: ViewProps) {
  const { t } = useTranslation();
  const { context, items } = reading;
  const diff = useWordDiff(true);
  const one = items.find(({ label }) => label === context.other);
  const two = items.find(({ label }) => label === context.selected);
  const sides = useMemo(() => diff && one && two && diff.wordDiff(one.text, two.text), [diff, one, two]);
  if (!one || !two) return null;
  const options = items.map((item) => ({ value: item.label, label: nameOf(item) }));
  const pick = (value: string, choose: (label: string) => void, which: string) => (
    <NativeSelect
      size="xs"
      aria-label={which}
      data={options}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    />
  );
  const text = (item: Readable, pieces: readonly Piece[], side: "one" | "two") => (
    <article className={classes.side} aria-label={nameOf(item)}>
      <Text size="sm" c="dimmed" mb={6}>
        {nameOf(item)} · {noteOf(item)} · {t("reading.source")}
      </Text>
      <div className={classes.text} dir="auto">
        {item.text.trim() === "" && <EmptyText />}
        {pieces.map((piece, index) =>
          piece.isOwn ? (
            <mark key={index} data-side={side}>
              {piece.text}
            </mark>
          ) : (
            piece.text
          ),
        )}
      </div>
    </article>
  );
  return (
    <div className={classes.compare}>
      <Group gap="xs">
        {pick(one.label, context.hold, t("reading.first"))}
        <CommandButton size="xs" variant="subtle" color="gray" command={readingCommands.swap} context={context} />
        {pick(two.label, context.select, t("reading.second"))}
        <Text size="xs" c="dimmed">
          {t("reading.compare_hint")}
        </Text>
      </Group>
      {sides ? (
        <div className={classes.sides}>
          {text(one, sides.one, "one")}
          {text(two, sides.two, "two")}
        </div>
      ) : (
        <Loading rows={2} height={160} />
      )}
    </div>
  );
}
