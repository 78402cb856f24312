import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { EDITOR_MODES, type EditorMode } from "./writingCommands";

export function ModeSwitch({ mode, onChange }: { mode: EditorMode; onChange: (mode: EditorMode) => void }) {
  const { t } = useTranslation();
  const modes = EDITOR_MODES.map((value) => ({ value, label: t(`writing.mode.${value}`) }));
  return (
    <SegmentedControl size="xs" data={modes} value={mode} onChange={onChange} aria-label={t("writing.mode.label")} />
  );
}
