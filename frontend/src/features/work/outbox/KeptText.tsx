import { Button, Textarea } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** Words that found no place, to be read and taken along: selectable too, for browsers that do not let a page copy. */
export function KeptText({ text }: { text: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2000 });
  if (!text) return null;
  return (
    <>
      <Textarea
        aria-label={t("outbox.your_text")}
        value={text}
        readOnly
        autosize
        minRows={1}
        maxRows={6}
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button
        size="xs"
        variant="default"
        leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
        onClick={() => clipboard.copy(text)}
      >
        {t(clipboard.copied ? "action.copied" : "outbox.copy_text")}
      </Button>
    </>
  );
}
