import { SegmentedControl } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import classes from "./Panes.module.css";

type Pane = "reading" | "deciding";

/** Which of the two a phone shows. */
export function usePanes() {
  const [pane, setPane] = useState<Pane>("reading");
  return {
    pane,
    setPane,
    /** Show what is decided, and then do something there. */
    decide: (then: () => void) => {
      flushSync(() => setPane("deciding"));
      then();
    },
  };
}

export type PanesState = ReturnType<typeof usePanes>;

interface Props {
  state: PanesState;
  reading: ReactNode;
  deciding: ReactNode;
  /** What is decided: "Ranking". */
  label: string;
}

/** Reading and deciding: beside each other where there is room, on a phone one at a time. */
export function Panes({ state, reading, deciding, label }: Props) {
  const { t } = useTranslation();
  return (
    <div className={classes.panes} data-pane={state.pane}>
      <SegmentedControl
        fullWidth
        className={classes.switch}
        value={state.pane}
        onChange={state.setPane}
        data={[
          { value: "reading", label: t("reading.texts") },
          { value: "deciding", label },
        ]}
        aria-label={t("reading.panes")}
      />
      <div className={classes.reading}>{reading}</div>
      <aside className={classes.deciding} aria-label={label}>
        {deciding}
      </aside>
    </div>
  );
}
