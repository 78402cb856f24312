import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  IconDeviceDesktop,
  IconHeartHandshake,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { forgetSaved } from "@/features/work/claimMemory";
import { signOut } from "@/features/sign-in/allauth";
import classes from "./AccountMenu.module.css";
import { useMe } from "./useMe";

const SCHEMES = [
  ["light", IconSun],
  ["dark", IconMoon],
  ["auto", IconDeviceDesktop],
] as const satisfies readonly (readonly [MantineColorScheme, unknown])[];

export function AccountMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leaving = useMutation({
    mutationFn: signOut,
    // A page load: nothing that was read as this person stays in memory.
    onSuccess: () => {
      forgetSaved();
      location.assign("/sign-in");
    },
  });
  return (
    <Menu position="top-start" width={232}>
      <Menu.Target>
        <UnstyledButton className={classes.target}>
          <Avatar size={32} name={me.name || me.email} color="fjord" alt="" />
          <span className={classes.who}>
            <Text size="sm" fw={600} truncate>
              {me.name || me.email}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {me.email}
            </Text>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconUserCircle size={17} />} onClick={() => void navigate({ to: "/account" })}>
          {t("nav.account")}
        </Menu.Item>
        <Menu.Item leftSection={<IconHeartHandshake size={17} />} onClick={() => void navigate({ to: "/my-data" })}>
          {t("nav.my_data")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("scheme.label")}</Menu.Label>
        {SCHEMES.map(([scheme, Symbol]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Symbol size={17} />}
            aria-current={scheme === colorScheme}
            fw={scheme === colorScheme ? 600 : 400}
            closeMenuOnClick={false}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`scheme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={17} />} onClick={() => leaving.mutate()}>
          {t("nav.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
