import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconPencilPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { protocolsOptions } from "@/shared/api/queries";
import { OpenBriefsDialog } from "./OpenBriefsDialog";

/** The way to new prompts by people; nothing where no protocol is for writing them. */
export function AskForPrompts({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const [opened, dialog] = useDisclosure();
  const { data = [] } = useInfiniteQuery(protocolsOptions(projectId));
  const [first, ...others] = data.filter(({ kind, state }) => kind === "prompt" && state !== "archived");
  if (!first) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconPencilPlus size={16} />} onClick={dialog.open}>
        {t("briefs.ask")}
      </Button>
      <OpenBriefsDialog
        key={String(opened)}
        projectId={projectId}
        protocols={[first, ...others]}
        opened={opened}
        onClose={dialog.close}
      />
    </>
  );
}
