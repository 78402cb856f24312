import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { importOptions } from "@/features/imports/api";
import { ImportView } from "@/features/imports/ImportView";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import type { ImportRow } from "@/shared/api/types";
import { DeskPreview } from "../preview/DeskPreview";
import { useId } from "../useId";
import { useProject } from "../useProject";

export function ImportPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { projectId, project } = useProject();
  const importId = useId("importId");
  const name = useQuery(importOptions(projectId, importId)).data?.file_name;
  const back = (
    <LinkAnchor to="/projects/$projectId/imports" params={{ projectId }}>
      <BackLabel>{t("imports.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page title={name ?? t("imports.one", { id: importId })} back={back}>
      <ImportView
        projectId={projectId}
        importId={importId}
        desk={(row) => row.protocol && <RowDesk row={row} protocol={row.protocol} project={project.name} />}
        onDiscarded={() => void navigate({ to: "/projects/$projectId/imports", params: { projectId } })}
      />
    </Page>
  );
}

interface RowDeskProps {
  row: ImportRow;
  protocol: NonNullable<ImportRow["protocol"]>;
  project: string;
}

function RowDesk({ row, protocol, project }: RowDeskProps): ReactNode {
  const { kind, name, config } = protocol;
  const { messages, completions } = row;
  return <DeskPreview example={{ kind, project, protocol: name, config, guideline: null, messages, completions }} />;
}
