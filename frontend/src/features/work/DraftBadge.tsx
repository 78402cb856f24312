import { Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconDeviceFloppy, IconPencil, IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { DraftState } from "@/shared/hooks/draftKeeper";

const ICONS = {
  clean: null,
  unsaved: IconPencil,
  saving: IconRefresh,
  saved: IconCheck,
  kept: IconDeviceFloppy,
  unkept: IconAlertTriangle,
};

/** Where the draft is right now. Has a fixed width, so that the buttons beside it stay put. */
export function DraftBadge({ state }: { state: DraftState }) {
  const { t } = useTranslation();
  const Symbol = ICONS[state];
  return (
    <Group
      gap={6}
      miw={152}
      justify="flex-end"
      role="status"
      aria-live="off"
      c={state === "unkept" ? "var(--bennet-error)" : "dimmed"}
      wrap="nowrap"
    >
      {Symbol && <Symbol size={16} aria-hidden />}
      <Text size="sm" inherit={false} data-draft={state}>
        {state === "clean" ? "" : t(`draft.${state}`)}
      </Text>
    </Group>
  );
}
