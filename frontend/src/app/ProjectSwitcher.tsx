import { Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { projectsOptions } from "@/shared/api/queries";

export function ProjectSwitcher({ current }: { current: number | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const projects = useInfiniteQuery(projectsOptions).data ?? [];
  if (projects.length === 0) return null;
  return (
    <Select
      aria-label={t("nav.project")}
      data={projects
        .filter((project) => project.archived_at === null || project.id === current)
        .map((project) => ({ value: String(project.id), label: project.name }))}
      value={current === undefined ? null : String(current)}
      onChange={(id) => id && void navigate({ to: "/projects/$projectId", params: { projectId: Number(id) } })}
      allowDeselect={false}
      searchable={projects.length > 8}
      comboboxProps={{ width: 300, position: "bottom-start" }}
      mb={6}
    />
  );
}
