import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import type { Edit } from "@/shared/api/types";
import { Advice } from "../advice/Advice";
import { Editor } from "../writing/Editor";
import { editCommand, type ComparisonContext } from "@/shared/components/comparison/comparisonCommands";
import classes from "./ComparisonDesk.module.css";

const FIELD = "edit";

interface Props {
  claimId: string;
  context: ComparisonContext;
  edit: Edit | null;
  /** What the edited one is called, and its text as it was. */
  side: string;
  original: string;
  onChange: (text: string) => void;
  onDrop: () => void;
  onPaste: (characters: number) => void;
}

/** The better one made better still. The edited text counts as better than both. */
export function EditBetter({ claimId, context, edit, side, original, onChange, onDrop, onPaste }: Props) {
  const { t } = useTranslation();
  if (!edit) {
    return (
      <Group gap="sm">
        <CommandButton command={editCommand} context={context} size="sm" />
        <Text size="sm" c="dimmed">
          {t("comparison.edit_hint")}
        </Text>
      </Group>
    );
  }
  return (
    <section className={classes.edit} aria-label={t("comparison.edited", { side })}>
      <Group justify="space-between" gap="sm">
        <Text fw={600}>{t("comparison.edited", { side })}</Text>
        <Group gap="xs">
          {edit.text === original && (
            <Text size="sm" c="dimmed">
              {t("comparison.edit_unchanged")}
            </Text>
          )}
          <Button size="compact-sm" variant="subtle" color="gray" onClick={onDrop}>
            {t("comparison.drop_edit")}
          </Button>
        </Group>
      </Group>
      <Editor
        id={FIELD}
        label={t("comparison.edited", { side })}
        value={edit.text}
        onChange={onChange}
        onPaste={onPaste}
        autoFocus
      />
      <Advice claimId={claimId} text={edit.text} fieldId={FIELD} editOf={edit.of} />
    </section>
  );
}
