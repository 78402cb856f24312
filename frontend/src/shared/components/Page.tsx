import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface Props {
  title: string;
  lead?: ReactNode;
  back?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

const PRODUCT = "Bennet";

export function Page({ title, lead, back, actions, children }: Props) {
  useDocumentTitle(`${title} · ${PRODUCT}`);
  return (
    <Box maw={1120} mx="auto" px={{ base: "md", sm: "xl" }} py={{ base: "md", sm: 36 }}>
      <Stack gap="xl">
        <Stack gap={6}>
          {back}
          <Group justify="space-between" align="flex-start" gap="md">
            <Stack gap={6} maw="72ch" miw={0} flex="1 1 300px">
              <Title order={1} style={{ overflowWrap: "anywhere" }}>
                {title}
              </Title>
              {lead && (
                <Text component="div" c="dimmed">
                  {lead}
                </Text>
              )}
            </Stack>
            {actions && <Group gap="sm">{actions}</Group>}
          </Group>
        </Stack>
        {children}
      </Stack>
    </Box>
  );
}
