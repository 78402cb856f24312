import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useCommands, type Command } from "@/shared/hooks/commands";
import { CommandKeys } from "./Keys";
import { Loading } from "./Loading";

const show: Command<() => void> = { name: "show_shortcuts", group: "general", keys: ["?"], run: (open) => open() };
const general = [show];

const ShortcutList = lazy(async () => ({ default: (await import("./shortcuts/ShortcutList")).ShortcutList }));

/** The `?` sheet and its button: every command of the page in front, from the same tables that run them. */
export function ShortcutHint() {
  const { t } = useTranslation();
  const [opened, sheet] = useDisclosure();
  useCommands(general, sheet.open);
  return (
    <>
      <Button variant="subtle" color="gray" rightSection={<CommandKeys command={show} />} onClick={sheet.open}>
        {t("shortcuts.show")}
      </Button>
      <Modal opened={opened} onClose={sheet.close} title={t("shortcuts.title")} size="xl">
        <Suspense fallback={<Loading rows={3} />}>
          <ShortcutList />
        </Suspense>
      </Modal>
    </>
  );
}
