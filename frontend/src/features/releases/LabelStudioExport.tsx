import { Button, Group, Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { protocolsOptions } from "@/shared/api/queries";
import type { ProtocolKind } from "@/shared/api/types";

/** The kinds of work that Pairwise and Ranker can say. */
const KINDS: readonly ProtocolKind[] = ["comparison", "ranking"];

export function LabelStudioExport({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const protocols = (useInfiniteQuery(protocolsOptions(projectId)).data ?? []).filter(({ kind }) =>
    KINDS.includes(kind),
  );
  const [chosen, setChosen] = useState<string | null>(null);
  if (protocols.length === 0) return null;
  const id = chosen ?? String(protocols[0]?.id);
  return (
    <Panel title={t("releases.label_studio.title")} description={t("releases.label_studio.detail")}>
      <Group align="flex-end">
        <Select
          label={t("protocol.one")}
          w={280}
          allowDeselect={false}
          data={protocols.map((protocol) => ({ value: String(protocol.id), label: protocol.name }))}
          value={id}
          onChange={setChosen}
        />
        <Button
          component="a"
          href={`/api/projects/${projectId}/protocols/${id}/label-studio/`}
          download
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          {t("releases.label_studio.download")}
        </Button>
      </Group>
    </Panel>
  );
}
