import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Lineage } from "@/features/lineage/Lineage";
import { modelOptions } from "@/features/models/api";
import { ModelView } from "@/features/models/ModelView";
import { Slide } from "@/features/runs/Slide";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function ModelPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const modelId = useId("modelId");
  const model = useQuery(modelOptions(projectId, modelId)).data;
  const back = (
    <LinkAnchor to="/projects/$projectId/models" params={{ projectId }}>
      <BackLabel>{t("models.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={model?.name ?? t("models.one", { id: modelId })} back={back}>
      <Stack gap="lg">
        <ModelView
          projectId={projectId}
          modelId={modelId}
          mayWrite={may("write_completions")}
          mayServe={may("serve_models")}
        >
          {model?.stage === "pretrain" && <Slide projectId={projectId} runId={model.run.id} isLive={false} />}
        </ModelView>
        <Lineage projectId={projectId} subject="model" id={modelId} />
      </Stack>
    </Page>
  );
}
