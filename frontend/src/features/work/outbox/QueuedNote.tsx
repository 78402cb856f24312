import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import { useOutbox } from "./theOutbox";

/** How many answers wait for the line. Nothing is said while they get through as they should. */
export function QueuedNote() {
  const { t } = useTranslation();
  const format = useFormat();
  const { waiting, isLineDown, isSignedOut, isUnkept } = useOutbox();
  if (waiting.length === 0 || !(isLineDown || isSignedOut)) return null;
  const shown = format.integer(waiting.length);
  return (
    <Text role="status" size="sm" c={isUnkept ? "var(--bennet-error)" : "dimmed"}>
      {t(isUnkept ? "outbox.queued_unkept" : "outbox.queued", { count: waiting.length, shown })}
    </Text>
  );
}
