import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** The reason somebody gave, in their own words. */
export function Rationale({ text }: { text: string }) {
  const { t } = useTranslation();
  if (!text) return null;
  return (
    <div>
      <Text size="sm" fw={600} c="dimmed">
        {t("answers.rationale")}
      </Text>
      <Text dir="auto" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {text}
      </Text>
    </div>
  );
}
