import { Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconFolderPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkAnchor } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { projectsOptions } from "@/shared/api/queries";
import type { Project } from "@/shared/api/types";

/** The projects that the person sees; those in the archive stand apart, below. */
export function ProjectList({ onNew }: { onNew?: () => void }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(projectsOptions);
  const create = onNew && <Button onClick={onNew}>{t("projects.new")}</Button>;
  return (
    <Loaded query={query} loading={<Loading rows={3} height={110} />}>
      {(projects) => {
        if (projects.length === 0)
          return (
            <EmptyState icon={IconFolderPlus} title={t("projects.empty")} action={create}>
              {t("projects.empty_detail")}
            </EmptyState>
          );
        const archived = projects.filter((project) => project.archived_at !== null);
        return (
          <Stack gap="xl">
            <Cards projects={projects.filter((project) => project.archived_at === null)} />
            {archived.length > 0 && (
              <Stack gap="sm" component="section">
                <Title order={2}>{t("projects.archive_title")}</Title>
                <Cards projects={archived} />
              </Stack>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}

function Cards({ projects }: { projects: readonly Project[] }) {
  const { t } = useTranslation();
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {projects.map((project) => (
        <Paper key={project.id} withBorder radius="lg" p="lg" bg="var(--bennet-raised)">
          <LinkAnchor to="/projects/$projectId" params={{ projectId: project.id }} fw={600}>
            {project.name}
          </LinkAnchor>
          <Text c="dimmed" size="sm" mt={4} lineClamp={2} mih="2.9em">
            {project.description}
          </Text>
          <Group mt="sm">
            <Text size="sm">{project.my_role ? t(`role.${project.my_role}`) : t("people.owner")}</Text>
          </Group>
        </Paper>
      ))}
    </SimpleGrid>
  );
}
