import { Alert, Anchor, Group, Text } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export interface Missing {
  /** What is missing, in words. */
  text: string;
  go: () => void;
}

/** What an answer still lacks, each with the way there. */
export function MissingNotice({ missing }: { missing: readonly Missing[] }) {
  const { t } = useTranslation();
  if (missing.length === 0) return null;
  return (
    <Alert role="status" color="yellow" icon={<IconListCheck size={18} />} p="xs">
      <Group gap="4px 12px">
        <Text size="sm" fw={500}>
          {t("steps.missing")}
        </Text>
        {missing.map(({ text, go }) => (
          <Anchor key={text} component="button" type="button" size="sm" onClick={go}>
            {text}
          </Anchor>
        ))}
      </Group>
    </Alert>
  );
}
