import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  title?: string;
  description?: string;
  actions?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, description, actions, children }: Props) {
  return (
    <Paper component="section" withBorder radius="lg" p={{ base: "md", sm: "lg" }} bg="var(--bennet-raised)">
      <Stack gap="md">
        {(title ?? actions) && (
          <Group justify="space-between" gap="sm">
            <div>
              {title && <Title order={2}>{title}</Title>}
              {description && (
                <Text c="dimmed" size="sm" mt={2}>
                  {description}
                </Text>
              )}
            </div>
            {actions && <Group gap="xs">{actions}</Group>}
          </Group>
        )}
        {children}
      </Stack>
    </Paper>
  );
}
