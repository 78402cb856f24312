import { Divider, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { IconFolders, IconInbox, IconServer2, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { projectOptions } from "@/shared/api/queries";
import { ProjectSwitcher } from "./ProjectSwitcher";
import { RailLink } from "./RailLink";
import { projectLinks } from "./project-links";
import { useMe } from "./useMe";
import { useCurrentProject } from "./useCurrentProject";

/** Navigation by what the person may do: `permissions` of the project in front decides its links. */
export function Rail() {
  const { t } = useTranslation();
  const me = useMe();
  const { projectId: inAddress } = useParams({ strict: false });
  const projectId = useCurrentProject(inAddress);
  const project = useQuery({ ...projectOptions(projectId ?? 0), enabled: projectId !== undefined }).data;
  const links = projectLinks.filter((link) => project?.permissions.includes(link.verb));
  return (
    <Stack gap={2}>
      <RailLink to="/work" icon={IconInbox} label={t("nav.work")} />
      <RailLink to="/projects" icon={IconFolders} label={t("nav.projects")} activeOptions={{ exact: true }} />
      <Divider my="sm" />
      <ProjectSwitcher current={projectId} />
      {projectId !== undefined &&
        links.map((link) => (
          <RailLink key={link.to} to={link.to} params={{ projectId }} icon={link.icon} label={t(link.label)} activeOptions={{ exact: link.exact }} />
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
