import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { InvitationPanel } from "@/features/projects/InvitationPanel";
import { MemberTable } from "@/features/projects/MemberTable";
import { Page } from "@/shared/components/Page";
import { useProject } from "../useProject";

export function MembersPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  return (
    <Page title={t("members.title")} lead={t("members.lead")}>
      <InvitationPanel projectId={projectId} />
      <MemberTable projectId={projectId} />
    </Page>
  );
}
