import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Props {
  icon: Icon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** A place with nothing in it yet: what would be here, and the next step. */
export function EmptyState({ icon: Symbol, title, children, action }: Props) {
  return (
    <Stack align="center" gap="sm" py={56} px="md" ta="center">
      <ThemeIcon size={52} radius="xl" variant="light" aria-hidden>
        <Symbol size={26} stroke={1.5} />
      </ThemeIcon>
      <Title order={2}>{title}</Title>
      {children && (
        <Text c="dimmed" maw="48ch">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
