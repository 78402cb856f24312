import { SegmentedControl, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import classes from "./CompletionReader.module.css";
import { readingCommands } from "./readingCommands";
import { VIEWS, type Reading } from "./useReading";

/** How the texts stand, and what can be done with all of them. */
export function ReaderBar({ reading }: { reading: Reading }) {
  const { t } = useTranslation();
  const { context, folded, scrollsTogether } = reading;
  const { view } = context;
  return (
    <div className={classes.bar}>
      <SegmentedControl
        size="xs"
        value={view}
        onChange={(value) => context.setView(value)}
        data={VIEWS.map((value) => ({ value, label: t(`reading.view.${value}`) }))}
        aria-label={t("reading.views")}
      />
      {(view === "list" || view === "columns") && (
        <CommandButton
          size="compact-xs"
          variant="subtle"
          color="gray"
          command={readingCommands.foldAll}
          context={context}
        >
          {t(folded.size > 0 ? "reading.unfold_all" : "reading.fold_all")}
        </CommandButton>
      )}
      {view === "columns" && (
        <Switch size="xs" label={t("command.together")} checked={scrollsTogether} onChange={context.toggleTogether} />
      )}
    </div>
  );
}
