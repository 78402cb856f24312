import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { modelOptions } from "@/features/models/api";
import { ModelView } from "@/features/models/ModelView";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function ModelPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const modelId = useId("modelId");
  const name = useQuery(modelOptions(projectId, modelId)).data?.name;
  const back = (
    <LinkAnchor to="/projects/$projectId/models" params={{ projectId }}>
      <BackLabel>{t("models.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={name ?? t("models.one", { id: modelId })} back={back}>
      <ModelView projectId={projectId} modelId={modelId} mayWrite={may("write_completions")} />
    </Page>
  );
}
