import { Text, Textarea } from "@mantine/core";
import { useDeferredValue, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "@/shared/components/Markdown";
import classes from "./Editor.module.css";
import type { EditorMode } from "./writingCommands";

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
  /** So many characters came in from the clipboard. */
  onPaste: (characters: number) => void;
  mode?: EditorMode;
  /** Takes the height it is given, and scrolls; else it grows with the text. */
  fills?: boolean;
  /** How many lines it has at first. */
  rows?: number;
  placeholder?: string;
  autoFocus?: boolean;
  id?: string;
}

/** Markdown as it is written, as it will look, or both. */
export function Editor({ label, value, onChange, onPaste, mode = "write", fills = false, rows = 4, ...rest }: Props) {
  return (
    <div className={classes.panes} data-mode={mode} data-fills={fills || undefined}>
      {mode !== "preview" && (
        <Textarea
          {...rest}
          aria-label={label}
          dir="auto"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          onPaste={(event) => onPaste(Array.from(event.clipboardData.getData("text")).length)}
          classNames={{ root: classes.fill, wrapper: classes.fill, input: classes.input }}
          {...(!fills && { autosize: true, minRows: rows, maxRows: 24 })}
        />
      )}
      {mode !== "write" && <Preview>{value.trim() !== "" && <MarkdownLater text={value} />}</Preview>}
    </div>
  );
}

/** Where what is written shows as it will look. */
export function Preview({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={classes.preview} aria-label={t("writing.preview")} role="region" tabIndex={0}>
      {children || <Text c="dimmed">{t("writing.nothing_yet")}</Text>}
    </div>
  );
}

/** The keys come first; the preview follows when there is time. */
function MarkdownLater({ text }: { text: string }) {
  return <Markdown text={useDeferredValue(text)} keepLines />;
}
