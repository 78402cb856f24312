import { Divider, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { IconFolders, IconInbox, IconServer2, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { projectsOptions } from "@/shared/api/queries";
import { ProjectSwitcher } from "./ProjectSwitcher";
import { RailLink } from "./RailLink";
import { projectLinks } from "./project-links";
import { useMe } from "./useMe";
import { useCurrentProject } from "./useCurrentProject";

/** As high as the links of a project for those who run one, so that what stands below does not jump. */
const PENDING_HEIGHT = 400;

/** Navigation by what the person may do: `permissions` of the project in front decides its links. */
export function Rail() {
  const { t } = useTranslation();
  const me = useMe();
  const { projectId: inAddress } = useParams({ strict: false });
  const projectId = useCurrentProject(inAddress);
  const projects = useInfiniteQuery(projectsOptions);
  const project = projects.data?.find((one) => one.id === projectId);
  const links = projectLinks.filter((link) => project?.permissions.includes(link.verb));
  return (
    <Stack gap={2}>
      <RailLink to="/work" icon={IconInbox} label={t("nav.work")} />
      <RailLink to="/projects" icon={IconFolders} label={t("nav.projects")} activeOptions={{ exact: true }} />
      <Divider my="sm" />
      <ProjectSwitcher current={projectId} />
      {projects.isPending && <Skeleton height={PENDING_HEIGHT} radius="md" />}
      {projectId !== undefined &&
        links.map((link) => (
          <RailLink
            key={link.to}
            to={link.to}
            params={{ projectId }}
            icon={link.icon}
            label={t(link.label)}
            activeOptions={{ exact: link.exact }}
          />
        ))}
      {me.is_owner && (
        <>
          <Divider my="sm" />
          <RailLink to="/people" icon={IconUsers} label={t("nav.people")} />
          <RailLink to="/system" icon={IconServer2} label={t("nav.system")} />
        </>
      )}
    </Stack>
  );
}
