import { Text } from "@mantine/core";
import { useDeferredValue, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import { aboutTokens } from "./tokens";

/** From this share of the limit on, the limit is shown. */
const NEAR = 0.8;

/** How long a text is: exactly in characters, about in tokens, which depend on the model. */
export function Counts({ text, limit }: { text: string; limit: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  // Counting a long text must not hold up the keys that write it.
  const counted = useDeferredValue(text);
  const tokens = useMemo(() => aboutTokens(counted), [counted]);
  const characters = Array.from(counted.trim()).length;
  const isOver = characters > limit;
  return (
    <Text size="sm" c={isOver ? "var(--bennet-error)" : "dimmed"} title={t("writing.tokens_hint")}>
      {characters < NEAR * limit
        ? t("writing.characters", { count: characters, shown: format.integer(characters) })
        : t("writing.characters_of", { shown: format.integer(characters), limit: format.integer(limit) })}
      {" · "}
      {t("writing.tokens", { count: tokens, shown: format.about(tokens) })}
    </Text>
  );
}
