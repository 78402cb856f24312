import { Button, Group, Paper, Text } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { GuidelineNews } from "@/shared/api/types";

interface Props {
  news: GuidelineNews;
  onOpen: () => void;
}

/** A line that says what is new in the guideline, and opens it. To a newcomer all of it is new. */
export function GuidelineNotice({ news, onOpen }: Props) {
  const { t } = useTranslation();
  const notes = news.changes.map((change) => change.change_note).filter((note) => note !== "");
  const isFirst = news.read_number === null;
  return (
    <Paper radius="md" px="md" py="xs" bg="var(--bennet-accent-soft)" role="note" aria-label={t("guideline.news")}>
      <Group gap="sm" justify="space-between">
        <Group gap="sm" wrap="nowrap" miw={0} flex="1 1 260px">
          <IconBook2 size={18} aria-hidden style={{ flex: "none" }} />
          <Text size="sm">
            {t(isFirst ? "guideline.first_time" : "guideline.changed")}
            {notes.length > 0 && ` ${notes.join(" ")}`}
          </Text>
        </Group>
        <Button size="xs" variant="default" onClick={onOpen}>
          {t(isFirst ? "guideline.read_it" : "guideline.see_changes")}
        </Button>
      </Group>
    </Paper>
  );
}
