import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Release } from "@/shared/api/types";

/** What the release had asked for, as it is stored: a record that others can repeat. */
export function Asked({ selection }: { selection: Release["selection"] }) {
  const { t } = useTranslation();
  const asked = Object.entries(selection);
  return (
    <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
      {asked.length === 0
        ? t("building.everything")
        : `${t("building.asked")} ${asked.map(([name, value]) => `${name.replaceAll("_", " ")} ${said(value)}`).join(" · ")}`}
    </Text>
  );
}

const said = (value: unknown) => (Array.isArray(value) ? value.join(", ") : String(value));
