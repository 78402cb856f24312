import { Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import classes from "./DropField.module.css";

interface Props {
  onFile: (file: File) => void;
  /** How much of the file is on its way, between 0 and 1; undefined while none is. */
  share: number | undefined;
}

/** A place to drop a file on, with a button for those who do not drag. */
export function DropField({ onFile, share }: Props) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const isBusy = share !== undefined;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file && !isBusy) onFile(file);
  };
  return (
    <div
      className={classes.field}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Stack align="center" gap="sm">
        <IconFileUpload size={30} stroke={1.5} aria-hidden />
        <Text ta="center">{t("dry_run.drop")}</Text>
        <FileButton onChange={(file) => file && onFile(file)} inputProps={{ "aria-label": t("imports.file") }}>
          {(button) => (
            <Button {...button} loading={isBusy}>
              {t("imports.choose_file")}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed" ta="center">
          {t("dry_run.kinds_of_files")}
        </Text>
        {isBusy && (
          <Group w="100%" maw={420}>
            <Progress
              flex={1}
              value={share * 100}
              aria-label={t("imports.uploading")}
              animated={share >= 1}
              radius="xl"
            />
          </Group>
        )}
      </Stack>
    </div>
  );
}
