import { AppShell, Burger, Group, ScrollArea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useEffectEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { OutboxKeeper } from "@/features/work/outbox/OutboxKeeper";
import { Announcements } from "@/shared/components/Announcements";
import { OfflineBanner } from "@/shared/components/OfflineBanner";
import { ShortcutHint } from "@/shared/components/ShortcutSheet";
import { Wordmark } from "@/shared/components/Wordmark";
import { AccountMenu } from "./AccountMenu";
import { Rail } from "./Rail";
import { useMe } from "./useMe";

export function Shell(): ReactNode {
  const { t } = useTranslation();
  const me = useMe();
  const [opened, rail] = useDisclosure();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const closeRail = useEffectEvent(() => rail.close());
  useEffect(() => closeRail(), [path]);
  return (
    <AppShell
      layout="alt"
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: 248, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={0}
    >
      <AppShell.Header hiddenFrom="sm" px="md">
        <Group h="100%" gap="sm">
          <Burger opened={opened} onClick={rail.toggle} size="sm" aria-label={t("nav.menu")} />
          <Wordmark />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar bg="var(--bennet-rail)" px="sm" py="md" aria-label={t("nav.label")}>
        <AppShell.Section px={8} pb="md">
          <Group justify="space-between">
            <Wordmark />
            <Burger opened={opened} onClick={rail.toggle} size="sm" hiddenFrom="sm" aria-label={t("nav.menu")} />
          </Group>
        </AppShell.Section>
        <AppShell.Section grow component={ScrollArea} type="hover">
          <Rail />
        </AppShell.Section>
        <AppShell.Section>
          <ShortcutHint />
        </AppShell.Section>
        <AppShell.Section>
          <AccountMenu />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main>
        <OfflineBanner />
        <OutboxKeeper person={me.id} />
        <Outlet />
      </AppShell.Main>
      <Announcements />
    </AppShell>
  );
}
