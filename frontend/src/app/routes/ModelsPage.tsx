import { Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { DeployRule } from "@/features/models/DeployRule";
import { ModelTable } from "@/features/models/ModelTable";
import { Upstreams } from "@/features/models/Upstreams";
import { Page } from "@/shared/components/Page";
import { useMe } from "../useMe";
import { useProject } from "../useProject";

export function ModelsPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const me = useMe();
  return (
    <Page title={t("models.title")} lead={t("models.lead")}>
      <Stack gap="lg">
        <ModelTable projectId={projectId} />
        <Upstreams projectId={projectId} mayServe={may("serve_models")} mayName={me.is_owner && may("serve_models")} />
        {may("manage_project") && <DeployRule projectId={projectId} />}
      </Stack>
    </Page>
  );
}
