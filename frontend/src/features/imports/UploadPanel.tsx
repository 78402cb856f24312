import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Import } from "@/shared/api/types";
import { importsOptions, upload } from "./api";
import { DropField } from "./DropField";

interface Props {
  projectId: number;
  onUploaded: (row: Import) => void;
}

/** The first step: a file is stored and looked at, and nothing comes in yet. */
export function UploadPanel({ projectId, onUploaded }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [share, setShare] = useState(0);
  const sending = useMutation({
    mutationFn: (file: File) => upload(projectId, file, setShare),
    onSuccess: async (row) => {
      await queries.invalidateQueries({ queryKey: importsOptions(projectId).queryKey });
      onUploaded(row);
    },
  });
  const send = (file: File) => {
    setShare(0);
    sending.mutate(file);
  };
  return (
    <Panel title={t("imports.new")} description={t("imports.new_detail")}>
      <ProblemNotice error={sending.error} />
      <DropField onFile={send} share={sending.isPending ? share : undefined} />
    </Panel>
  );
}
