import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAppWindow } from "@tabler/icons-react";
import { Fragment, useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CommandsOff } from "@/shared/hooks/commands";
import { onDraft } from "./claimMemory";
import { Following, openHere } from "./editingTab";

/** The desk of a claim that another tab has: it shows what is written there, and can take over. */
export function ClaimElsewhere({ claimId, children }: { claimId: string; children: ReactNode }) {
  const { t } = useTranslation();
  const [changes, setChanges] = useState(0);
  useEffect(() => onDraft(claimId, () => setChanges((count) => count + 1)), [claimId]);
  return (
    <>
      <Alert role="status" radius={0} icon={<IconAppWindow size={18} />} title={t("claim.elsewhere.title")}>
        <Group justify="space-between" gap="sm">
          <Text size="sm">{t("claim.elsewhere.detail")}</Text>
          <Button size="xs" onClick={() => openHere(claimId)}>
            {t("claim.elsewhere.take_over")}
          </Button>
        </Group>
      </Alert>
      <Following value>
        <CommandsOff value>
          <div inert>
            <Fragment key={changes}>{children}</Fragment>
          </div>
        </CommandsOff>
      </Following>
    </>
  );
}
