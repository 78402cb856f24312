import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { importOptions } from "@/features/imports/api";
import { ImportView } from "@/features/imports/ImportView";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function ImportPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId } = useProject();
  const importId = useId("importId");
  const name = useQuery(importOptions(projectId, importId)).data?.file_name;
  const back = (
    <LinkAnchor to="/projects/$projectId/imports" params={{ projectId }}>
      <BackLabel>{t("imports.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={name ?? t("imports.one", { id: importId })} back={back}>
      <ImportView projectId={projectId} importId={importId} />
    </Page>
  );
}
