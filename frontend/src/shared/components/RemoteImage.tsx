import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function RemoteImage({ alt, src }: { alt?: string; src?: string }) {
  const { t } = useTranslation();
  return (
    <Text component="span" c="dimmed" fs="italic" title={src}>
      {t("markdown.image", { alt: alt ?? src ?? "" })}
    </Text>
  );
}
