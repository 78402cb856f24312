import { ActionIcon, Group } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { CompletionCard } from "@/shared/components/answers/CompletionCard";
import classes from "./CompletionReader.module.css";
import type { ViewProps } from "./CompletionReader";
import { readingCommands } from "./readingCommands";

/** One text, large. */
export function FocusView({ reading, nameOf, noteOf, belowOf }: ViewProps) {
  const { t } = useTranslation();
  const { context, items } = reading;
  const at = items.findIndex(({ label }) => label === context.selected);
  const item = items[at];
  if (!item) return null;
  const steps = (
    <Group gap={4} wrap="nowrap">
      <ActionIcon
        variant="default"
        disabled={at === 0}
        aria-label={t("command.previous_shown")}
        onClick={() => readingCommands.previousShown.run(context)}
      >
        <IconChevronLeft size={17} />
      </ActionIcon>
      <ActionIcon
        variant="default"
        disabled={at === items.length - 1}
        aria-label={t("command.next_shown")}
        onClick={() => readingCommands.nextShown.run(context)}
      >
        <IconChevronRight size={17} />
      </ActionIcon>
    </Group>
  );
  return (
    <CompletionCard
      key={item.label}
      className={classes.focus}
      name={item.name}
      label={nameOf(item)}
      text={item.text}
      note={noteOf(item)}
      tools={steps}
    >
      {belowOf?.(item)}
    </CompletionCard>
  );
}
