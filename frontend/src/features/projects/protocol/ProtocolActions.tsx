import { Button, Group } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { ProblemNotice } from "@/shared/components/Problem";
import { boardOptions } from "@/shared/api/queries";
import type { Protocol, ProtocolState } from "@/shared/api/types";
import { saveProtocol } from "./api";
import { DuplicateButton } from "./DuplicateButton";

interface Props {
  projectId: number;
  protocol: Protocol;
  onChanged: () => void;
  onCopied: (protocol: Protocol) => void;
}

/** Pause, archive, copy. Whoever holds a task when it stops may finish it: both questions say so, and how many do. */
export function ProtocolActions({ projectId, protocol, onChanged, onCopied }: Props) {
  const { t } = useTranslation();
  const board = useQuery({ ...boardOptions(projectId), enabled: protocol.state !== "archived" }).data;
  const held = board?.claims.filter((claim) => claim.protocol === protocol.id).length ?? 0;
  const changing = useMutation({
    mutationFn: (state: ProtocolState) => saveProtocol(projectId, protocol.id, { state }),
    onSuccess: ({ state }) => {
      announce(t(`protocol.now.${state}`));
      onChanged();
    },
  });
  const stop = (label: string, question: string, detail: string, state: ProtocolState) => (
    <ConfirmButton
      size="sm"
      variant="default"
      color="gray"
      deedColor="fjord"
      label={label}
      question={question}
      detail={`${detail} ${t("protocol.held", { count: held })}`}
      onConfirm={() => changing.mutate(state)}
    />
  );
  const name = protocol.name;
  return (
    <Group gap="xs">
      <ProblemNotice error={changing.error} />
      {protocol.state === "active" &&
        stop(t("protocol.pause"), t("protocol.pause_question", { name }), t("protocol.pause_detail"), "paused")}
      {protocol.state !== "active" && (
        <Button variant="default" loading={changing.isPending} onClick={() => changing.mutate("active")}>
          {t(protocol.state === "paused" ? "protocol.resume" : "protocol.unarchive")}
        </Button>
      )}
      <DuplicateButton projectId={projectId} protocol={protocol} onCopied={onCopied} />
      {protocol.state !== "archived" &&
        stop(t("protocol.archive"), t("protocol.archive_question", { name }), t("protocol.archive_detail"), "archived")}
    </Group>
  );
}
